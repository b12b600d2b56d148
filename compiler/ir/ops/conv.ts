// Ops that read earlier positions at fixed or unbounded lags: shift, conv, longconv; and flip, which reverses time.
import { offsetTable, requireAxis, rowMajorStrides, unionAxes, withoutAxes } from '../axes.ts';
import { elementCount, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { EvaluateTemporal, NoAttrs, Signature, TemporalOp } from '../op.ts';
import { onlyInput, requireNumber, requireTemporal, twoInputs } from './arguments.ts';

export type ShiftAttrs = { readonly by: number };
export type ConvAttrs = { readonly taps: string };
export type LongConvAttrs = { readonly lag: string };

/** The value `by` positions before; 0 where there is none. */
const shift: TemporalOp<ShiftAttrs> = {
  kind: 'temporal',
  infer: (inputs, { by }) => {
    if (!(Number.isInteger(by) && by >= 1)) internal(`a shift by ${by}`);
    return requireTemporal(onlyInput(inputs), 'a shifted value');
  },
  flops: () => 0,
  remembers: ({ attrs }) => [{ input: 0, positions: attrs.by, pinned: 0 }],
  states: () => [],
  prepare: ({ attrs, type }) => {
    const size = elementCount(type.axes);
    return (_inputs, out, { count, position, histories }) => {
      const history = histories[0] ?? internal('shift lacks its history');
      for (let i = 0; i < count; i++) {
        const from = position + i - attrs.by;
        if (from < 0) continue;
        const offset = history.offset(from);
        out.set(history.rows(from).subarray(offset, offset + size), i * size);
      }
    };
  },
};

/** A causal filter, oldest tap first: Σ_j filter[j]·x[t − (n − 1) + j], with zeros before the first position. */
const conv: TemporalOp<ConvAttrs> = {
  kind: 'temporal',
  infer: (inputs, { taps }) => inferFilter(inputs, taps),
  flops: ({ inputs, attrs, type }) =>
    2 * requireAxis(twoInputs(inputs)[1].axes, attrs.taps).size * elementCount(type.axes),
  remembers: ({ inputs, attrs }) => [
    { input: 0, positions: requireAxis(twoInputs(inputs)[1].axes, attrs.taps).size - 1, pinned: 0 },
  ],
  states: () => [],
  prepare: ({ inputs, attrs, type }) => {
    const last = requireAxis(twoInputs(inputs)[1].axes, attrs.taps).size - 1;
    return prepareFilter(inputs, type, attrs.taps, (lag) => last - lag);
  },
};

/** A causal filter as long as the sequence: Σ_s filter[t − s]·x[s]; lags beyond the filter count as 0. */
const longconv: TemporalOp<LongConvAttrs> = {
  kind: 'temporal',
  infer: (inputs, { lag }) => inferFilter(inputs, lag),
  flops: ({ type }, visible) => 2 * visible * elementCount(type.axes),
  remembers: ({ inputs, attrs }) => [
    { input: 0, positions: requireAxis(twoInputs(inputs)[1].axes, attrs.lag).size - 1, pinned: 0 },
  ],
  states: () => [],
  prepare: ({ inputs, attrs, type }) => prepareFilter(inputs, type, attrs.lag, (lag) => lag),
};

function inferFilter(inputs: readonly ValueType[], taps: string): ValueType {
  const [x, filter] = twoInputs(inputs);
  requireTemporal(requireNumber(x, 'a filtered value'), 'a filtered value');
  requireAxis(filter.axes, taps);
  if (filter.temporal) internal('a filter changes with time');
  if (x.axes.some((axis) => axis.name === taps)) internal(`a filtered value has the filter's axis '${taps}'`);
  const axes = unionAxes(x.axes, withoutAxes(filter.axes, [taps]));
  return { dtype: 'f32', axes, temporal: true };
}

/** The sum over lags of tap(lag) · x[t − lag]. */
function prepareFilter(
  inputs: readonly ValueType[],
  type: ValueType,
  taps: string,
  tapOf: (lag: number) => number,
): EvaluateTemporal {
  const [x, filter] = twoInputs(inputs);
  const fromX = offsetTable(type.axes, x.axes);
  const fromFilter = offsetTable(type.axes, filter.axes);
  const stride = rowMajorStrides(filter.axes).get(taps) ?? 0;
  const { size } = requireAxis(filter.axes, taps);
  return ([, coefficients], out, { count, position, histories }) => {
    const history = histories[0] ?? internal('a filter lacks its history');
    for (let i = 0; i < count; i++)
      for (let lag = 0; lag < size && lag <= position + i; lag++) {
        const rows = history.rows(position + i - lag);
        const base = history.offset(position + i - lag);
        const tap = tapOf(lag) * stride;
        for (let j = 0, at = i * fromX.length; j < fromX.length; j++, at++)
          out[at]! += rows[base + fromX[j]!]! * coefficients![fromFilter[j]! + tap]!;
      }
  };
}

/** The sequence in reverse order: not causal, so the whole sequence must be one run. */
const flip: TemporalOp<NoAttrs> = {
  kind: 'temporal',
  infer: (inputs) => requireTemporal(onlyInput(inputs), 'a flipped value'),
  flops: () => 0,
  remembers: () => [],
  states: () => [],
  prepare: ({ type }: Signature<NoAttrs>) => {
    const size = elementCount(type.axes);
    return ([values], out, { count, position }) => {
      if (position > 0) internal('a flipped sequence was continued');
      for (let i = 0; i < count; i++)
        out.set(values!.subarray(i * size, (i + 1) * size), (count - 1 - i) * size);
    };
  },
};

export const convOps = { shift, conv, longconv, flip };
