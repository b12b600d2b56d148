// How a workgroup holds its transforms: how many side by side, by which radices, and how numbers are exchanged.
import { counted } from '../text.ts';
import type { Target } from '../template.ts';

/** Radix passes do small transforms in registers; the matrix form (Monarch) multiplies by their matrices, out of workgroup memory. */
export type FftWay = 'radix' | 'monarch';

/** Complex transforms of `points` numbers, `lines` of them in a workgroup. All sizes are powers of two. */
export interface FftShape {
  readonly points: number;
  readonly lines: number;
  /** Complex numbers that each invocation holds. */
  readonly held: number;
  /** Invocations that share a line: points / held. */
  readonly threads: number;
  /** The factors of `points`, in the order of the forward passes. */
  readonly radices: readonly number[];
  /** Whether both parts of the numbers are exchanged at once, or one after the other in half of the memory. */
  readonly exchange: 'joint' | 'planes';
  readonly way: FftWay;
}

/** Numbers an invocation holds at least, where there are so many: one butterfly of the largest radix. */
const HELD = 16;

/** The most points that one workgroup transforms. */
export function mostPoints(target: Target): number {
  const fits = 2 ** Math.floor(Math.log2(target.maxSharedBytes / 4));
  return Math.min(fits, 2 * HELD * 2 ** Math.floor(Math.log2(target.maxInvocations)));
}

/** The shape with at most so many lines, of which there is one at least. */
export function fftShape(points: number, lines: number, target: Target, way: FftWay): FftShape {
  if (points < 2 || 2 ** Math.round(Math.log2(points)) !== points || points > mostPoints(target))
    throw new Error(`internal: a transform of ${points} points in one workgroup`);
  const joint = target.maxSharedBytes / 8;
  const invocations = 2 ** Math.floor(Math.log2(target.maxInvocations));
  const held = Math.max(Math.min(points, HELD), points / invocations);
  const threads = points / held;
  const most = Math.min(lines, joint / points, invocations / threads);
  const radices = way === 'radix' ? radixFactors(points) : matrixFactors(points);
  return {
    points,
    lines: most < 2 ? 1 : 2 ** Math.floor(Math.log2(most)),
    held,
    threads,
    radices,
    exchange: points <= joint ? 'joint' : 'planes',
    way,
  };
}

/** As many 16s as there are, behind what is left. */
function radixFactors(points: number): readonly number[] {
  const bits = Math.log2(points);
  const rest = bits % 4;
  return [...(rest > 0 ? [2 ** rest] : []), ...counted(Math.floor(bits / 4), () => 16)];
}

/** As few factors of at most 32 as there can be, all about equal. */
function matrixFactors(points: number): readonly number[] {
  const bits = Math.log2(points);
  const count = Math.ceil(bits / 5);
  return counted(count, (i) => 2 ** (Math.floor(bits / count) + (i < bits % count ? 1 : 0)));
}

/** Invocations of a workgroup. */
export function invocationsOf({ lines, threads }: FftShape): number {
  return lines * threads;
}

/** Bytes of workgroup memory that the exchanges need; none where every invocation has a whole line. */
export function exchangeBytes({ points, lines, exchange }: FftShape): number {
  return points * lines * (exchange === 'joint' ? 8 : 4);
}
