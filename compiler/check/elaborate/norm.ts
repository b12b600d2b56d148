// Instances of the model's norm: the library function, called with the instance's own weight.
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { axesOfTerms } from './axes.ts';
import { fail, type Frame } from './context.ts';
import { callFunction } from './function-call.ts';
import { failed, typeOf, type NormCallable, type TensorValue, type Value } from './value.ts';

export function applyNorm(
  frame: Frame,
  norm: NormCallable,
  argument: TensorValue,
  argumentSpan: Span,
  span: Span,
): Value {
  const model = frame.body.program.model.norm;
  if (model === undefined) return failed;
  const axes = axesOfTerms(frame.body, norm.weight.terms);
  const type = typeOf(argument);
  const missing = axes.filter(({ name }) => !type.axes.some((axis) => axis.name === name));
  if (missing.length > 0)
    return fail(frame, errors.axisMissing(frame.body, span, missing, type, argumentSpan));
  const args = [
    { span: argumentSpan, bound: { value: argument } },
    { span, bound: { value: { kind: 'weight', weight: norm.weight } as const } },
    ...model.arguments,
  ];
  return callFunction(frame, model.callable.declaration, args, span);
}
