// Biases of `attend`: a value by head and lag, and which way its lags run.
import type { LagTable } from '../../../ir/ops/attend-inputs.ts';
import * as errors from '../../errors.ts';
import { lagAxesOf } from '../axes.ts';
import { fail } from '../context.ts';
import { evaluate } from '../expression.ts';
import { typeOf, type TensorValue } from '../value.ts';
import { numberArgument, type BuiltinCall } from './builtin.ts';

export interface Bias {
  readonly value: TensorValue;
  readonly table: LagTable;
}

/** `bias` begins at the position itself, `ahead` at the one after it; none where it is not given, undefined after a reported mistake. */
export function biasArgument(
  call: BuiltinCall,
  name: 'bias' | 'ahead',
  q: TensorValue,
  over: string,
): readonly Bias[] | undefined {
  const { frame, given } = call;
  const at = given.get(name);
  const plain = at === undefined ? undefined : evaluate(frame, at);
  if (at === undefined || (plain?.kind === 'constant' && plain.value === null)) return [];
  const value = numberArgument(call, name);
  if (value === undefined) return undefined;
  const type = typeOf(value);
  const lags = lagAxesOf(frame.body, type.axes);
  const [lag] = lags;
  const refuse = (diagnostic: ReturnType<typeof errors.biasVaries>): undefined =>
    void fail(frame, diagnostic);
  if (type.temporal) return refuse(errors.biasVaries(at.span));
  if (lag === undefined || lags.length > 1)
    return refuse(errors.biasWithoutLag(frame.body, at.span, name, type, lags.length));
  if (typeOf(q).axes.some((axis) => axis.name === lag.name))
    return refuse(errors.biasLagOfQueries(frame.body, at.span, lag, given.get('q')?.span));
  const heads = typeOf(q).axes.filter((axis) => axis.name !== over);
  const stray = type.axes.find(
    (axis) => axis.name !== lag.name && !heads.some((head) => head.name === axis.name),
  );
  if (stray !== undefined)
    return refuse(errors.biasAxisNotOfHeads(frame.body, at.span, stray, typeOf(q), given.get('q')?.span));
  const ahead = name === 'ahead';
  const table = { axis: lag.name, ahead, first: ahead ? 1 : 0, farthestFirst: lag.kind === 'taps' };
  return [{ value, table }];
}
