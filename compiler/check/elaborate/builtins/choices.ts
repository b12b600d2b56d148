// Choosing along axes: which elements are the largest.
import { elementCount } from '../../../ir/graph.ts';
import * as errors from '../../errors.ts';
import { fail } from '../context.ts';
import { emit } from '../emit.ts';
import { failed, type Value } from '../value.ts';
import {
  axesArgument,
  hasAxes,
  numberArgument,
  numberOrNone,
  wrong,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';

export const choices: Readonly<Record<string, Builtin>> = {
  chosen: { parameters: ['scores', 'over', 'count'], required: 3, make: chosen },
};

/** Whether each element is among the `count` largest along `over`; of equal ones the first is taken. */
function chosen(call: BuiltinCall): Value {
  const scores = numberArgument(call, 'scores');
  const axes = axesArgument(call, 'over');
  if (scores === undefined || axes === undefined) return failed;
  if (scores.graph.kind === 'scan')
    return fail(call.frame, errors.notCarriedOutYet(call.span, '`chosen` inside a scan'));
  if (!hasAxes(call, scores, axes, 'over', 'scores')) return failed;
  const size = elementCount(axes);
  const count = numberOrNone(
    call,
    'count',
    (number) => Number.isInteger(number) && number >= 1 && number <= size,
    `a whole number from 1 to ${size}`,
  );
  if (count === wrong || count === null) return failed;
  const over = axes.map(({ name }) => name);
  return emit(call.frame, { op: 'chosen', inputs: [scores], attrs: { over, count }, span: call.span });
}
