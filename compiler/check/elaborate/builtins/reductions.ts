// Sums, means and maxima over named axes.
import { elementCount } from '../../../ir/graph.ts';
import { numberTensor } from '../coerce.ts';
import { emit } from '../emit.ts';
import { failed, type CheckedAxis, type TensorValue, type Value } from '../value.ts';
import {
  axesArgument,
  hasAxes,
  linearly,
  numberArgument,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';

export const reductions: Readonly<Record<string, Builtin>> = {
  sum: linearReduction((call, value, axes) => reduce(call, 'sum', value, axes)),
  max: { parameters: ['value', 'over'], required: 2, make: max },
  mean: linearReduction(mean),
};

function linearReduction(
  make: (call: BuiltinCall, value: TensorValue, axes: readonly CheckedAxis[]) => Value,
): Builtin {
  return {
    parameters: ['value', 'over'],
    required: 2,
    make: (call) => {
      const axes = axesArgument(call, 'over');
      return linearly(call, 'value', (value) =>
        axes !== undefined && hasAxes(call, value, axes, 'over', 'value') ? make(call, value, axes) : failed,
      );
    },
  };
}

function max(call: BuiltinCall): Value {
  const value = numberArgument(call, 'value');
  const axes = axesArgument(call, 'over');
  if (value === undefined || axes === undefined || !hasAxes(call, value, axes, 'over', 'value'))
    return failed;
  return reduce(call, 'max', value, axes);
}

function reduce(call: BuiltinCall, op: string, value: TensorValue, axes: readonly CheckedAxis[]): Value {
  if (axes.length === 0) return value;
  const over = axes.map(({ name }) => name);
  return emit(call.frame, { op, inputs: [value], attrs: { over }, span: call.span });
}

/** The sum, divided by the number of elements. */
function mean(call: BuiltinCall, value: TensorValue, axes: readonly CheckedAxis[]): Value {
  const sum = reduce(call, 'sum', value, axes);
  const share = numberTensor(call.frame, 1 / elementCount(axes), call.span);
  if (sum.kind !== 'tensor' || share.kind === 'failed') return failed;
  return emit(call.frame, { op: 'mul', inputs: [sum, share], span: call.span });
}
