// The primitives that look at other positions: conv, shift, and attention.
import * as errors from '../../errors.ts';
import { fail } from '../context.ts';
import { emit } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { failed, typeOf, type Value } from '../value.ts';
import type { WeightDeclaration } from '../weight.ts';
import { weightTensor } from '../weight-node.ts';
import { attendFunctions } from './attend.ts';
import {
  hasAxes,
  isTemporal,
  linearly,
  temporalArgument,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';

export const temporal: Readonly<Record<string, Builtin>> = {
  conv: { parameters: ['x', 'filter'], required: 2, make: conv },
  ...attendFunctions,
  shift: { parameters: ['x'], required: 1, make: shift },
};

/** The value at the position before; 0 at the first. */
function shift(call: BuiltinCall): Value {
  return linearly(call, 'x', (value, span) =>
    isTemporal(call, value, span)
      ? emit(call.frame, { op: 'shift', inputs: [value], attrs: { by: 1 }, span: call.span })
      : failed,
  );
}

/** A short causal filter, with its bias. */
function conv(call: BuiltinCall): Value {
  const { frame, span } = call;
  const value = temporalArgument(call, 'x');
  const filter = filterArgument(call);
  if (value === undefined || filter === undefined) return failed;
  const { weight, taps } = filter;
  const others = weight.terms.flatMap(({ axes }) => axes).filter((axis) => axis.kind === 'plain');
  if (!hasAxes(call, value, others, 'filter', 'x')) return failed;
  if (typeOf(value).axes.some((axis) => axis.name === taps))
    return fail(frame, errors.filterAxisInValue(span));
  const tensor = weightTensor(frame, weight, 0, false);
  if (tensor === undefined) return failed;
  const filtered = emit(frame, { op: 'conv', inputs: [value, tensor], attrs: { taps }, span });
  if (!weight.bias || filtered.kind === 'failed') return filtered;
  const bias = weightTensor(frame, weight, 0, true);
  return bias === undefined ? failed : emit(frame, { op: 'add', inputs: [filtered, bias], span });
}

function filterArgument(call: BuiltinCall): { weight: WeightDeclaration; taps: string } | undefined {
  const expression = call.given.get('filter');
  if (expression === undefined) return undefined;
  const value = evaluate(call.frame, expression);
  if (value.kind === 'failed') return undefined;
  const axis =
    value.kind === 'weight'
      ? value.weight.terms.flatMap(({ axes }) => axes).find((each) => each.kind !== 'plain')
      : undefined;
  if (value.kind !== 'weight' || axis === undefined) {
    fail(call.frame, errors.notAFilter(expression.span));
    return undefined;
  }
  if (value.weight.complex) {
    fail(call.frame, errors.realNeeded(expression.span, call.name));
    return undefined;
  }
  if (axis.kind === 'taps') return { weight: value.weight, taps: axis.name };
  fail(call.frame, errors.notCarriedOutYet(expression.span, 'A `conv` with a filter over `lag`'));
  return undefined;
}
