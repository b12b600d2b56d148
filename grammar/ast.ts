// The syntax tree of a .hyb file: one readonly union by `kind`, each node with its span. This is the file and its declarations; the
// other parts are beside it.
import type { Expression } from './ast-expressions.ts';
import type { ModelStatement } from './ast-model.ts';
import type { Name, Node, Text } from './ast-node.ts';
import type { Statement } from './ast-statements.ts';
import type { Source, Span } from './source.ts';

export type * from './ast-node.ts';
export type * from './ast-model.ts';
export type * from './ast-shapes.ts';
export type * from './ast-statements.ts';
export type * from './ast-expressions.ts';

export interface File extends Node {
  readonly kind: 'file';
  readonly source: Source;
  readonly imports: readonly Import[];
  readonly declarations: readonly Declaration[];
  /** Every `//` and `///` comment with its slashes, in order, for the printer. */
  readonly comments: readonly Text[];
}

/** `import "gates.hyb"` brings in every declaration; `import { a, b } from "gates.hyb"` only those. */
export interface Import extends Node {
  readonly kind: 'import';
  readonly names?: readonly Name[];
  readonly path: string;
  readonly pathSpan: Span;
}

export type Declaration = Model | Mixer | Block | FunctionDeclaration;

/** `doc` holds the text of the `///` lines above, without the slashes, joined by newlines. */
interface Declared extends Node {
  readonly name: Name;
  readonly doc?: string;
}

/** `mixer mamba(state = 16) { … }`: from `u` (or its inputs) to one value. */
export interface Mixer extends Declared {
  readonly kind: 'mixer';
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

/** `block prenorm(f) { … }`: from the stream `x` to the new stream, with mixers as arguments. */
export interface Block extends Declared {
  readonly kind: 'block';
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

/** `function rms(x, w, over = axes(w), eps = 1e-5) { … }`: inlined where it is called; has no weights of its own. */
export interface FunctionDeclaration extends Declared {
  readonly kind: 'function';
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

export interface Parameter extends Node {
  readonly kind: 'parameter';
  readonly name: Name;
  readonly default?: Expression;
}

/** `model samba from config { … }`. */
export interface Model extends Declared {
  readonly kind: 'model';
  readonly fromConfig: boolean;
  readonly statements: readonly ModelStatement[];
}
