// Functions of whole arrays, which only values that do not change with time are given to: they are computed at load.
import { arrayFunctionOf } from '../../../runtime/functions/arrays.ts';
import { checkAxes, offsetTable, requireAxis, unionAxes, withoutAxes } from '../axes.ts';
import { type Axis, elementCount, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { ArrayOp, Evaluate, Signature } from '../op.ts';

/** Axes that are summed over, and the axis of lags of the result. */
export type ModalTapsAttrs = { readonly over: readonly string[]; readonly axis: Axis };

/** How a call's arrays lie: each input has all of `inner`'s axes last, and the axes of `rows` before them. */
export interface ArrayCall {
  readonly rows: readonly Axis[];
  readonly inner: readonly Axis[];
  readonly sizes: Readonly<Record<string, number>>;
}

/** Re Σ residue·pole^lag, from real and imaginary parts of residues and of poles. */
const modal_taps: ArrayOp<ModalTapsAttrs> = arrayOp(
  'modal_taps',
  4,
  ({ inputs, attrs }) => {
    const axes = unionAxes(...inputs.map((input) => input.axes));
    const inner = attrs.over.map((name) => requireAxis(axes, name));
    const rows = withoutAxes(axes, attrs.over);
    const sizes = { rows: elementCount(rows), modes: elementCount(inner), lags: attrs.axis.size };
    return { rows, inner, sizes };
  },
  ({ rows = 0, modes = 0, lags = 0 }) => 7 * rows * modes * lags,
);

function arrayOp<Attrs extends { readonly axis: Axis }>(
  name: string,
  arity: number,
  callOf: (signature: Pick<Signature<Attrs>, 'inputs' | 'attrs'>) => ArrayCall,
  flops: (sizes: ArrayCall['sizes']) => number,
): ArrayOp<Attrs> {
  return {
    kind: 'array',
    callOf,
    infer: (inputs, attrs) => {
      checkInputs(name, arity, inputs);
      const axes = checkAxes([...callOf({ inputs, attrs }).rows, attrs.axis]);
      return { dtype: 'f32', axes, temporal: false };
    },
    flops: (signature) => flops(callOf(signature).sizes),
    prepare: (signature) => prepare(name, signature, callOf(signature)),
  };
}

function checkInputs(name: string, arity: number, inputs: readonly ValueType[]): void {
  if (inputs.length !== arity) internal(`${name} of ${inputs.length} values`);
  for (const { dtype, temporal } of inputs)
    if (temporal || (dtype !== 'f32' && dtype !== 'i32')) internal(`${name} of values that change with time`);
}

function prepare(name: string, { inputs }: Pick<Signature<unknown>, 'inputs'>, call: ArrayCall): Evaluate {
  const { evaluate } = arrayFunctionOf(name) ?? internal(`no function is called '${name}'`);
  const tables = inputs.map(({ axes }) => offsetTable([...call.rows, ...call.inner], axes));
  return (given, out) => {
    const arrays = given.map((values, i) => Float64Array.from(tables[i]!, (offset) => values[offset]!));
    evaluate(arrays, out.fill(0), call.sizes);
  };
}

export const arrayOps = { modal_taps };
