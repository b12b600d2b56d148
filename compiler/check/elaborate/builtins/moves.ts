// Values under other names: rename, concat, gather.
import type { Expression } from '../../../../grammar/ast.ts';
import type { Span } from '../../../../grammar/source.ts';
import { elementCount } from '../../../ir/graph.ts';
import * as errors from '../../errors.ts';
import { bodyAxis, knowsAxis, namedAxes, resolveAxes } from '../axes.ts';
import { asTensor, joinTuple } from '../coerce.ts';
import { asComplex, eachPart, isComplex } from '../complex.ts';
import { fail, type Frame } from '../context.ts';
import { emit } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { failed, typeOf, type CheckedAxis, type TensorValue, type TupleValue, type Value } from '../value.ts';
import {
  hasAxes,
  linearly,
  oneAxisArgument,
  tensorArgument,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';

export const moves: Readonly<Record<string, Builtin>> = {
  concat: { parameters: ['over', 'as'], required: 0, variadic: true, make: concat },
  reverse: { parameters: ['value', 'over'], required: 2, make: reverse },
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
  const old = namedAxes(frame, from);
  if (old === undefined) return undefined;
  const type = typeOf(value);
  const missing = old.filter(({ name }) => !type.axes.some((axis) => axis.name === name));
  if (missing.length > 0) {
    return void fail(
      frame,
      errors.axisMissing(frame.body, from.span, missing, type, call.arguments[0]?.value.span),
    );
  }
  const targets = renameTargets(frame, old, to);
  if (targets === undefined) return undefined;
  const twice = targets.find(({ name }) => type.axes.some((axis) => axis.name === name));
  if (twice !== undefined) return void fail(frame, errors.axisTwice(to.span, twice));
  const renamed = emit(frame, { ...renaming(old, targets), inputs: [value], span: call.span });
  return renamed.kind === 'failed' ? undefined : renamed;
}

/** One axis for one, a product for an axis, or an axis for a product: their elements are counted with the last axis fastest. */
function renaming(old: readonly CheckedAxis[], targets: readonly CheckedAxis[]) {
  const plain = targets.map(({ name, size }) => ({ name, size }));
  const [from] = old;
  const [to] = plain;
  if (from === undefined || to === undefined) throw new Error('internal: a rename of no axis');
  if (old.length > 1)
    return { op: 'concat', attrs: { axis: to, parts: [old.map(({ name }) => name)] } } as const;
  return plain.length > 1
    ? ({ op: 'slice', attrs: { axis: from.name, offset: 0, into: plain } } as const)
    : ({ op: 'rename', attrs: { from: from.name, to: to.name } } as const);
}

/** The new axes: known ones of that size, or one by a name that is new here. */
function renameTargets(
  frame: Frame,
  old: readonly CheckedAxis[],
  to: Word,
): readonly CheckedAxis[] | undefined {
  const size = elementCount(old);
  const isKnown = knowsAxis(frame, to.text);
  const targets = isKnown ? namedAxes(frame, to) : [bodyAxis(frame.body, to.text, size)];
  if (targets === undefined) return undefined;
  if (old.length > 1 && targets.length > 1) return void fail(frame, errors.oneAxisNeeded(to.span, targets));
  if (elementCount(targets) !== size) return void fail(frame, errors.renameSize(to.span, old, targets));
  if (!isKnown) frame.scope.axes.set(to.text, targets);
  return targets;
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

/** The elements along an axis from the last to the first. */
function reverse(call: BuiltinCall): Value {
  const axis = oneAxisArgument(call, 'over');
  return linearly(call, 'value', (value) =>
    axis !== undefined && hasAxes(call, value, [axis], 'over', 'value')
      ? emit(call.frame, { op: 'reverse', inputs: [value], attrs: { axis: axis.name }, span: call.span })
      : failed,
  );
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
  return emit(call.frame, {
    op: 'gather',
    inputs: [table, at],
    attrs: { axes: [axis.name] },
    span: call.span,
  });
}
