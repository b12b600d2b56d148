// Values under other names: rename, concat, gather.
import type { Expression } from '../../../../grammar/ast.ts';
import type { Span } from '../../../../grammar/source.ts';
import * as errors from '../../errors.ts';
import { bodyAxis, knowsAxis, namedAxes, resolveAxes } from '../axes.ts';
import { asTensor, joinTuple } from '../coerce.ts';
import { asComplex, eachPart, isComplex } from '../complex.ts';
import { fail, type Frame } from '../context.ts';
import { emit } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { failed, typeOf, type CheckedAxis, type TensorValue, type TupleValue, type Value } from '../value.ts';
import { hasAxes, oneAxisArgument, tensorArgument, type Builtin, type BuiltinCall } from './builtin.ts';

export const moves: Readonly<Record<string, Builtin>> = {
  concat: { parameters: ['over', 'as'], required: 0, variadic: true, make: concat },
  gather: { parameters: ['table', 'at', 'axis'], required: 3, make: gather },
};

/** `rename(v, two: half)`: the axis `two` is called `half` from here on. */
export function rename(frame: Frame, call: BuiltinCall['call']): Value {
  const [first, ...renames] = call.arguments;
  if (first === undefined || first.name !== undefined) {
    return fail(frame, errors.missingArgument(call.span, 'rename', ['the value']));
  }
  const { span } = first.value;
  const given = evaluate(frame, first.value);
  const of = isComplex(given) ? asComplex(frame, given, span) : asTensor(frame, given, span);
  if (of.kind === 'failed') return failed;
  const change = (part: TensorValue): Value => renameAll(frame, part, renames, call);
  return of.kind === 'complex' ? eachPart(frame, of, span, change) : change(of);
}

function renameAll(
  frame: Frame,
  tensor: TensorValue,
  renames: BuiltinCall['call']['arguments'],
  call: BuiltinCall['call'],
): Value {
  let value = tensor;
  for (const { name, value: to, span } of renames) {
    if (name === undefined || to.kind !== 'reference') return fail(frame, errors.renameForm(span));
    const next = renameOne(frame, value, name, { text: to.name, span: to.span }, call);
    if (next === undefined) return failed;
    value = next;
  }
  return value;
}

type Word = { readonly text: string; readonly span: Expression['span'] };

function renameOne(
  frame: Frame,
  value: TensorValue,
  from: Word,
  to: Word,
  call: BuiltinCall['call'],
): TensorValue | undefined {
  const axes = namedAxes(frame, from);
  const [old] = axes ?? [];
  if (axes === undefined || old === undefined) return undefined;
  if (axes.length > 1) return void fail(frame, errors.oneAxisNeeded(from.span, axes));
  const type = typeOf(value);
  if (!type.axes.some(({ name }) => name === old.name)) {
    return void fail(
      frame,
      errors.axisMissing(frame.body, from.span, [old], type, call.arguments[0]?.value.span),
    );
  }
  const target = renameTarget(frame, old, to);
  if (target === undefined) return undefined;
  if (type.axes.some(({ name }) => name === target.name))
    return void fail(frame, errors.axisTwice(to.span, target));
  const attrs = { from: old.name, to: target.name };
  const renamed = emit(frame, { op: 'rename', inputs: [value], attrs, span: call.span });
  return renamed.kind === 'failed' ? undefined : renamed;
}

/** The new name: a known axis of that size, or a name that is new here. */
function renameTarget(frame: Frame, old: CheckedAxis, to: Word): CheckedAxis | undefined {
  const known = knowsAxis(frame, to.text) ? namedAxes(frame, to) : [bodyAxis(frame.body, to.text, old.size)];
  const [axis] = known ?? [];
  if (known === undefined || axis === undefined) return undefined;
  if (known.length === 1 && axis.size === old.size) {
    if (!knowsAxis(frame, to.text)) frame.scope.axes.set(to.text, [axis]);
    return axis;
  }
  fail(frame, errors.renameSize(to.span, old, known));
  return undefined;
}

/**
 * Values laid one after the other: on the axes `over` that each has, or on all axes that they do not share. The result has the axis
 * `as`, or a sum. With `over`, a value that lacks another axis of the others is the same along it.
 */
function concat(call: BuiltinCall): Value {
  const { frame, rest, given, span } = call;
  if (rest.length === 0) return fail(frame, errors.missingArgument(span, 'concat', ['its values']));
  const values: TensorValue[] = [];
  for (const expression of rest) {
    const tensor = asTensor(frame, evaluate(frame, expression), expression.span);
    if (tensor.kind === 'failed') return failed;
    values.push(tensor);
  }
  const over = given.get('over');
  const named = over === undefined ? undefined : resolveAxes(frame, over);
  if (over !== undefined && named === undefined) return failed;
  const parts = values.map((value) => partOf(value, values, named));
  const whole = named === undefined ? values : spread(frame, values, parts, span);
  if (!restsAgree(whole, parts))
    return fail(frame, errors.concatAxesDiffer(frame.body, span, values.map(typeOf)));
  if (parts.some((axes) => axes.length === 0)) return fail(frame, errors.concatNothing(span));
  const items = whole.map((value, index) => ({ value, axes: checked(frame, parts[index] ?? []) }));
  return given.has('as') ? joinAs(call, items) : joinTuple(frame, { kind: 'tuple', items }, span);
}

/** Every value with the axes that the others have besides their parts. */
function spread(
  frame: Frame,
  values: readonly TensorValue[],
  parts: readonly (readonly PlainAxis[])[],
  span: Span,
): readonly TensorValue[] {
  const isIn = (axes: readonly PlainAxis[], name: string): boolean => axes.some((axis) => axis.name === name);
  const rests = values.flatMap((value, index) =>
    typeOf(value).axes.filter(({ name }) => !isIn(parts[index] ?? [], name)),
  );
  return values.map((value) => {
    const missing = rests.filter(({ name }, index) => {
      const isFirst = rests.findIndex((axis) => axis.name === name) === index;
      return isFirst && !isIn(typeOf(value).axes, name);
    });
    if (missing.length === 0) return value;
    const wide = emit(frame, { op: 'broadcast', inputs: [value], attrs: { axes: missing }, span });
    return wide.kind === 'failed' ? value : wide;
  });
}

/** One value on the axis that the argument names, which is as long as the parts together. */
function joinAs(call: BuiltinCall, items: TupleValue['items']): Value {
  const { frame, given, span } = call;
  const axis = oneAxisArgument(call, 'as');
  if (axis === undefined) return failed;
  const parts = items.map((item) => item.axes.map(({ name }) => name));
  const sizes = items.map((item) => item.axes.reduce((product, { size }) => product * size, 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== axis.size) {
    return fail(frame, errors.concatSize(given.get('as')?.span ?? span, axis, sizes));
  }
  return emit(frame, {
    op: 'concat',
    inputs: items.map((item) => item.value),
    attrs: { axis: { name: axis.name, size: axis.size }, parts },
    span,
  });
}

type PlainAxis = { readonly name: string; readonly size: number };

function partOf(
  value: TensorValue,
  values: readonly TensorValue[],
  over: readonly CheckedAxis[] | undefined,
): readonly PlainAxis[] {
  const { axes } = typeOf(value);
  if (over !== undefined) return axes.filter(({ name }) => over.some((axis) => axis.name === name));
  const own = axes.filter(
    ({ name }) => !values.every((other) => typeOf(other).axes.some((axis) => axis.name === name)),
  );
  return values.some((other) => typeOf(other).axes.length !== axes.length) || own.length > 0 ? own : axes;
}

function restsAgree(values: readonly TensorValue[], parts: readonly (readonly PlainAxis[])[]): boolean {
  const rests = values.map((value, index) =>
    typeOf(value)
      .axes.map(({ name }) => name)
      .filter((name) => parts[index]?.every((axis) => axis.name !== name))
      .toSorted()
      .join(' '),
  );
  const dtypes = new Set(values.map((value) => typeOf(value).dtype));
  return new Set(rests).size === 1 && dtypes.size === 1;
}

/** The axes with their labels, in their order. */
function checked(frame: Frame, axes: readonly PlainAxis[]): readonly CheckedAxis[] {
  return axes.map(({ name, size }) => ({ name, size, label: labelOfName(frame, name), kind: 'plain' }));
}

function labelOfName(frame: Frame, name: string): string {
  const entry = [...frame.body.axisNames].find(([, known]) => known === name);
  return entry?.[0].slice(0, entry[0].lastIndexOf(':')) ?? name;
}

/** The row of a table at each index: `gather(table, token, vocab)`. */
function gather(call: BuiltinCall): Value {
  const table = tensorArgument(call, 'table');
  const at = tensorArgument(call, 'at');
  const axis = oneAxisArgument(call, 'axis');
  if (table === undefined || at === undefined || axis === undefined) return failed;
  if (!hasAxes(call, table, [axis], 'axis', 'table')) return failed;
  const index = call.given.get('at')?.span ?? call.span;
  if (typeOf(at).dtype !== 'i32') return fail(call.frame, errors.indexNotPosition(index));
  if (typeOf(table).temporal || table.graph.kind === 'scan' || at.graph.kind === 'scan') {
    return fail(call.frame, errors.constVaries(call.given.get('table')?.span ?? call.span));
  }
  return emit(call.frame, { op: 'gather', inputs: [table, at], attrs: { axis: axis.name }, span: call.span });
}
