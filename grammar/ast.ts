// The syntax tree of a .hyb file: one readonly union by `kind`, each node with its span.
import type { Source, Span } from './source.ts';

export interface Node {
  readonly span: Span;
}

/** A name as it was written, with its place. */
export interface Name extends Node {
  readonly text: string;
}

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

// ---------------------------------------------------------------------------------------------- model

export type ModelStatement =
  | Setting
  | Param
  | StripeStatement
  | LetterStatement
  | BlockStatement
  | NormStatement
  | EmbedStatement
  | HeadStatement
  | CheckpointStatement
  | WeightStatement
  | ConstStatement
  | AxisStatement;

/** `vocab 1024`, `width 192`, `meta 128`, `context 4096`: a word the model knows and its value. */
export interface Setting extends Node {
  readonly kind: 'setting';
  readonly name: Name;
  readonly value: Expression;
}

/** `param heads = config.num_attention_heads`. */
export interface Param extends Node {
  readonly kind: 'param';
  readonly name: Name;
  readonly value: Expression;
}

export interface StripeStatement extends Node {
  readonly kind: 'stripe';
  readonly stripe: Stripe;
}

/** One layer is a list of letters (`&`); a stripe is a list of layers, nested and repeated. */
export type Stripe =
  | StripeList
  | StripeParallel
  | StripeRepeat
  | StripeLetter
  | StripeIf
  | StripeFrom
  | StripePattern
  | StripeLayers;

/** `A, B, C` */
export interface StripeList extends Node {
  readonly kind: 'stripeList';
  readonly items: readonly Stripe[];
}
/** `A & B`, also `(A, B)×8 & C` */
export interface StripeParallel extends Node {
  readonly kind: 'stripeParallel';
  readonly items: readonly Stripe[];
}
/** `A×3`, `(A, B) * n`; binds to the letter or bracket before it. */
export interface StripeRepeat extends Node {
  readonly kind: 'stripeRepeat';
  readonly of: Stripe;
  readonly count: Expression;
}
export interface StripeLetter extends Node {
  readonly kind: 'stripeLetter';
  readonly name: Name;
}
/** `if i % 2 == 0 then A else B`, inside `layers(n) { … }` or with constant conditions anywhere. */
export interface StripeIf extends Node {
  readonly kind: 'stripeIf';
  readonly condition: Expression;
  readonly then: Stripe;
  readonly else: Stripe;
}
/** `from config.layer_types { "linear_attention": GDN, … }`: one layer for each item of a list. */
export interface StripeFrom extends Node {
  readonly kind: 'stripeFrom';
  readonly list: Expression;
  readonly cases: readonly StripeCase[];
}
/** `pattern config.hybrid_override_pattern { "M": SSM, … }`: one layer for each character of a string. */
export interface StripePattern extends Node {
  readonly kind: 'stripePattern';
  readonly pattern: Expression;
  readonly cases: readonly StripeCase[];
}
export interface StripeCase extends Node {
  readonly kind: 'stripeCase';
  readonly key: string;
  readonly keySpan: Span;
  readonly stripe: Stripe;
}
/** `from layers(n) { … }`: the body once for each `i` from 0; `index` is the name written, `i` unless told. */
export interface StripeLayers extends Node {
  readonly kind: 'stripeLayers';
  readonly count: Expression;
  readonly body: Stripe;
}

/** `SSM = mamba(state: 16), SWA = attention(heads: 6)`, optionally `shared`. */
export interface LetterStatement extends Node {
  readonly kind: 'letters';
  readonly shared: boolean;
  readonly letters: readonly LetterBinding[];
}
export interface LetterBinding extends Node {
  readonly kind: 'letter';
  readonly name: Name;
  readonly value: Expression;
}

/** `block sandwich`: the block that bare mixers are wrapped in. */
export interface BlockStatement extends Node {
  readonly kind: 'modelBlock';
  readonly value: Expression;
}

/** `norm rms(eps: 1e-5)`, optionally `, bias`: the model's norm is this library function. */
export interface NormStatement extends Node {
  readonly kind: 'modelNorm';
  readonly value: Expression;
  readonly bias: boolean;
}

/** Short form `embed scale: sqrt(width), positions: 1024`, or the body written out. */
export interface EmbedStatement extends Node {
  readonly kind: 'embed';
  readonly options: readonly Argument[];
  readonly body?: readonly Statement[];
}

/** `head tied`, `head untied`, `head tied if config.tie_word_embeddings`, with options, or the body written out. */
export interface HeadStatement extends Node {
  readonly kind: 'head';
  readonly tied?: boolean;
  readonly condition?: Expression;
  readonly options: readonly Argument[];
  readonly body?: readonly Statement[];
}

export interface CheckpointStatement extends Node {
  readonly kind: 'checkpoint';
  readonly entries: readonly CheckpointEntry[];
}

/**
 * One line of a checkpoint section.
 * `layer i "model.layers.{i}."` · `SSM "mamba.", norm "input_layernorm" { conv1d "conv1d.weight" as [channel, 1, taps] }` ·
 * `"in_proj.weight" as [x: channel + z: channel, width]` (no subjects: the labels are the weights) ·
 * `A_log "A_log" as [channel, n] = -exp(it)` · `optional bias "b"` · `ignore "rotary.inv_freq"`.
 */
export interface CheckpointEntry extends Node {
  readonly kind: 'checkpointEntry';
  readonly mode: 'plain' | 'optional' | 'ignore' | 'layer';
  /** Dotted names: `norm`, `SSM`, `f`, `MLP.f`; for `layer` the one name is the index variable. */
  readonly subjects: readonly (readonly Name[])[];
  /** Alternatives in order, `"a" | "b"`; may be empty where only nested entries follow. */
  readonly patterns: readonly Text[];
  /** `, norm "input_layernorm"`: further entries on the same line. */
  readonly also: readonly CheckpointEntry[];
  readonly stored?: StoredShape;
  /** A fold at load, an expression over `it`. */
  readonly fold?: Expression;
  readonly entries: readonly CheckpointEntry[];
}
export interface Text extends Node {
  readonly kind: 'text';
  readonly value: string;
}
/** `[channel, 1, taps]`: the dimensions of the stored tensor, each a shape. */
export interface StoredShape extends Node {
  readonly kind: 'storedShape';
  readonly dimensions: readonly Shape[];
}

// ---------------------------------------------------------------------------------------------- shapes

/** A sum of products of axes: `q: heads * part + k: kv * part`. One term without a label is a plain product. */
export interface Shape extends Node {
  readonly kind: 'shape';
  readonly terms: readonly ShapeTerm[];
}
export interface ShapeTerm extends Node {
  readonly kind: 'shapeTerm';
  readonly label?: Name;
  readonly factors: readonly ShapeFactor[];
}
export type ShapeFactor = AxisFactor | SizeFactor | FilterFactor | GroupFactor;
export interface AxisFactor extends Node {
  readonly kind: 'axisFactor';
  readonly name: Name;
}
/** A bare number, only in stored shapes. */
export interface SizeFactor extends Node {
  readonly kind: 'sizeFactor';
  readonly size: number;
}
/** `taps(conv)`, `lag(n)`: a filter axis, with its orientation. Without a size in stored shapes: `taps`. */
export interface FilterFactor extends Node {
  readonly kind: 'filterFactor';
  readonly orientation: 'taps' | 'lag';
  readonly size?: Expression;
}
/** `(x + z)` inside a product, only in stored shapes. */
export interface GroupFactor extends Node {
  readonly kind: 'groupFactor';
  readonly shape: Shape;
}

// ---------------------------------------------------------------------------------------------- statements

export type Statement =
  | AxisStatement
  | InputStatement
  | WeightStatement
  | PartStatement
  | ConstStatement
  | ExposeStatement
  | NormInstances
  | Assignment
  | Scan
  | For
  | If
  | Return;

export type Dtype = 'f32' | 'f16' | 'bf16' | 'complex';

/** `axis channel = inner, n = state`: a number, a product of axes, or a filter axis. */
export interface AxisStatement extends Node {
  readonly kind: 'axis';
  readonly axes: readonly AxisBinding[];
}
export interface AxisBinding extends Node {
  readonly kind: 'axisBinding';
  readonly name: Name;
  readonly value: Expression;
}

/** `input memory : channel = none, keys : kv * key`. */
export interface InputStatement extends Node {
  readonly kind: 'input';
  readonly inputs: readonly InputBinding[];
}
export interface InputBinding extends Node {
  readonly kind: 'inputBinding';
  readonly name: Name;
  readonly shape: Shape;
  /** Only `none` has a meaning: the input may be absent. */
  readonly default?: Expression;
}

/** `weight q, k : per head, width -> heads * key, bias, per site in f32`. */
export interface WeightStatement extends Node {
  readonly kind: 'weight';
  readonly names: readonly Name[];
  /** The axes after a leading `per`. */
  readonly per: readonly Name[];
  /** The left of the arrow; absent for a weight that is no map. */
  readonly from?: Shape;
  readonly to: Shape;
  /** `bias`, or `bias: if qkv_bias` … the condition must be constant. */
  readonly bias?: Expression | true;
  readonly perSite: boolean;
  readonly dtype?: Dtype;
}

/** `part ssm = mamba_core(state: 16), f = of per expert`. */
export interface PartStatement extends Node {
  readonly kind: 'part';
  readonly parts: readonly PartBinding[];
}
export interface PartBinding extends Node {
  readonly kind: 'partBinding';
  readonly name: Name;
  readonly value: Expression;
  readonly per?: Name;
}

export interface ConstStatement extends Node {
  readonly kind: 'const';
  readonly names: readonly Name[];
  readonly value: Expression;
  readonly dtype?: Dtype;
}

/** `expose memory = y + D * x, k` (without a value: the local name). */
export interface ExposeStatement extends Node {
  readonly kind: 'expose';
  readonly exposed: readonly ExposeBinding[];
}
export interface ExposeBinding extends Node {
  readonly kind: 'exposeBinding';
  readonly name: Name;
  readonly value?: Expression;
}

/** `norm both : width + width, mid, before`: instances of the model's norm, each with its own weight. */
export interface NormInstances extends Node {
  readonly kind: 'norms';
  readonly norms: readonly NormInstance[];
}
export interface NormInstance extends Node {
  readonly kind: 'normInstance';
  readonly name: Name;
  readonly shape?: Shape;
}

/** `x, z = in_proj(u) in f32`. */
export interface Assignment extends Node {
  readonly kind: 'assignment';
  readonly names: readonly Name[];
  readonly value: Expression;
  readonly dtype?: Dtype;
}

/** `scan C[head, k, v] = 0, n[head, k] scaled by m[head] { … }`. */
export interface Scan extends Node {
  readonly kind: 'scan';
  readonly states: readonly ScanState[];
  readonly scaledBy?: ScanState;
  readonly dtype?: Dtype;
  readonly body: readonly Statement[];
}
export interface ScanState extends Node {
  readonly kind: 'scanState';
  readonly name: Name;
  readonly axes: readonly Name[];
  readonly initial?: Expression;
}

/** `for j in 0..n { … }`: unrolled; `to` is excluded. */
export interface For extends Node {
  readonly kind: 'for';
  readonly name: Name;
  readonly from: Expression;
  readonly to: Expression;
  readonly body: readonly Statement[];
}

/** `if rope != none { … } else { … }`: chosen at compile time. */
export interface If extends Node {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: readonly Statement[];
  readonly else?: readonly Statement[];
}

export interface Return extends Node {
  readonly kind: 'return';
  readonly value: Expression;
}

// ---------------------------------------------------------------------------------------------- expressions

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NoneLiteral
  | Reference
  | ListLiteral
  | Unary
  | Binary
  | Conditional
  | Call
  | Member
  | Index;

export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
}
export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}
export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean;
}
export interface NoneLiteral extends Node {
  readonly kind: 'none';
}
/** A name: a value, an axis, a callable, a parameter, `config`, `layer`, `model`, `site`. */
export interface Reference extends Node {
  readonly kind: 'reference';
  readonly name: string;
}
export interface ListLiteral extends Node {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
export type UnaryOperator = '-' | 'not';
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}
/** `|` takes the first side that is there. Precedence, loosest first: `|`, or, and, not, comparisons and in, + -, * / %, unary -, ^. */
export type BinaryOperator =
  '|' | 'or' | 'and' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%' | '^';
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
}
/** `if c then a else b`: chosen at compile time. */
export interface Conditional extends Node {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly else: Expression;
}
/** `f(x, over: part)`; `list.index(i)` is a call of a member. */
export interface Call extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}
export interface Argument extends Node {
  readonly kind: 'argument';
  readonly name?: Name;
  readonly value: Expression;
}
/** `config.hidden_size`, `layer.index`, `LAST.memory`. */
export interface Member extends Node {
  readonly kind: 'member';
  readonly of: Expression;
  readonly name: Name;
}
/** `z[stage = j, two = 0]`: one index of each named axis. */
export interface Index extends Node {
  readonly kind: 'index';
  readonly of: Expression;
  readonly indices: readonly IndexBinding[];
}
export interface IndexBinding extends Node {
  readonly kind: 'indexBinding';
  readonly axis: Name;
  readonly value: Expression;
}
