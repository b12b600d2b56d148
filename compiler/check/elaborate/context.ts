// What elaboration knows while it walks: the program, the body under construction, and the frame it stands in.
import type {
  Block,
  Declaration,
  Expression,
  FunctionDeclaration,
  Mixer,
  Model,
  ScanState,
} from '../../../grammar/ast.ts';
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import type { Axis, ValueType } from '../../ir/graph.ts';
import type { Constant } from '../constant.ts';
import type { GraphBuilder } from './graph-builder.ts';
import {
  failed,
  type BoundArgument,
  type CheckedAxis,
  type Failed,
  type FunctionCallable,
  type LagAxisKind,
  type TensorValue,
} from './value.ts';
import type { Scope } from './scope.ts';
import type { Owner, WeightDeclaration } from './weight.ts';

/** One check of one model: where to report, what is declared, and the work that may still be done. */
export interface Program {
  report(diagnostic: Diagnostic): void;
  /** A mixer, block or function of the file, its imports or the library. */
  declaration(name: string): Exclude<Declaration, Model> | undefined;
  declarationNames(): readonly string[];
  /** The block that bare mixers are wrapped in where the model says none. */
  usualBlock(): Exclude<Declaration, Model> | undefined;
  /** The declarations that a declaration's body names. */
  references(
    declaration: Mixer | Block | FunctionDeclaration,
  ): readonly (Mixer | Block | FunctionDeclaration)[];
  /** What the search for recursion found. */
  readonly cycles: Map<
    Mixer | Block | FunctionDeclaration,
    readonly (Mixer | Block | FunctionDeclaration)[] | undefined
  >;
  /** Expressions that may still be evaluated; a model that needs more is refused. */
  readonly budget: { left: number; exhausted: boolean };
  readonly model: ModelContext;
}

/** What bodies may ask about the model. */
export interface ModelContext {
  readonly scope: Scope;
  readonly norm: ModelNorm | undefined;
  readonly meta: Constant;
  readonly positions: Positions;
  /** What a letter exposes; elaborates the letter's body. Undefined where the letter is not in the model. */
  exposed(letter: string): LetterExposes;
}
/** How far a sequence goes: what the plan has room for, and what the model itself says, where it does. */
export interface Positions {
  readonly planned: number;
  readonly context: number | undefined;
  /** The planned ones with the learned prefix; undefined until the model's settings are read. */
  readonly room: number | undefined;
}
export type LetterExposes =
  | {
      readonly kind: 'exposes';
      readonly values: ReadonlyMap<string, ValueType & { readonly labels: readonly string[] }>;
    }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'cycle'; readonly letters: readonly string[] }
  | { readonly kind: 'failed' };

export interface ModelNorm {
  readonly callable: FunctionCallable;
  readonly arguments: readonly BoundArgument[];
  readonly bias: boolean;
  readonly span: Span;
}

/** One occurrence that shares the body: its layer (absent for embedding and head) and its how-many-eth it is. */
export interface Occurrence {
  readonly layer?: number;
  readonly site: number;
}

/** The body under construction. */
export interface BodyContext {
  readonly program: Program;
  readonly name: string;
  /** Where the letter is bound. */
  readonly origin?: Span;
  readonly graph: GraphBuilder;
  readonly occurrences: readonly Occurrence[];
  readonly layerCount: number;
  readonly siteCount: number;
  /** From an axis' label and size to its name in this body. */
  readonly axisNames: Map<string, string>;
  /** Axes of lags, by name, and which way they run. */
  readonly lagAxes: Map<string, LagAxisKind>;
  /** The axes that a sum axis lays one after the other, by the sum's name. */
  readonly sums: Map<string, readonly (readonly CheckedAxis[])[]>;
  /** Weight nodes by name, and what they are. */
  readonly slots: Map<string, WeightSlot>;
  /** Every weight that was declared, for checkpoint sections that name dead ones. */
  readonly declaredWeights: Map<string, WeightDeclaration>;
  /** Every part that was declared, for checkpoint sections that name ones nothing calls. */
  readonly declaredParts: Map<string, DeclaredPart>;
  readonly exposed: Map<string, TensorValue>;
  /** Values of the `parameter` nodes: one list for each occurrence. */
  readonly parameters: Map<string, readonly (readonly number[])[]>;
  /** The `input` nodes that read another letter's value. */
  readonly reads: Map<string, Read>;
  /** How often each recipe was placed under a name, so that every place has its own weights. */
  readonly places: Map<string, number>;
  /** The scan whose body is being elaborated. */
  scan?: ScanContext;
}
/** A mixer inside a body, and the body's own place. */
export interface DeclaredPart {
  readonly owner: Owner;
  readonly name: string;
}
export interface Read {
  /** Absent for the embedding stream. */
  readonly letter?: string;
  readonly output: string;
  readonly span: Span;
}
/** A weight node of the body: the tensor of one term, or its bias. */
export interface WeightSlot {
  readonly weight: WeightDeclaration;
  readonly term: number;
  readonly bias: boolean;
  /** Which part of a complex weight. */
  readonly part?: 're' | 'im';
  readonly axes: readonly Axis[];
}
export interface ScanContext {
  readonly graph: GraphBuilder;
  readonly operands: TensorValue[];
  /** Where the states are kept divided by an exponential. */
  readonly scaling?: Scaling;
}
/** What a scan is `scaled by`, and what its states were assigned so far. */
export interface Scaling {
  readonly stabiliser: ScanState;
  readonly states: ReadonlySet<string>;
  /** The scope of the scan's body. */
  readonly scope: Scope;
  readonly assigned: TensorValue[];
}

/** One entry of the declarations that are being elaborated, innermost last. */
export interface Frame {
  readonly body: BodyContext;
  readonly scope: Scope;
  readonly owner: Owner;
  readonly declaration?: Mixer | Block | FunctionDeclaration;
  /** Named arguments that `input` statements take. */
  readonly given?: ReadonlyMap<string, BoundArgument>;
  readonly outer?: Frame;
  /** Where the mixer that runs was given its arguments. */
  readonly made?: Span;
  readonly depth: number;
  /** In a model's own block: the parameter whose mixer is the letter itself, so that its weights need no name of a place. */
  readonly wrapped?: string;
  /** Whether names of the model (letters, config) may be said here. */
  readonly model: boolean;
}

/** Reports, and gives the value that keeps what follows silent. */
export function fail(frame: Frame, diagnostic: Diagnostic): Failed {
  frame.body.program.report(withOrigin(frame.body, diagnostic));
  return failed;
}

/** A mistake inside a library file also points at the letter that led there. */
function withOrigin({ origin }: BodyContext, diagnostic: Diagnostic): Diagnostic {
  const { primary, secondary = [] } = diagnostic;
  if (origin === undefined || primary === undefined) return diagnostic;
  const here = [primary, ...secondary].some(({ span }) => span.source === origin.source);
  return here
    ? diagnostic
    : { ...diagnostic, secondary: [...secondary, { span: origin, text: 'in this letter' }] };
}

/** Counts one step of work; false when the model has used up what any model needs. */
export function spend(frame: Frame, at: Expression, refuse: (span: Span) => Diagnostic): boolean {
  const { budget } = frame.body.program;
  if (budget.exhausted) return false;
  budget.left -= 1;
  if (budget.left >= 0) return true;
  budget.exhausted = true;
  frame.body.program.report(refuse(at.span));
  return false;
}
