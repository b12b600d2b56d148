// The sizes of a chunked recurrence: how many columns of the state a workgroup has, and how many keys are staged at once.
import type { Target } from './template.ts';
import { powerOfTwoAbove, powerOfTwoBelow } from './text.ts';

/** Tokens that are worked on together. */
export const CHUNK_TOKENS = 16;

export interface ChunkedShape {
  readonly keys: number;
  readonly values: number;
  /** How many vectors look at the state for each token: corrections and queries. */
  readonly rows: number;
  /** How many vectors are added to the state for each token: corrections and writes. */
  readonly sources: number;
  /** What the decay varies along, besides heads and tokens. */
  readonly decay: 'none' | 'head' | 'key';
}

export interface ChunkedTuning {
  readonly workgroup: number;
  /** Columns of the state that a workgroup has, a power of two. */
  readonly columns: number;
  /** Keys that are staged at once, a power of two. */
  readonly slice: number;
  readonly slices: number;
  /** Invocations that share the sum over the keys of one pair of tokens, and of one read of the state; powers of two. */
  readonly pairParts: number;
  readonly readParts: number;
}

const SIZES = { workgroup: 64, columns: [16, 8, 4, 2, 1], slices: [16, 8, 4] } as const;

/** The widest tiles that fit; nothing where none do. */
export function chunkedTuning(shape: ChunkedShape, target: Target): ChunkedTuning | undefined {
  const { keys, values, rows, sources } = shape;
  for (const columns of SIZES.columns)
    for (const slice of SIZES.slices) {
      if (columns > powerOfTwoAbove(values) || (slice > 4 && slice > powerOfTwoAbove(keys))) continue;
      const pairs = rows * sources * CHUNK_TOKENS;
      const workgroup = powerOfTwoAbove(Math.max(SIZES.workgroup, pairs, rows * columns));
      const parts = (count: number): number => Math.min(slice, powerOfTwoBelow(workgroup / count));
      const fits = 4 * sharedElements(shape, columns, slice) <= target.maxSharedBytes;
      if (!fits || workgroup > target.maxInvocations) continue;
      return {
        workgroup,
        columns,
        slice,
        slices: Math.ceil(keys / slice),
        pairParts: parts(pairs),
        readParts: parts(rows * columns),
      };
    }
  return undefined;
}

/** f32 values in workgroup memory: the state, the tiles, the pairs, what was read and what is written. */
function sharedElements(shape: ChunkedShape, columns: number, slice: number): number {
  const { keys, rows, sources } = shape;
  const tiles = (rows + sources) * slice + decayElements(shape, slice) / CHUNK_TOKENS;
  return keys * columns + CHUNK_TOKENS * (tiles + rows * sources * CHUNK_TOKENS + (rows + sources) * columns);
}

/** f32 values of the staged decays. */
export function decayElements({ decay }: Pick<ChunkedShape, 'decay'>, slice: number): number {
  return decay === 'none' ? 0 : CHUNK_TOKENS * (decay === 'key' ? slice : 1);
}
