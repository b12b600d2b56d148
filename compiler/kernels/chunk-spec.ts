// What the kernels of a chunked recurrence are given, and what they share.
import type { ChunkedTuning } from './chunk-sizes.ts';
import type { TokenRange } from './contract.ts';
import type { RecurrenceShape } from './recurrence-shape.ts';
import type { Hook } from './template.ts';
import type { Code } from './wgsl.ts';

/** An element of a vector along the keys. */
export type KeyHook = Hook<[token: string, head: string, key: string]>;
export type ValueHook = Hook<[token: string, head: string, value: string]>;

/** One step of a token: as many vectors of each kind as the step that has most; those that are absent are zero. */
export interface StepHooks {
  /** Absent where the state does not decay. */
  readonly decay: KeyHook | undefined;
  /** Vectors that look at the state before the step; the first ones are those of the corrections, in order. */
  readonly before: readonly (KeyHook | undefined)[];
  /** Vectors that look at the state after the step. */
  readonly after: readonly (KeyHook | undefined)[];
  /** What is added along what a correction's vector finds. */
  readonly corrections: readonly (KeyHook | undefined)[];
  readonly writes: readonly ({ readonly k: KeyHook; readonly v: ValueHook } | undefined)[];
}

export interface ChunkSpec {
  readonly shape: RecurrenceShape;
  readonly tuning: ChunkedTuning;
  readonly tokens: TokenRange;
  /** The steps of one token, in order. */
  readonly steps: readonly StepHooks[];
  /** Sums over the keys that the vectors are made from, each for one token and head; later ones may need earlier ones. */
  readonly sums: readonly Hook<[token: string, head: string]>[];
  /** Tells the vectors which variable has a sum, so that they need not add up anew. */
  readonly bindSum: (sum: number, text: string | undefined) => void;
  readonly stateRead: Hook<[head: string, key: string, value: string]>;
  readonly stateWrite: (code: Code, head: string, key: string, value: string, text: string) => void;
  /** Stores the result; `rows` are what the vectors found, `before` first, but for those of the corrections. */
  readonly finish: (code: Code, token: string, head: string, value: string, rows: readonly string[]) => void;
  /** Scratch memory, quads of f32. */
  readonly scratch: string;
  /** Tokens of a segment, a multiple of a chunk's, where segments go in parallel. */
  readonly segment?: number;
  readonly reserved: readonly string[];
}
