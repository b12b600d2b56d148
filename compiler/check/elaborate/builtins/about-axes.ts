// What is known about axes and weights: `axes(w)`, `bias(w)`, `size(axis)`, `index(axis)`.
import { elementCount } from '../../../ir/graph.ts';
import * as errors from '../../errors.ts';
import { axesOfTerms } from '../axes.ts';
import { fail } from '../context.ts';
import { emit } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { constant, failed, type Value } from '../value.ts';
import type { WeightDeclaration } from '../weight.ts';
import { weightTensor } from '../weight-node.ts';
import { axesArgument, type Builtin, type BuiltinCall } from './builtin.ts';

export const aboutAxes: Readonly<Record<string, Builtin>> = {
  axes: { parameters: ['weight'], required: 1, make: axes },
  bias: { parameters: ['weight'], required: 1, make: bias },
  size: { parameters: ['axis'], required: 1, make: size },
  index: { parameters: ['axis'], required: 1, make: index },
};

function weightArgument(call: BuiltinCall): WeightDeclaration | undefined {
  const expression = call.given.get('weight');
  if (expression === undefined) return undefined;
  const value = evaluate(call.frame, expression);
  if (value.kind === 'weight') return value.weight;
  if (value.kind !== 'failed') fail(call.frame, errors.notAWeight(expression.span, call.name));
  return undefined;
}

/** The axes that the weight was declared with. */
function axes(call: BuiltinCall): Value {
  const weight = weightArgument(call);
  return weight === undefined ? failed : { kind: 'axes', axes: axesOfTerms(call.frame.body, weight.terms) };
}

/** The weight's bias, or 0 where it has none. */
function bias(call: BuiltinCall): Value {
  const weight = weightArgument(call);
  if (weight === undefined) return failed;
  return weight.bias ? (weightTensor(call.frame, weight, 0, true) ?? failed) : constant(0);
}

/** The number of elements on an axis, or on a product of axes. */
function size(call: BuiltinCall): Value {
  const found = axesArgument(call, 'axis');
  return found === undefined ? failed : constant(elementCount(found));
}

/** The place of each element on an axis, from 0; on a product of axes the last runs fastest. */
function index(call: BuiltinCall): Value {
  const found = axesArgument(call, 'axis');
  if (found === undefined) return failed;
  const plain = found.map(({ name, size: each }) => ({ name, size: each }));
  return emit(call.frame, { op: 'places', inputs: [], attrs: { axes: plain }, span: call.span });
}
