// What the chunked template is given, and what its parts share while the kernel is written.
import type { TokenRange } from './contract.ts';
import type { ChunkedShape, ChunkedTuning } from './chunked-tuning.ts';
import type { Hook } from './template.ts';
import type { Code } from './wgsl.ts';

/** An element of a vector along the keys. */
export type KeyHook = Hook<[token: string, head: string, key: string]>;
export type ValueHook = Hook<[token: string, head: string, value: string]>;

export interface ChunkedSpec {
  readonly heads: number;
  readonly keys: number;
  readonly values: number;
  readonly tokens: TokenRange;
  /** Absent where the state does not decay. */
  readonly decay?: { readonly along: 'head' | 'key'; readonly read: KeyHook };
  /** Vectors that look at the state before the token; the first ones are those of the corrections, in order. */
  readonly before: readonly KeyHook[];
  /** Vectors that look at the state after the token. */
  readonly after: readonly KeyHook[];
  /** What is added along what a correction's vector finds. */
  readonly corrections: readonly KeyHook[];
  readonly writes: readonly { readonly k: KeyHook; readonly v: ValueHook }[];
  readonly stateRead: Hook<[head: string, key: string, value: string]>;
  readonly stateWrite: (code: Code, head: string, key: string, value: string, text: string) => void;
  /** Stores the result; `rows` are what the vectors found, `before` first, but for those of the corrections. */
  readonly finish: (code: Code, token: string, head: string, value: string, rows: readonly string[]) => void;
  readonly reserved: readonly string[];
}

/** Variables in workgroup memory and in registers, by their names in the kernel. */
export const CHUNKED_NAMES = [
  'state',
  'row_tile',
  'source_tile',
  'decays',
  'pairs',
  'found',
  'written',
  'count',
  'head',
  'first_value',
  'first_token',
  'pair',
  'pair_part',
  'source_token',
  'pair_after',
  'column',
  'row',
  'read_part',
  'read_after',
  'pair_sums',
  'read_sums',
] as const;

export interface ChunkedKernel {
  readonly spec: ChunkedSpec;
  readonly tuning: ChunkedTuning;
  readonly shape: ChunkedShape;
  readonly at: Readonly<Record<(typeof CHUNKED_NAMES)[number], string>>;
}

export function shapeOf(spec: ChunkedSpec): ChunkedShape {
  return {
    keys: spec.keys,
    values: spec.values,
    rows: spec.before.length + spec.after.length,
    sources: spec.corrections.length + spec.writes.length,
    decay: spec.decay?.along ?? 'none',
  };
}
