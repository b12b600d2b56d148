// The sizes of a chunked recurrence: tokens of a chunk, keys that are staged at once, and columns of the state of one workgroup.
import { internal } from '../ir/internal.ts';
import type { RecurrenceShape } from './recurrence-shape.ts';
import type { Target } from './template.ts';
import { powerOfTwoAbove, powerOfTwoBelow } from './text.ts';

/** Tokens that are worked on together, virtual ones where a token has several steps; twice as many where workgroups have twice the default memory. */
export const CHUNK_TOKENS = 16;

export interface ChunkedTuning {
  /** Of a chunk: real tokens, and as many times more virtual ones as a token has steps; a multiple of four. */
  readonly whole: number;
  readonly tokens: number;
  readonly prepare: PrepareTuning;
  readonly walk: WalkTuning;
}

/** What can be said of a chunk without the state: one workgroup for each chunk and head. */
export interface PrepareTuning {
  readonly workgroup: number;
  /** Keys that are staged at once, a power of two. */
  readonly slice: number;
  readonly slices: number;
  /** Invocations that share the sum over the keys of one pair of tokens, a power of two. */
  readonly parts: number;
}

/** The walk of the state over the chunks: one workgroup for each head and tile of columns. */
export interface WalkTuning {
  readonly workgroup: number;
  /** Columns of the state that a workgroup has, a power of two. */
  readonly columns: number;
  /** Tokens that one invocation looks at the state for at once, a power of two. */
  readonly group: number;
}

const SIZES = { workgroup: 64, columns: [16, 8, 4, 2, 1], slices: [32, 16, 8, 4], group: 4 } as const;
const WIDE_BYTES = 32_768;
/** WebGPU's default limit of what a kernel can bind. */
const SCRATCH_BYTES = 134_217_728;

/** The longest chunks and widest tiles that fit; nothing where none do. `tokens` is the most of one run. */
export function chunkedTuning(
  shape: RecurrenceShape,
  target: Target,
  tokens: number,
): ChunkedTuning | undefined {
  const wide = target.maxSharedBytes >= WIDE_BYTES && tokens > CHUNK_TOKENS;
  for (const most of wide ? [2 * CHUNK_TOKENS, CHUNK_TOKENS] : [CHUNK_TOKENS]) {
    const whole = 4 * Math.max(1, Math.floor(most / shape.steps / 4));
    const chunk = whole * shape.steps;
    const prepare = prepareTuning(shape, target, chunk);
    const walk = walkTuning(shape, target, chunk);
    if (prepare === undefined || walk === undefined) continue;
    if (16 * scratchQuads(shape, { whole, tokens: chunk }, tokens) <= SCRATCH_BYTES)
      return { whole, tokens: chunk, prepare, walk };
  }
  return undefined;
}

function prepareTuning(shape: RecurrenceShape, target: Target, tokens: number): PrepareTuning | undefined {
  const lines = rowsOf(shape) * sourcesOf(shape) * tokens;
  const workgroup = powerOfTwoAbove(Math.max(SIZES.workgroup, lines));
  if (workgroup > target.maxInvocations) return undefined;
  for (const slice of SIZES.slices) {
    if (slice > 4 && slice > powerOfTwoAbove(shape.keys)) continue;
    if (4 * prepareFloats(shape, tokens, slice) > target.maxSharedBytes) continue;
    const parts = Math.min(slice, powerOfTwoBelow(workgroup / lines));
    return { workgroup, slice, slices: Math.ceil(shape.keys / slice), parts };
  }
  return undefined;
}

function walkTuning(shape: RecurrenceShape, target: Target, tokens: number): WalkTuning | undefined {
  for (const columns of SIZES.columns) {
    if (columns > powerOfTwoAbove(shape.values)) continue;
    if (4 * walkFloats(shape, tokens, columns) > target.maxSharedBytes) continue;
    const workgroup = Math.min(SIZES.workgroup, powerOfTwoBelow(target.maxInvocations));
    const group = Math.min(SIZES.group, powerOfTwoBelow((tokens * columns) / workgroup));
    return { workgroup, columns, group };
  }
  return undefined;
}

/** f32 values in workgroup memory: the vectors of a slice, decays, and the pairs of tokens. */
function prepareFloats(shape: RecurrenceShape, tokens: number, slice: number): number {
  const tiles = (rowsOf(shape) + sourcesOf(shape)) * slice + (shape.decay === 'key' ? slice : 1);
  return tokens * (tiles + shape.sums + rowsOf(shape) * sourcesOf(shape) * tokens);
}

/** f32 values in workgroup memory: the state's columns, and what the chunk's tokens write along them. */
function walkFloats(shape: RecurrenceShape, tokens: number, columns: number): number {
  return columns * (4 * keyQuads(shape) + sourcesOf(shape) * tokens);
}

/** Vectors that look at the state: of corrections, of reads before and after the token. */
export function rowsOf({ before, after }: Pick<RecurrenceShape, 'before' | 'after'>): number {
  return before + after;
}

/** Vectors that are added to the state: along corrections and of writes. */
export function sourcesOf({ corrections, writes }: Pick<RecurrenceShape, 'corrections' | 'writes'>): number {
  return corrections + writes;
}

export function keyQuads({ keys }: Pick<RecurrenceShape, 'keys'>): number {
  return Math.ceil(keys / 4);
}

/** Where in a chunk's and head's part of the scratch memory things lie, in quads. */
export interface ChunkLayout {
  /** `[row][token][key]`: what finds in the state before the chunk what the token finds, all corrections considered. */
  readonly rows: number;
  /** `[source][token][key]`: what is added to the state after the chunk along what the token writes. */
  readonly sources: number;
  /** `[key]`, or one quad of the same number four times: what is left of the state after the chunk. */
  readonly decay: number;
  /** `[row][token][write][token]`: what a token finds of what an earlier one writes, all corrections considered. */
  readonly pairs: number;
  /** `[sum][token]`: the sums that coefficients are made from. */
  readonly sums: number;
  readonly size: number;
}

export function chunkLayout(shape: RecurrenceShape, tokens: number): ChunkLayout {
  if (tokens % 4 !== 0) internal('a chunk of tokens that are no quads');
  const quads = keyQuads(shape);
  const sources = rowsOf(shape) * tokens * quads;
  const decay = sources + sourcesOf(shape) * tokens * quads;
  const pairs = decay + { none: 0, head: 1, key: quads, value: 0 }[shape.decay];
  const sums = pairs + (rowsOf(shape) * tokens * shape.writes * tokens) / 4;
  const size = sums + (shape.sums * tokens) / shape.steps / 4;
  return { rows: 0, sources, decay, pairs, sums, size };
}

/** Quads of scratch memory for a run of `tokens` real tokens, without what its segments carry. */
export function scratchQuads(
  shape: RecurrenceShape,
  chunk: Pick<ChunkedTuning, 'whole' | 'tokens'>,
  tokens: number,
): number {
  return Math.ceil(tokens / chunk.whole) * shape.heads * chunkLayout(shape, chunk.tokens).size;
}
