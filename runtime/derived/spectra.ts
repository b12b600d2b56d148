// The spectra of long filters, in f64, in the order in which kernels read them.
import type { SpectraPlan } from '../plan.ts';
import { type Fourier, fourierOf } from '../functions/fourier.ts';

/** Taps of several filters. */
export interface LongTaps {
  /** The lowest lag, negative where filters read ahead. */
  readonly first: number;
  readonly lags: number;
  /** All taps of a filter: that of lag `first + i` at i. */
  readonly read: (filter: number, taps: Float64Array) => void;
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

/** Writes all spectra of these filters, real and imaginary parts by turns; yields the share that is done, row by row. */
export function* writeSpectra(
  plan: SpectraPlan,
  taps: LongTaps,
  out: Float32Array | Float64Array,
): Generator<number> {
  const points = plan.radices.reduce((all, radix) => all * radix, 1);
  const fourier = fourierOf(points);
  const order = Int32Array.from({ length: points }, (_, p) => frequencyAt(plan.radices, p));
  const [re, im] = [new Float64Array(points), new Float64Array(points)];
  const [a, b] = [new Float64Array(taps.lags), new Float64Array(taps.lags)];
  const words = plan.differences ? 4 : 2;
  for (const [row, [one, other]] of plan.rows.entries()) {
    taps.read(one, a);
    taps.read(other, b);
    const inTile = row % plan.tile;
    const before = row - inTile;
    const width = Math.min(plan.tile, plan.rows.length - before);
    for (const [s, segment] of plan.segments.entries()) {
      pairSpectrum(fourier, segment, taps.first, a, b, re, im);
      const first = before * plan.segments.length * points + s * points * width + inTile;
      writeRow(out, words * first, words * width, plan.differences, re, im, order);
    }
    yield (row + 1) / plan.rows.length;
  }
}

/** The transform of the one filter's taps as real and the other's as imaginary parts, divided by its length. */
function pairSpectrum(
  fourier: Fourier,
  { from, to, origin }: SpectraPlan['segments'][number],
  first: number,
  a: Float64Array,
  b: Float64Array,
  re: Float64Array,
  im: Float64Array,
): void {
  const { size } = fourier;
  re.fill(0);
  im.fill(0);
  const end = Math.min(to, first + a.length);
  for (let lag = Math.max(from, first); lag < end; lag++) {
    const index = (((lag - origin) % size) + size) % size;
    re[index]! += a[lag - first]! / size;
    im[index]! += b[lag - first]! / size;
  }
  fourier.forward(re, im);
}

/**
 * Writes sums and differences of a row, `step` words apart. With Z = Ha + i·Hb and its conjugate at −k, Ha and Hb are
 * (Z + Z̄) / 2 and (Z − Z̄) / 2i.
 */
function writeRow(
  result: Float32Array | Float64Array,
  first: number,
  step: number,
  differences: boolean,
  re: Float64Array,
  im: Float64Array,
  order: Int32Array,
): void {
  const points = order.length;
  let at = first;
  for (let p = 0; p < points; p++, at += step) {
    const k = order[p]!;
    const opposite = k === 0 ? 0 : points - k;
    const [x, y] = [re[k]!, im[k]!];
    const [u, v] = [re[opposite]!, im[opposite]!];
    // Four times the sum and the difference of Ha and Hb, before they are halved twice.
    result[at] = (x + u + y + v) / 4;
    result[at + 1] = (y - v + u - x) / 4;
    if (!differences) continue;
    result[at + 2] = (x + u - y - v) / 4;
    result[at + 3] = (y - v - u + x) / 4;
  }
}
