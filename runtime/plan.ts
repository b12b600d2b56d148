// The plan: the contract between the compiler and the runtime. Plain JSON; nothing here is code.
import type { SpectraStep } from './spectra-plan.ts';

export type { SpectraPlan, SpectraStep, Turns } from './spectra-plan.ts';

/** The version of this contract. The runtime refuses a plan of another version. */
export const PLAN_SCHEMA = 3;

/** Stands between the names of tensors that are read as one: each goes on where the one before ends, along their first dimension. */
export const TENSORS_JOINED = ' + ';

export interface Plan {
  readonly schema: typeof PLAN_SCHEMA;
  /** The model's name in the source. */
  readonly name: string;
  /** Equal for plans of one model, whatever they were compiled for; another model has another. */
  readonly identity: string;
  /** Token ids are 0 … vocab − 1; logits have this many entries. 0 where the model is given features. */
  readonly vocab: number;
  /** What the model is given at each position, where that is no token. */
  readonly features?: FeaturesPlan;
  /** What the model gives, where that is not just logits. */
  readonly outputs?: readonly OutputPlan[];
  /** Most tokens that one prefill run takes; longer prompts run chunk by chunk. */
  readonly chunk: number;
  /** Most positions a sequence may have, or null where every state is bounded (windows, recurrences). */
  readonly capacity: number | null;
  /** A clause that says what reads later positions, where something does: the whole sequence is then one run, and nothing is decoded. */
  readonly readsAhead?: string;
  /** Learned positions in front of every sequence: they run before its first token, with any token's number, and have no logits. */
  readonly prefix?: number;
  readonly requires: Requirements;
  readonly buffers: readonly BufferPlan[];
  readonly weights: readonly WeightPlan[];
  /** The same weights, by name, in files of another layout: taken where those of `weights` are not there and these are. */
  readonly otherwise?: readonly WeightPlan[];
  /** f32 values the compiler computed: per-layer constants, rotary frequencies. Written once at load. */
  readonly constants: readonly ConstantPlan[];
  /** f32 values computed from weights in f64, once at load, on the host: `const` expressions, filters, decays. */
  readonly derived: readonly DerivedPlan[];
  readonly states: readonly StatePlan[];
  readonly kernels: readonly KernelPlan[];
  readonly programs: Programs;
  /** Where what the runtime writes or reads by itself lies. */
  readonly io: IoPlan;
  /** Tensor names that may be in the file unread; `*` stands for any run of characters. */
  readonly ignored: readonly string[];
}

/** f32 values of each position. */
export interface FeaturesPlan {
  readonly name: string;
  readonly axes: readonly NamedAxis[];
  /** The product of the axes. */
  readonly elements: number;
}

export interface NamedAxis {
  readonly name: string;
  readonly size: number;
}

/** A value that the model gives, f32. */
export interface OutputPlan {
  readonly name: string;
  /** One for each position; or one for the sequence, which is the value at its last position. */
  readonly per: 'position' | 'sequence';
  readonly axes: readonly NamedAxis[];
  readonly elements: number;
  /** After `prefill` and `all`: the values of each position of the run, one after the other. */
  readonly rows: ValuePlace;
  /** After `decode`: the values of its position. */
  readonly one?: ValuePlace;
}

export interface ValuePlace {
  readonly buffer: number;
  readonly byteOffset: number;
}

export interface Requirements {
  readonly features: readonly string[];
  /** Limits above WebGPU's defaults that the plan needs, by their WebGPU names. */
  readonly limits: Readonly<Record<string, number>>;
}

/**
 * `weights` and `constants` are written at load, values derived from weights among the latter, `state` is what a snapshot copies and
 * reset clears to each state's initial value, `activations` live within one program, `control` and `tokens` see IoPlan.
 */
export type BufferUse = 'weights' | 'constants' | 'state' | 'activations' | 'control' | 'tokens' | 'logits';

export interface BufferPlan {
  readonly name: string;
  readonly use: BufferUse;
  /** A multiple of 16. */
  readonly bytes: number;
}

/** How elements of a weight are stored on the GPU; `f16` is two halves in each u32 word, low half first. */
export type WeightEncoding = 'f32' | 'f16';

/** And as a derived program reads them. */
export type ReadEncoding = WeightEncoding | 'f64';

export interface WeightPlan<Encoding extends ReadEncoding = WeightEncoding> {
  /** The weight's name in the model: `layers.0.SSM.in_proj`. */
  readonly name: string;
  /** Names to look for in the checkpoint, the first that is there wins; `a + b` is two tensors, one after the other. */
  readonly tensors: readonly string[];
  /** The shape the stored tensor must have, or the joined ones together. */
  readonly shape: readonly number[];
  /** Elements of the stored tensor before the first one that is read. */
  readonly sourceOffset: number;
  /** Elements of the destination, encoded as `encoding`, before the first one that is written; counted from `targetByteOffset`. */
  readonly buffer: number;
  readonly targetByteOffset: number;
  readonly encoding: Encoding;
  /** Outermost first. Strides in elements, of the stored tensor and of the destination. Gaps in the destination stay zero. */
  readonly dimensions: readonly { readonly size: number; readonly source: number; readonly target: number }[];
  /** Unary map ops applied to each element in order. */
  readonly fold: readonly string[];
  readonly optional: boolean;
}

export interface ConstantPlan {
  readonly buffer: number;
  readonly byteOffset: number;
  readonly values: readonly number[];
}

/** What one call of a body derives from its weights. Programs share nothing with each other. */
export interface DerivedPlan {
  /** Whose it is: `layers.0.SSM`. */
  readonly name: string;
  /** Floating-point operations, for people and progress. */
  readonly flops: number;
  /** f64 arrays, by index; all are zero at first. Freed after the last step that reads them. */
  readonly arrays: readonly DerivedArray[];
  /** How weights get into arrays: `buffer` is an array's index, targets count its elements in bytes of f64. */
  readonly weights: readonly WeightPlan<'f64'>[];
  /** See Plan. */
  readonly otherwise?: readonly WeightPlan<'f64'>[];
  /** In order. */
  readonly steps: readonly DerivedStep[];
}

export interface DerivedArray {
  readonly elements: number;
  /** What it holds at first, where it is a constant of the call. */
  readonly values?: readonly number[];
  /** Where its elements are written, as f32, when all steps are done. */
  readonly target?: { readonly buffer: number; readonly byteOffset: number };
}

export type DerivedStep = LoopStep | BlocksStep | FunctionStep | SpectraStep;

/** For every index of the loops, the last fastest: out = function(operands), or what all indices of the reduced loops combine to. */
export interface LoopStep {
  readonly kind: 'loop';
  /** A scalar function by its name; `copy` is its operand as it is. */
  readonly function: string;
  /** How often each loop runs, outermost first. */
  readonly sizes: readonly number[];
  readonly operands: readonly DerivedOperand[];
  /** The last `loops` loops are combined into one element. */
  readonly reduce?: { readonly combine: 'sum' | 'max'; readonly loops: number };
  readonly out: DerivedPlace;
  /** In blocks: the loop that runs over the block's rows. */
  readonly along?: number;
}

/** Element `offset + Σ index[loop]·strides[loop]` of an array. */
export interface DerivedPlace {
  readonly array: number;
  readonly offset: number;
  readonly strides: readonly number[];
  /** In blocks: elements to move for each row before the block; 0 unless given, as for an array that holds one block. */
  readonly advance?: number;
}

/** An element of an array; a number, `first + Σ index[loop]·strides[loop]`; or what an index that is itself a value finds. */
export type DerivedOperand =
  | DerivedPlace
  | { readonly first: number; readonly strides: readonly number[]; readonly advance?: number }
  | { readonly table: DerivedPlace; readonly at: DerivedPlace; readonly lookup: DerivedLookup };

/** The index counts the entries of the axes row-major: `sizes` and the table's `strides` along them. */
export interface DerivedLookup {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  /** An index behind the last is the last. */
  readonly clamp: boolean;
}

/** Steps for one block of rows after another, so that what lies between them stays small. */
export interface BlocksStep {
  readonly kind: 'blocks';
  /** Rows altogether, and of a block; the last block may have fewer. */
  readonly count: number;
  readonly rows: number;
  readonly steps: readonly LoopStep[];
}

/** A function of whole arrays, by its name: what loops cannot say. */
export interface FunctionStep {
  readonly kind: 'function';
  readonly function: string;
  /** Arrays, read from their first element on. */
  readonly inputs: readonly number[];
  readonly sizes: Readonly<Record<string, number>>;
  readonly out: number;
}

/** One piece of memory that a temporal op owns, for one sequence. */
export interface StatePlan {
  /** `layers.2.SWA.k`. */
  readonly name: string;
  /** `recurrent`, `window`, `cache`, `filter`: for people and reports. */
  readonly kind: string;
  readonly buffer: number;
  readonly byteOffset: number;
  readonly bytes: number;
  /** What every f32 word is at position 0. */
  readonly initial: number;
  /**
   * Positions by which a sequence can go back while this memory stays as it is: none for a recurrence; as many as a window's ring
   * keeps beyond what is read; null for any number, where every position has a row of its own.
   */
  readonly reach: number | null;
  /** Whether `settle` makes it from the other states, so that no copy has to hold it. */
  readonly remade?: true;
  /** Where every position has a row of its own: so many groups of rows of so many bytes, one row for each position. */
  readonly rows?: { readonly groups: number; readonly rowBytes: number };
  /** Named axes, outermost first, for people: `slot: 192, kv: 2, key: 32`. */
  readonly axes: readonly { readonly name: string; readonly size: number }[];
}

export type BindingAccess = 'read' | 'read_write';

export interface KernelPlan {
  /** The file's name without `.wgsl`, unique: `ssm_in_proj_conv_decode`. */
  readonly name: string;
  readonly wgsl: string;
  /** Bindings are `@group(0) @binding(i)`, storage buffers all, in this order. */
  readonly bindings: readonly {
    readonly name: string;
    readonly access: BindingAccess;
    readonly bytes: number;
  }[];
  readonly workgroup: readonly [number, number, number];
  readonly features: readonly string[];
  readonly cost: KernelCost;
  /** The lines of source that caused it. */
  readonly sources: readonly { readonly file: string; readonly line: number; readonly text: string }[];
  /** One sentence: what it computes. */
  readonly title: string;
}

/** Per token (decode) or per run of `tokens` tokens. Bytes are compulsory traffic. */
export interface KernelCost {
  readonly tokens: number;
  readonly flops: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly barriers: number;
}

/** A number of workgroups: fixed, or `times × ceil(tokens / tile)` for a run of `tokens` tokens. */
export type GridSize = number | { readonly tile: number; readonly times: number };

export interface Dispatch {
  readonly kernel: number;
  readonly bindings: readonly {
    readonly buffer: number;
    readonly byteOffset: number;
    readonly bytes: number;
  }[];
  readonly grid: readonly [GridSize, GridSize, GridSize];
  /** The layer, where there is one, and what a person calls the call: `SSM`, `head`. */
  readonly layer: number | null;
  readonly label: string;
  /** The values it leaves in memory, for checks. */
  readonly stores?: readonly StoredValue[];
}

/** A value in memory after a dispatch: f32, `elements` for each token of the run, one token after the other. */
export interface StoredValue {
  readonly name: string;
  /** The call and the node of the graph that the plan was made from. */
  readonly call: number;
  readonly node: number;
  readonly buffer: number;
  readonly byteOffset: number;
  readonly elements: number;
}

/**
 * All lists run in order, in one compute pass. What reads later positions has `prefill` and `all` alone, what has no logits no `last` and no `sample`.
 * A prompt: for each chunk `prefill`; then `last` for the last chunk when only the next token matters, or `rest` + `logits` when the
 * logits of every position of the chunk are wanted. A single token: `decode`. `sample` draws the next token from the
 * last logits and advances `control` and `tokens`, so that `decode` + `sample` can run again without the CPU.
 */
export interface Programs {
  /** Up to and including the last layer that writes state, for `count` tokens. */
  readonly prefill: readonly Dispatch[];
  /** What is left, for the chunk's last token alone, ending in `logits[0 … vocab)`. */
  readonly last: readonly Dispatch[];
  /** What is left, for all tokens of the chunk. Runs after `prefill`; ends in `allLogits[token][vocab]`. */
  readonly all: readonly Dispatch[];
  /**
   * What the positions that ran give to those to come, before `decode`, wherever the state came about otherwise than by `decode`: after a prefill,
   * or by going back. Reads and writes states alone; CONTROL.settled is the position of the token that follows.
   */
  readonly settle: readonly Dispatch[];
  /** One token, whole model, ending in `logits[0 … vocab)`. */
  readonly decode: readonly Dispatch[];
  readonly sample: readonly Dispatch[];
}

export interface IoPlan {
  /** u32 words, see CONTROL. */
  readonly control: number;
  /** u32 [chunk]: the token ids of the run; decode reads the first. */
  readonly tokens: number;
  /** f32 [chunk, elements]: the features of the run, instead of tokens; decode reads the first. */
  readonly features?: number;
  /** u32 [sampledRing]: the drawn tokens, at index (control[drawn] % sampledRing). */
  readonly sampled: number;
  readonly sampledRing: number;
  /** u32 [ceil(vocab / 32)]: a bit for every token that the sequence has had, the lowest bit first; for the repetition penalty. */
  readonly seen: number;
  /** f32 [vocab]. */
  readonly logits: number;
  /** f32 [chunk, vocab]. */
  readonly allLogits: number;
}

/** Word indices in the control buffer (16 words). Floats are stored by their bits. */
export const CONTROL = {
  /** Positions before this run, that is the index of the run's first token. */
  position: 0,
  /** Tokens in this run. */
  count: 1,
  /** Tokens drawn so far, which also numbers the random stream. */
  drawn: 2,
  seed: 3,
  /** f32; 0 is greedy. */
  temperature: 4,
  /** 0 is off. */
  topK: 5,
  /** f32; 1 is off. */
  topP: 6,
  /** Set to 1 by `sample` when a logit was not finite. */
  broken: 7,
  /** f32; 1 is off. */
  repetitionPenalty: 8,
  /** f32; 0 is off. */
  minP: 9,
  /** Where `settle` ran last. */
  settled: 10,
  words: 16,
} as const;

/** What a session keeps for going back, unless told otherwise; see RollbackOptions. */
export const ROLLBACK = {
  every: 256,
  copies: 8,
  bytes: 128 * 2 ** 20,
  tokens: 2 ** 20,
} as const;
