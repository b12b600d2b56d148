// The spectra of long filters, in f64, in the order in which kernels read them.
import type { SpectraPlan } from '../plan.ts';
import { type Fourier, fourierOf } from '../functions/fourier.ts';

/** Taps of several filters: that of lag `first + i` of filter f at index f · lags + i. */
export interface LongTaps {
  readonly values: ArrayLike<number>;
  /** The lowest lag, negative where filters read ahead. */
  readonly first: number;
  readonly lags: number;
}

/** The frequency that lies at a position. */
export function frequencyAt(radices: readonly number[], position: number): number {
  let rest = radices.reduce((all, radix) => all * radix, 1);
  let [frequency, worth] = [0, 1];
  for (const radix of radices) {
    rest /= radix;
    frequency += (Math.floor(position / rest) % radix) * worth;
    worth *= radix;
  }
  return frequency;
}

/** Complex numbers of a plan's spectra. */
export function spectraSize({ radices, segments, rows, differences }: SpectraPlan): number {
  const points = radices.reduce((all, radix) => all * radix, 1);
  return points * segments.length * rows.length * (differences ? 2 : 1);
}

/** All spectra of these filters, real and imaginary parts by turns. */
export function spectra(plan: SpectraPlan, taps: LongTaps): Float32Array<ArrayBuffer> {
  const points = plan.radices.reduce((all, radix) => all * radix, 1);
  const fourier = fourierOf(points);
  const order = Float64Array.from({ length: points }, (_, p) => frequencyAt(plan.radices, p));
  const result = new Float32Array(2 * spectraSize(plan));
  const parts = plan.differences ? 2 : 1;
  plan.rows.forEach((filters, row) => {
    const inTile = row % plan.tile;
    const before = row - inTile;
    const width = Math.min(plan.tile, plan.rows.length - before);
    plan.segments.forEach((segment, s) => {
      const [re, im] = pairSpectrum(fourier, segment, taps, filters);
      for (let p = 0; p < points; p++) {
        const k = order[p]!;
        const at = before * plan.segments.length * points + (s * points + p) * width + inTile;
        writePair(result, 2 * parts * at, plan.differences, re, im, k);
      }
    });
  });
  return result;
}

/** The transform of the one filter's taps as real and the other's as imaginary parts, divided by its length. */
function pairSpectrum(
  fourier: Fourier,
  { from, to, origin }: SpectraPlan['segments'][number],
  { values, first, lags }: LongTaps,
  [a, b]: readonly [number, number],
): readonly [Float64Array, Float64Array] {
  const { size } = fourier;
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  const end = Math.min(to, first + lags);
  for (let lag = Math.max(from, first); lag < end; lag++) {
    const index = (((lag - origin) % size) + size) % size;
    re[index]! += values[a * lags + lag - first]! / size;
    im[index]! += values[b * lags + lag - first]! / size;
  }
  fourier.forward(re, im);
  return [re, im];
}

/** With Z = Ha + i·Hb and its conjugate at −k, Ha and Hb are (Z + Z̄) / 2 and (Z − Z̄) / 2i. */
function writePair(
  result: Float32Array,
  at: number,
  differences: boolean,
  re: Float64Array,
  im: Float64Array,
  k: number,
): void {
  const opposite = k === 0 ? 0 : re.length - k;
  const a = [(re[k]! + re[opposite]!) / 2, (im[k]! - im[opposite]!) / 2] as const;
  const b = [(im[k]! + im[opposite]!) / 2, (re[opposite]! - re[k]!) / 2] as const;
  result[at] = (a[0] + b[0]) / 2;
  result[at + 1] = (a[1] + b[1]) / 2;
  if (!differences) return;
  result[at + 2] = (a[0] - b[0]) / 2;
  result[at + 3] = (a[1] - b[1]) / 2;
}
