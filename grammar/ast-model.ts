// The statements of a model: settings, stripes, letters, embedding, head and checkpoint.
import type { Argument, Expression } from './ast-expressions.ts';
import type { Name, Node, Text } from './ast-node.ts';
import type { Shape } from './ast-shapes.ts';
import type {
  AxisStatement,
  ConstStatement,
  InputStatement,
  RequireStatement,
  Statement,
  WeightStatement,
} from './ast-statements.ts';
import type { Span } from './source.ts';
import type { fitKeys } from './words.ts';

export type ModelStatement =
  | Setting
  | Param
  | StripeStatement
  | LetterStatement
  | BlockStatement
  | NormStatement
  | EmbedStatement
  | HeadStatement
  | OutputStatement
  | InputStatement
  | CheckpointStatement
  | FitsStatement
  | RequireStatement
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

/** `SSM = mamba(state: 16), SWA = attention(heads: 6)`, optionally `shared`, or `shared(2)` for two sets of weights in turn. */
export interface LetterStatement extends Node {
  readonly kind: 'letters';
  readonly shared: boolean;
  readonly sets?: Expression;
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

/** `output hidden`, `output pooled per sequence { … }`: a value that the model gives; the stream itself without a body. */
export interface OutputStatement extends Node {
  readonly kind: 'output';
  readonly name: Name;
  /** One value for each sequence, that of its last position, rather than one for each position. */
  readonly perSequence: boolean;
  readonly body?: readonly Statement[];
}

/** `fits model_type "a", tensors "x", "y"`: a way to tell the checkpoints that this model runs; every clause must hold. */
export interface FitsStatement extends Node {
  readonly kind: 'fits';
  readonly clauses: readonly FitsClause[];
}
/** `architectures "A", "B"`: one of these, but of `fields` (of the config, `"layer.order"` one inside another) and `tensors` all. */
export interface FitsClause extends Node {
  readonly kind: 'fitsClause';
  readonly key: (typeof fitKeys)[number];
  readonly values: readonly Text[];
}

export interface CheckpointStatement extends Node {
  readonly kind: 'checkpoint';
  readonly entries: readonly CheckpointEntry[];
}

/**
 * One line of a checkpoint section.
 * `layer i "model.layers.{i}."` · `SSM "mamba.", norm "input_layernorm" { conv1d "conv1d.weight" as [channel, 1, taps] }` ·
 * `"in_proj.weight" as [x: channel + z: channel, width]` (no subjects: the labels are the weights) ·
 * `A_log "A_log" as [channel, n] = -exp(it)` · `optional bias "b"` · `ignore "rotary.inv_freq"` ·
 * `instead f "experts." { … }` (another layout, for files that lack the tensors of the line about `f`).
 */
export interface CheckpointEntry extends Node {
  readonly kind: 'checkpointEntry';
  readonly mode: 'plain' | 'optional' | 'ignore' | 'layer' | 'instead';
  /** Dotted names: `norm`, `SSM`, `f`, `MLP.f`; for `layer` the one name is the index variable. */
  readonly subjects: readonly (readonly Name[])[];
  /** Alternatives in order, `"a" | "b"`; may be empty where only nested entries follow. */
  readonly patterns: readonly TensorName[];
  /** `, norm "input_layernorm"`: further entries on the same line. */
  readonly also: readonly CheckpointEntry[];
  readonly stored?: StoredShape;
  /** A fold at load, an expression over `it`. */
  readonly fold?: Expression;
  readonly entries: readonly CheckpointEntry[];
}
/** `"a"`, or `"a" + "b"`: tensors one after the other along their first dimension, which the mapping takes for one. */
export interface TensorName extends Text {
  readonly and?: readonly Text[];
}
/** `[channel, 1, taps]`: the dimensions of the stored tensor, each a shape. */
export interface StoredShape extends Node {
  readonly kind: 'storedShape';
  readonly dimensions: readonly Shape[];
}
