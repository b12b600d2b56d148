// The step of a derived program that makes spectra, with the turns that transforms need: all filters of a convolution are one, from the lowest lag to the highest.
import type { SpectraStep } from '../plan.ts';
import { offsetsOf } from './operands.ts';
import { type LongTaps, spectraSize, writeSpectra } from './spectra.ts';
import { turnValues } from './turns.ts';

/** Yields the share that is done, now and then. */
export function* fillSpectra(step: SpectraStep, arrays: readonly Float64Array[]): Generator<number> {
  const out = arrays[step.out] ?? new Float64Array(filledElements(step));
  const turns = turnValues(step.turns);
  out.set(turns);
  yield* writeSpectra(step.plan, longTaps(step, arrays), out.subarray(turns.length));
}

function longTaps({ sizes, filters }: SpectraStep, arrays: readonly Float64Array[]): LongTaps {
  const ranges = filters.map(({ lags, first, ahead }) =>
    ahead ? ([1 - first - lags, -first] as const) : ([first, first + lags - 1] as const),
  );
  const first = Math.min(...ranges.map(([low]) => low));
  const lags = Math.max(...ranges.map(([, high]) => high)) - first + 1;
  const sources = filters.map((filter) => ({
    ...filter,
    values: arrays[filter.array] ?? new Float64Array(0),
    begins: offsetsOf(sizes, filter.strides),
    stride: filter.strides[sizes.length] ?? 0,
  }));
  const read = (row: number, taps: Float64Array): void => {
    taps.fill(0);
    for (const source of sources) {
      // The nearest tap, and how far it is from one lag to the next, in the array and in what is read.
      const [nearest, outwards] = source.oldestFirst
        ? [source.stride * (source.lags - 1), -source.stride]
        : [0, source.stride];
      const away = source.ahead ? -1 : 1;
      let from = source.begins[row]! + nearest;
      let to = away * source.first - first;
      for (let i = 0; i < source.lags; i++, from += outwards, to += away) taps[to]! += source.values[from]!;
    }
  };
  return { first, lags, read };
}

/** Numbers that the step writes: two for each complex one. */
export function filledElements({ turns, plan }: Pick<SpectraStep, 'turns' | 'plan'>): number {
  return 2 * (turns.reduce((sum, { count }) => sum + count, 0) + spectraSize(plan));
}
