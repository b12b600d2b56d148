// The sizes of one-token attention: how positions are split over workgroups, and how a workgroup's invocations are used.
import { inBlock, valueRow, type AttendShape, type CacheReader, type Row } from './attend.ts';
import type { Target } from './template.ts';
import { powerOfTwoAbove, powerOfTwoBelow } from './text.ts';

/** Positions are counted by their lag behind the current one, then come the pinned ones; see `reach`. */
export interface DecodeTuning {
  /** Invocations of a workgroup, a power of two; also the positions of one tile. */
  readonly workgroup: number;
  /** Tiles that one workgroup goes through. */
  readonly tiles: number;
  /** Workgroups among which the positions are split. */
  readonly splits: number;
  /** Query heads of one workgroup. */
  readonly heads: number;
  /** Workgroups among which a group's query heads are split; 1 unless their queries are too large for workgroup memory. */
  readonly headTiles: number;
  /** Invocations that share one entry of the value row, each with its own positions. */
  readonly parts: number;
  /** Lanes whose highest score is found by shuffles. */
  readonly cluster: number;
}

const SPLIT = { alone: 256, workgroup: 128, most: 64 } as const;

/** f32 values of workgroup memory that adding up parts takes, if it can. */
const BATCH = 2048;

/** Partial maxima that every invocation goes through; more are first folded. */
export const PEAKS = 16;

/** Lags and pinned positions that the kernel goes through. */
export function reach(shape: AttendShape & { readonly visible: number }): number {
  return shape.visible + (shape.window === undefined ? 0 : (shape.pinned ?? 0));
}

/** How many of them there are at a position: no more than its block has, and none before the first. */
export function seenText(shape: AttendShape & { readonly visible: number }, position: string): string {
  return `min(${inBlock(shape, position)} + 1u, ${reach(shape)}u)`;
}

export function decodeTuning(
  shape: AttendShape & CacheReader & { readonly visible: number; readonly sharedBytes?: number },
  target: Target,
): DecodeTuning {
  const positions = reach(shape);
  const most = Math.min(SPLIT.alone, powerOfTwoBelow(target.maxInvocations));
  const alone = positions <= most;
  const workgroup = alone
    ? Math.max(Math.min(64, most), powerOfTwoAbove(positions))
    : Math.min(SPLIT.workgroup, most);
  const tiles = alone ? 1 : Math.ceil(positions / workgroup / SPLIT.most);
  const splits = Math.ceil(positions / workgroup / tiles);
  const memory = target.maxSharedBytes - (shape.sharedBytes ?? 0);
  const heads = headsThatFit(shape, workgroup, memory);
  const parts = partsFor(valueRow(shape, shape), workgroup);
  const cluster = target.subgroups ? Math.min(target.minSubgroupSize ?? 4, workgroup) : 1;
  return { workgroup, tiles, splits, heads, headTiles: Math.ceil(shape.per / heads), parts, cluster };
}

function partsFor(row: Row, workgroup: number): number {
  return powerOfTwoBelow(workgroup / row.length);
}

/** f32 values of workgroup memory: queries, the new key, scores (later the parts' sums), and partial maxima. */
export function sharedSizes(
  shape: AttendShape & CacheReader,
  workgroup: number,
  heads: number,
): { readonly query: number; readonly key: number; readonly scratch: number; readonly peaks: number } {
  const row = valueRow(shape, shape);
  const parts = partsFor(row, workgroup);
  return {
    query: heads * shape.key,
    key: shape.key,
    scratch: Math.max(heads * workgroup, parts > 1 ? batchFloats(heads, partFloats(row, parts)) : 0),
    peaks: shape.weigh === undefined ? heads * PEAKS : 0,
  };
}

/** As many heads as are added up at once: all of them, unless that takes too much memory. */
function batchFloats(heads: number, each: number): number {
  return each * Math.max(1, Math.min(heads, Math.floor(BATCH / each)));
}

/** f32 values that the parts of one head leave for being added up: the sums and the total weight. */
export function partFloats(row: Row, parts: number): number {
  return parts * (row.length * row.width + 1);
}

function headsThatFit(shape: AttendShape & CacheReader, workgroup: number, memory: number): number {
  for (let tiles = 1; tiles <= shape.per; tiles++) {
    const heads = Math.ceil(shape.per / tiles);
    const sizes = sharedSizes(shape, workgroup, heads);
    if (4 * (sizes.query + sizes.key + sizes.scratch + sizes.peaks) <= memory) return heads;
  }
  throw new Error(`internal: an attend with keys of ${shape.key} does not fit workgroup memory`);
}
