// What there is to say about a compiled model, as plain JSON.
import type { KernelCost } from '../../runtime/plan.ts';
import type { DeviceProfile } from './devices.ts';

export interface Explanation {
  readonly name: string;
  readonly vocab: number;
  /** Why the whole sequence is one run and nothing is decoded, where it is. */
  readonly encoder: string | null;
  /** `frames [bands 80]`, where the model is given features. */
  readonly takes: string | null;
  /** `hidden [width 256]`, `pooled [class 10] per sequence`; just logits unless said. */
  readonly gives: readonly string[];
  readonly width: number;
  /** How many layers there are, embedding and head not counted. */
  readonly layers: number;
  /** How matrices are stored. */
  readonly dtype: 'f32' | 'f16';
  /** Tokens of a full prefill run. */
  readonly chunk: number;
  /** Most positions of a sequence; null where every state is bounded. */
  readonly capacity: number | null;
  /** The length, in positions, that costs per token are for. */
  readonly context: number;
  /** What predictions are for. */
  readonly device: DeviceProfile;
  /** Elements of all weights; one that is shared counts once. */
  readonly parameters: number;
  /** Floating-point operations that the model asks for to decode one token. */
  readonly flops: number;
  readonly weights: WeightStorage;
  /** Embedding, every letter of every layer, head, and what the plan adds, in order. Their sums are the totals. */
  readonly sites: readonly SiteCost[];
  readonly letters: readonly LetterCost[];
  /** One token: `decode` and `sample`; nothing of an encoder. */
  readonly decode: Work;
  /** A full run of a prompt that is the last one: `prefill` and `last`. */
  readonly prefill: Work;
  readonly derived: DerivedWork;
  readonly state: StateCost;
  readonly memory: DeviceMemory;
  readonly kernels: readonly KernelUse[];
  readonly recurrences: readonly RecurrenceSummary[];
  readonly convolutions: readonly ConvolutionSummary[];
  readonly fusions: readonly FusionSummary[];
  /** The same two programs on every device that has a profile. */
  readonly predictions: readonly Prediction[];
}

/** What is computed from weights in f64 on the host, once, when a model is loaded. */
export interface DerivedWork {
  readonly values: number;
  /** As f32 on the device. */
  readonly bytes: number;
  readonly flops: number;
}

export interface WeightStorage {
  readonly bytes: number;
  readonly encodings: readonly {
    readonly encoding: string;
    readonly elements: number;
    readonly bytes: number;
  }[];
  /** Bytes of the buffers that hold them, with padding, constants and derived values. */
  readonly allocated: number;
}

/** Bytes of the buffers that a session needs, the model's own among them. */
export interface DeviceMemory {
  readonly weights: number;
  readonly state: number;
  /** Of a run of tokens; a longer prompt is several runs and takes no more. */
  readonly activations: number;
  /** Control, tokens and logits. */
  readonly other: number;
}

/** What a list of dispatches does and how long the profile's device needs for it. */
export interface Work {
  readonly dispatches: number;
  /** The same of the plan with one kernel for each op, where that is known. */
  readonly unfused: number | null;
  readonly flops: number;
  readonly bytes: number;
  readonly barriers: number;
  /** Predicted: for each dispatch the longer of its traffic and its arithmetic, and the gap. */
  readonly microseconds: number;
}

/** One letter of one layer, or embedding, head, or a dispatch that the plan adds. */
export interface SiteCost {
  /** From 0; null outside the layers. */
  readonly layer: number | null;
  readonly label: string;
  /** Weights that an earlier site has as well are not counted again. */
  readonly parameters: number;
  readonly weightBytes: number;
  /** Operations that the graph asks for, one token. */
  readonly flops: number;
  readonly stateBytes: number;
  readonly decode: Work;
  readonly prefill: Work;
}

/** All sites of one letter. */
export interface LetterCost {
  readonly label: string;
  readonly inLayers: boolean;
  readonly sites: number;
  readonly parameters: number;
  readonly weightBytes: number;
  readonly flops: number;
  readonly stateBytes: number;
  readonly decode: Work;
  readonly prefill: Work;
  /** Dispatches of the site that has the most, one token; of an encoder, one sequence. */
  readonly perSite: { readonly fused: number; readonly unfused: number | null };
}

/** `recurrent` and `filter` have one size; `window` grows until the window is full; `cache` grows with every position. */
export type StateKind = 'recurrent' | 'filter' | 'window' | 'cache';

export interface StateCost {
  /** Bytes of one sequence at `Explanation.context`. */
  readonly bytes: number;
  readonly kinds: readonly { readonly kind: StateKind; readonly pieces: number; readonly bytes: number }[];
  readonly growth: readonly StateGrowth[];
  /** Bytes that a session takes on the device from the start: caches at their full size, windows with room for a prefill run. */
  readonly allocated: number;
  /** Bytes of a snapshot at `Explanation.context`, the logits among them. */
  readonly snapshot: number;
  /** What a session keeps for going back, unless told otherwise: at most so many copies of so many bytes. */
  readonly rollback: { readonly copies: number; readonly bytes: number };
}

export interface StateGrowth {
  /** Positions. */
  readonly context: number;
  /** Operations to decode the token after so many. */
  readonly flops: number;
  readonly bytes: number;
  readonly byKind: Readonly<Record<StateKind, number>>;
}

export interface KernelUse {
  readonly name: string;
  readonly title: string;
  readonly cost: KernelCost;
  readonly workgroup: readonly [number, number, number];
  readonly features: readonly string[];
  readonly uses: readonly KernelPlace[];
  /** Predicted, of one dispatch. */
  readonly microseconds: number;
  /** What the prediction is made of most. */
  readonly bound: Bound;
}

export type Bound = 'memory' | 'arithmetic' | 'dispatch';

/** How often one program calls the kernel, and for which letters. */
export interface KernelPlace {
  readonly program: string;
  readonly dispatches: number;
  readonly labels: readonly string[];
}

/** What a recurrence is, as its prefill kernel is chosen by. */
export interface RecurrenceSummary {
  readonly body: string;
  /** Sites that run this body. */
  readonly sites: number;
  /** `D`, `S`, `V` or `Δ`; null where the recurrence is not affine in one state. */
  readonly class: string | null;
  readonly reason: string;
  /** Its equation and what each letter stands for; empty if it has none. */
  readonly form: readonly string[];
  /** How prefill goes through it, and why. */
  readonly prefill: string;
}

/** A long convolution: its sizes, how a token by itself is done, and the form that prefill has, with what the others would take. */
export interface ConvolutionSummary {
  readonly body: string;
  /** Sites that run this body. */
  readonly sites: number;
  readonly name: string;
  readonly channels: number;
  /** Filters that differ. */
  readonly filters: number;
  /** Positions back and ahead that the filters reach. */
  readonly back: number;
  readonly ahead: number;
  readonly form: string;
  readonly prefill: string;
  readonly decode: string;
}

/** Equal rules of one body together. */
export interface FusionSummary {
  readonly body: string;
  /** Sites that run this body. */
  readonly sites: number;
  readonly fired: boolean;
  readonly rule: string;
  /** What it did, or why it was declined; equal ones once, with their number. */
  readonly details: readonly { readonly text: string; readonly count: number }[];
}

export interface Prediction {
  readonly device: DeviceProfile;
  readonly decodeMicroseconds: number;
  readonly prefillMicroseconds: number;
}
