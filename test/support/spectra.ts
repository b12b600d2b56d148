// All spectra of filters that lie one after the other, as they are made at load.
import type { SpectraPlan } from '../../runtime/plan.ts';
import { spectraSize, writeSpectra } from '../../runtime/derived/spectra.ts';

/** The tap of lag `first + i` of filter f is at index f · lags + i of the values. */
export interface PackedTaps {
  readonly values: ArrayLike<number>;
  readonly first: number;
  readonly lags: number;
}

export function spectraOf(plan: SpectraPlan, { values, first, lags }: PackedTaps): Float32Array<ArrayBuffer> {
  const result = new Float32Array(2 * spectraSize(plan));
  const read = (filter: number, taps: Float64Array): void => {
    for (let i = 0; i < lags; i++) taps[i] = values[filter * lags + i]!;
  };
  // Everything is written when the last row is.
  Array.from(writeSpectra(plan, { first, lags, read }, result));
  return result;
}
