// The step of a derived program that makes spectra, with the turns that transforms need: all filters of a convolution are one, from the lowest lag to the highest.
import type { SpectraStep } from '../plan.ts';
import { spectra, spectraSize } from './spectra.ts';
import { turnValues } from './turns.ts';

export function fillSpectra(step: SpectraStep, arrays: readonly Float64Array[]): void {
  const ranges = step.filters.map(({ lags, first, ahead }) =>
    ahead ? ([1 - first - lags, -first] as const) : ([first, first + lags - 1] as const),
  );
  const first = Math.min(...ranges.map(([low]) => low));
  const lags = Math.max(...ranges.map(([, high]) => high)) - first + 1;
  const values = new Float64Array(step.count * lags);
  for (const filter of step.filters) {
    const taps = arrays[filter.array] ?? new Float64Array(0);
    for (let row = 0; row < step.count; row++)
      for (let i = 0; i < filter.lags; i++) {
        const lag = filter.ahead ? -(filter.first + i) : filter.first + i;
        const from = filter.oldestFirst ? filter.lags - 1 - i : i;
        values[row * lags + lag - first]! += taps[row * filter.lags + from]!;
      }
  }
  const out = arrays[step.out];
  const turns = turnValues(step.turns);
  out?.set(turns);
  out?.set(spectra(step.plan, { values, first, lags }), turns.length);
}

/** Numbers that the step writes: two for each complex one. */
export function filledElements({ turns, plan }: SpectraStep): number {
  return 2 * (turns.reduce((sum, { count }) => sum + count, 0) + spectraSize(plan));
}
