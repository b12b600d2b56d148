// Ops that may read the whole sequence: longconv, a sum of filters as long as it; and flip, which reverses time.
import { requireAxis, unionAxes } from '../axes.ts';
import { elementCount } from '../graph.ts';
import { internal } from '../internal.ts';
import type { NoAttrs, Signature, TemporalOp } from '../op.ts';
import { onlyInput, requireTemporal } from './arguments.ts';
import { filterAxes, prepareTaps } from './conv.ts';

/** How one filter lies in time. */
export interface LongFilter {
  /** The filter's axis of lags; its element i is the tap of lag i + first. */
  readonly axis: string;
  /** Whether lags go to later positions: the filter then reads x[t + lag] instead of x[t − lag]. */
  readonly ahead: boolean;
  /** The lag of the first tap: 0 is the position itself. */
  readonly first: number;
  /** Whether the last element is the tap of lag `first`, and the first one that of the largest lag; false unless said. */
  readonly oldestFirst?: boolean;
}

export type LongConvAttrs = { readonly filters: readonly LongFilter[] };

/**
 * Filters as long as the sequence, added up: Σ_f Σ_i filter_f[i]·x[t ∓ (i + first_f)], where x is 0 outside the sequence. With a
 * filter that reads ahead the value is not causal, so the whole sequence must be one run.
 */
const longconv: TemporalOp<LongConvAttrs> = {
  kind: 'temporal',
  infer: (inputs, { filters }) => {
    const [x, ...given] = inputs;
    if (x === undefined || given.length !== filters.length || filters.length === 0)
      internal(`a longconv of ${filters.length} filters has ${inputs.length} inputs`);
    const axes = given.map((filter, i) => {
      const { axis, first } = filters[i]!;
      if (!(Number.isInteger(first) && first >= 0)) internal(`a filter begins at lag ${first}`);
      return filterAxes(x, filter, axis);
    });
    return {
      dtype: 'f32',
      axes: axes.reduce((all, more) => unionAxes(all, more), x.axes),
      temporal: true,
    };
  },
  flops: ({ inputs, attrs, type }, visible) =>
    attrs.filters.reduce((sum, { axis }, i) => {
      const taps = requireAxis(inputs[i + 1]!.axes, axis).size;
      return sum + 2 * Math.min(visible, taps) * elementCount(type.axes);
    }, 0),
  remembers: ({ inputs, attrs }) => {
    const reach = attrs.filters.map(({ axis, ahead, first }, i) =>
      ahead ? 0 : requireAxis(inputs[i + 1]!.axes, axis).size - 1 + first,
    );
    return [{ input: 0, positions: Math.max(...reach), pinned: 0 }];
  },
  states: () => [],
  causal: isCausalConv,
  prepare: ({ inputs, attrs, type }) => {
    const x = inputs[0]!;
    const filters = attrs.filters.map((filter, at) => ({
      ...filter,
      input: at + 1,
      add: prepareTaps(x, inputs[at + 1]!, type, filter.axis),
      size: requireAxis(inputs[at + 1]!.axes, filter.axis).size,
    }));
    const causal = isCausalConv(attrs);
    return (given, out, { count, position, histories }) => {
      if (position > 0 && !causal) internal('a sequence with a filter that reads ahead was continued');
      const history = histories[0] ?? internal('a filter lacks its history');
      for (const { input, add, size, ahead, first, oldestFirst = false } of filters)
        for (let i = 0; i < count; i++)
          for (let tap = 0; tap < size; tap++) {
            const from = ahead ? position + i + tap + first : position + i - tap - first;
            if (from < 0 || from >= position + count) break;
            add(out, i, history, from, given[input]!, oldestFirst ? size - 1 - tap : tap);
          }
    };
  },
};

/** Whether no filter reads later positions. */
export function isCausalConv({ filters }: LongConvAttrs): boolean {
  return filters.every(({ ahead }) => !ahead);
}

/** The sequence in reverse order: not causal, so the whole sequence must be one run. */
const flip: TemporalOp<NoAttrs> = {
  kind: 'temporal',
  infer: (inputs) => requireTemporal(onlyInput(inputs), 'a flipped value'),
  flops: () => 0,
  remembers: () => [],
  states: () => [],
  causal: () => false,
  prepare: ({ type }: Signature<NoAttrs>) => {
    const size = elementCount(type.axes);
    return ([values], out, { count, position }) => {
      if (position > 0) internal('a flipped sequence was continued');
      for (let i = 0; i < count; i++)
        out.set(values!.subarray(i * size, (i + 1) * size), (count - 1 - i) * size);
    };
  },
};

export const longConvOps = { longconv, flip };
