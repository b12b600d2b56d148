// `z[stage = j, two = 0]`: one index of each named axis.
import type { Index } from '../../../grammar/ast.ts';
import * as constantErrors from '../constant-errors.ts';
import * as errors from '../errors.ts';
import { namedAxes } from './axes.ts';
import { fail, type Frame } from './context.ts';
import { emit } from './emit.ts';
import { evaluate } from './expression.ts';
import { failed, typeOf, type TensorValue, type Value } from './value.ts';

export function indexTensor(frame: Frame, tensor: TensorValue, expression: Index): Value {
  let value = tensor;
  for (const { axis, value: at } of expression.indices) {
    const axes = namedAxes(frame, axis);
    const where = evaluate(frame, at);
    const [only] = axes ?? [];
    if (axes === undefined || where.kind === 'failed' || only === undefined) return failed;
    if (axes.length > 1) return fail(frame, errors.oneAxisNeeded(axis.span, axes));
    if (where.kind !== 'constant') return fail(frame, errors.notConstant(at.span, 'An index'));
    if (typeof where.value !== 'number' || !Number.isInteger(where.value)) {
      return fail(frame, constantErrors.indexNotWhole(at.span, where.value));
    }
    if (!typeOf(value).axes.some(({ name }) => name === only.name)) {
      return fail(
        frame,
        errors.axisMissing(frame.body, axis.span, [only], typeOf(value), expression.of.span),
      );
    }
    if (where.value < 0 || where.value >= only.size)
      return fail(frame, errors.indexOutsideAxis(at.span, where.value, only));
    const next = emit(frame, {
      op: 'index',
      inputs: [value],
      attrs: { axis: only.name, at: where.value },
      span: expression.span,
    });
    if (next.kind === 'failed') return failed;
    value = next;
  }
  return value;
}
