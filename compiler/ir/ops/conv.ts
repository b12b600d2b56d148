// Ops that read earlier positions at fixed lags: shift and conv.
import { offsetTable, requireAxis, rowMajorStrides, unionAxes, withoutAxes } from '../axes.ts';
import { type Axis, elementCount, type ValueType } from '../graph.ts';
import type { History } from '../history.ts';
import { internal } from '../internal.ts';
import type { EvaluateTemporal, TemporalOp } from '../op.ts';
import { onlyInput, requireNumber, requireTemporal, twoInputs } from './arguments.ts';

export type ShiftAttrs = { readonly by: number };
export type ConvAttrs = { readonly taps: string };

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
  causal: () => true,
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
  causal: () => true,
  prepare: ({ inputs, attrs, type }) => {
    const [x, filter] = twoInputs(inputs);
    const last = requireAxis(filter.axes, attrs.taps).size - 1;
    return prepareFilter(x, filter, type, attrs.taps, (lag) => last - lag);
  },
};

function inferFilter(inputs: readonly ValueType[], taps: string): ValueType {
  const [x, filter] = twoInputs(inputs);
  return { dtype: 'f32', axes: unionAxes(x.axes, filterAxes(x, filter, taps)), temporal: true };
}

/** The axes that a filter brings to its result: all but the lags'. */
export function filterAxes(x: ValueType, filter: ValueType, taps: string): readonly Axis[] {
  requireTemporal(requireNumber(x, 'a filtered value'), 'a filtered value');
  requireAxis(filter.axes, taps);
  if (filter.temporal) internal('a filter changes with time');
  if (x.axes.some((axis) => axis.name === taps)) internal(`a filtered value has the filter's axis '${taps}'`);
  return withoutAxes(filter.axes, [taps]);
}

/** The sum over lags of tap(lag) · x[t − lag]. */
function prepareFilter(
  x: ValueType,
  filter: ValueType,
  type: ValueType,
  taps: string,
  tapOf: (lag: number) => number,
): EvaluateTemporal {
  const add = prepareTaps(x, filter, type, taps);
  const { size } = requireAxis(filter.axes, taps);
  return ([, coefficients], out, { count, position, histories }) => {
    const history = histories[0] ?? internal('a filter lacks its history');
    for (let i = 0; i < count; i++)
      for (let lag = 0; lag < size && lag <= position + i; lag++)
        add(out, i, history, position + i - lag, coefficients!, tapOf(lag));
  };
}

/** Adds one tap's share of one position to the result: out[i] += filter[tap] · x[from]. */
export function prepareTaps(
  x: ValueType,
  filter: ValueType,
  type: ValueType,
  taps: string,
): (
  out: Float64Array,
  i: number,
  history: History,
  from: number,
  coefficients: Float64Array,
  tap: number,
) => void {
  const fromX = offsetTable(type.axes, x.axes);
  const fromFilter = offsetTable(type.axes, filter.axes);
  const stride = rowMajorStrides(filter.axes).get(taps) ?? 0;
  return (out, i, history, from, coefficients, tap) => {
    const rows = history.rows(from);
    const base = history.offset(from);
    const start = tap * stride;
    for (let j = 0, at = i * fromX.length; j < fromX.length; j++, at++)
      out[at]! += rows[base + fromX[j]!]! * coefficients[fromFilter[j]! + start]!;
  };
}

export const convOps = { shift, conv };
