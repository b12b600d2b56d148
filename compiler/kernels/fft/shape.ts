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

/** The same for transforms of blocks, which tiles of single tokens share: fewer, since their kernels have other things to do. */
export const HELD_OF_BLOCKS = 8;

/** The most points that one workgroup transforms. */
export function mostPoints(target: Target): number {
  const fits = 2 ** Math.floor(Math.log2(target.maxSharedBytes / 4));
  return Math.min(fits, 2 * HELD * 2 ** Math.floor(Math.log2(target.maxInvocations)));
}

/** The shape with at most so many lines, of which there is one at least. */
export function fftShape(points: number, lines: number, target: Target, way: FftWay, least = HELD): FftShape {
  if (points < 2 || 2 ** Math.round(Math.log2(points)) !== points || points > mostPoints(target))
    throw new Error(`internal: a transform of ${points} points in one workgroup`);
  const joint = target.maxSharedBytes / 8;
  const invocations = 2 ** Math.floor(Math.log2(target.maxInvocations));
  const held = Math.max(Math.min(points, least), points / invocations);
  const threads = points / held;
  const most = Math.min(lines, joint / points, invocations / threads);
  return {
    points,
    lines: most < 2 ? 1 : 2 ** Math.floor(Math.log2(most)),
    held,
    threads,
    radices: way === 'radix' ? radixFactors(points, Math.min(least, HELD)) : matrixFactors(points),
    exchange: points <= joint ? 'joint' : 'planes',
    way,
  };
}

/** The shape in which exactly so many invocations hold `held` numbers each, a power of two, and exchange them part by part. */
export function filledShape(points: number, invocations: number, held: number, way: FftWay): FftShape {
  const lines = (invocations * held) / points;
  const radices = way === 'radix' ? radixFactors(points, held) : matrixFactors(points);
  if (lines < 1) throw new Error(`internal: a transform of ${points} points for ${invocations} invocations`);
  return { points, lines, held, threads: points / held, radices, exchange: 'planes', way };
}

/** As many of the largest radix as there are, behind what is left. */
function radixFactors(points: number, largest: number): readonly number[] {
  const [bits, most] = [Math.log2(points), Math.log2(largest)];
  const rest = bits % most;
  return [...(rest > 0 ? [2 ** rest] : []), ...counted(Math.floor(bits / most), () => largest)];
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
