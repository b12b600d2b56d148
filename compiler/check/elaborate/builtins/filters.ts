// Filters: `conv`, short and causal; `longconv`, as long as the sequence and perhaps of later positions; and what either takes.
import type { Expression } from '../../../../grammar/ast.ts';
import type { Span } from '../../../../grammar/source.ts';
import { type Axis, elementCount } from '../../../ir/graph.ts';
import type { LongFilter } from '../../../ir/ops/longconv.ts';
import * as errors from '../../errors.ts';
import { lagAxesOf, type LagAxis } from '../axes.ts';
import { asTensor } from '../coerce.ts';
import { isComplex } from '../complex.ts';
import { fail, type Frame } from '../context.ts';
import { emit, without } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { applyMap } from '../operators.ts';
import { failed, typeOf, type Failed, type ModalValue, type TensorValue, type Value } from '../value.ts';
import type { WeightDeclaration } from '../weight.ts';
import { weightTensor } from '../weight-node.ts';
import {
  constantArgument,
  badArgument,
  hasAxes,
  numberArgument,
  temporalArgument,
  wrong,
  type Builtin,
  type BuiltinCall,
} from './builtin.ts';
import { modalScan, modalTaps } from './modal.ts';

export const filters: Readonly<Record<string, Builtin>> = {
  conv: { parameters: ['x', 'filter'], required: 2, make: conv },
  longconv: { parameters: ['x', 'filter', 'skip', 'reverse', 'from'], required: 1, make: longconv },
};

/** Taps over an axis of lags, and the weight whose bias is added, if they are one that has a bias. */
interface Taps {
  readonly kind: 'taps';
  readonly tensor: TensorValue;
  readonly axis: LagAxis;
  readonly biased?: WeightDeclaration;
}

/** What an argument is that may be left out, also by `none`. */
type Given<Read> = { readonly span: Span; readonly is: Read } | undefined | typeof wrong;

/** A short causal filter, with its bias. */
function conv(call: BuiltinCall): Value {
  const { frame, span } = call;
  const value = temporalArgument(call, 'x');
  const filter = filterArgument(call, 'filter', value);
  if (value === undefined || filter === undefined || filter === wrong) return failed;
  if (filter.is.kind === 'modal') return fail(frame, errors.modalIsNoValue(filter.span, filter.is.span));
  const { tensor, axis, biased } = filter.is;
  const others = typeOf(tensor).axes.filter(({ name }) => name !== axis.name);
  const checked = others.map((other) => ({ ...other, label: other.name, kind: 'plain' }) as const);
  if (!hasAxes(call, value, checked, 'filter', 'x') || !isApart(call, value, filter.is, filter.span))
    return failed;
  const taps = oriented(frame, filter.is, 'taps', span);
  if (taps.kind === 'failed') return failed;
  const filtered = emit(frame, { op: 'conv', inputs: [value, taps], attrs: { taps: axis.name }, span });
  return biased === undefined ? filtered : plusBias(call, filtered, biased);
}

/** A filter as long as the sequence; `reverse` is one of later positions, which begins at the lag `from`. */
function longconv(call: BuiltinCall): Value {
  const { frame, span } = call;
  const value = temporalArgument(call, 'x');
  const behind = filterArgument(call, 'filter', value);
  const ahead = filterArgument(call, 'reverse', value);
  const first = firstLag(call, ahead);
  const skip = skipArgument(call);
  if (behind === wrong || ahead === wrong || first === undefined || skip === wrong || value === undefined)
    return failed;
  if (behind === undefined && ahead === undefined)
    return fail(frame, errors.missingArgument(span, call.name, ['filter']));
  const filtered =
    behind?.is.kind === 'modal' && ahead === undefined
      ? modalScan(frame, value, behind.is, behind.span)
      : filteredByTaps(call, value, [
          ...(behind === undefined ? [] : [{ ...behind, ahead: false, first: 0 }]),
          ...(ahead === undefined ? [] : [{ ...ahead, ahead: true, first }]),
        ]);
  return skip === undefined ? filtered : withSkip(call, filtered, value, skip);
}

type Placed = Omit<LongFilter, 'axis'> & { readonly is: Taps | ModalValue; readonly span: Span };

/** The sum of several filters, and of their biases. */
function filteredByTaps(call: BuiltinCall, value: TensorValue, placed: readonly Placed[]): Value {
  const { frame, span } = call;
  const inputs: TensorValue[] = [value];
  const attrs: LongFilter[] = [];
  const biased: WeightDeclaration[] = [];
  for (const { is, span: at, ahead, first } of placed) {
    const taps: Omit<Taps, 'kind'> | undefined = is.kind === 'modal' ? modalTaps(frame, is, value, at) : is;
    if (taps === undefined || !isApart(call, value, taps, at)) return failed;
    const tensor = oriented(frame, taps, 'lag', span);
    if (tensor.kind === 'failed') return failed;
    inputs.push(tensor);
    attrs.push({ axis: taps.axis.name, ahead, first });
    if (taps.biased !== undefined) biased.push(taps.biased);
  }
  const filtered = emit(frame, { op: 'longconv', inputs, attrs: { filters: attrs }, span });
  return biased.reduce<Value>((sum, weight) => plusBias(call, sum, weight), filtered);
}

/** Adds what goes by the filter. */
function withSkip(call: BuiltinCall, filtered: Value, value: TensorValue, skip: TensorValue): Value {
  const { frame, span, given } = call;
  if (filtered.kind !== 'tensor') return failed;
  const result = typeOf(filtered);
  const stray = without(
    typeOf(skip).axes,
    result.axes.map(({ name }) => name),
  );
  const at = given.get('skip')?.span ?? span;
  if (stray.length > 0)
    return fail(frame, errors.skipAxisStray(frame.body, at, stray, result, call.call.callee.span));
  return plus(call, filtered, applyMap(frame, 'mul', [skip, value], [at, span], span));
}

function plus({ frame, span }: BuiltinCall, a: Value, b: Value): Value {
  return a.kind === 'tensor' && b.kind === 'tensor'
    ? emit(frame, { op: 'add', inputs: [a, b], span })
    : failed;
}

function plusBias(call: BuiltinCall, value: Value, weight: WeightDeclaration): Value {
  return plus(call, value, weightTensor(call.frame, weight, 0, true) ?? failed);
}

/** Reports a value that has the filter's axis of lags, or another axis of the same size in the place of one of the filter's. */
function isApart(
  call: BuiltinCall,
  value: TensorValue,
  { tensor, axis }: Pick<Taps, 'tensor' | 'axis'>,
  at: Span,
): boolean {
  const { frame, span } = call;
  const own = typeOf(value).axes;
  const filter = typeOf(tensor).axes.filter(({ name }) => name !== axis.name);
  if (own.some(({ name }) => name === axis.name)) {
    fail(frame, errors.filterAxisInValue(span));
    return false;
  }
  const names = (axes: typeof own): readonly string[] => axes.map(({ name }) => name);
  const [left, right] = [without(own, names(filter)), without(filter, names(own))];
  const size = elementCount(left);
  if (left.length === 0 || right.length === 0 || size === 1 || size !== elementCount(right)) return true;
  const spans = [call.given.get('x')?.span ?? span, at];
  fail(frame, errors.equalSizeOtherAxis(frame.body, spans, [left, right], span));
  return false;
}

/** The taps with their lags in the order that is asked for. */
function oriented(
  frame: Frame,
  { tensor, axis }: Pick<Taps, 'tensor' | 'axis'>,
  kind: LagAxis['kind'],
  span: Span,
): TensorValue | Failed {
  if (axis.kind === kind) return tensor;
  return emit(frame, { op: 'reverse', inputs: [tensor], attrs: { axis: axis.name }, span });
}

/** A filter as it was given: a weight, a constant, or its modes. */
function filterArgument(
  call: BuiltinCall,
  name: string,
  filtered: TensorValue | undefined,
): Given<Taps | ModalValue> {
  const { frame } = call;
  const expression = call.given.get(name);
  if (expression === undefined) return undefined;
  const { span } = expression;
  const value = evaluate(frame, expression);
  if (value.kind === 'constant' && value.value === null) return undefined;
  const is = value.kind === 'modal' ? value : tapsOf(call, value, expression, filtered);
  return is === undefined ? wrong : { span, is };
}

function tapsOf(
  call: BuiltinCall,
  value: Value,
  { span }: Expression,
  filtered: TensorValue | undefined,
): Taps | undefined {
  const { frame, name } = call;
  const noLags = (own: readonly Axis[]) =>
    errors.notAFilter(frame.body, span, name, own, filtered === undefined ? [] : typeOf(filtered).axes);
  const refuse = (diagnostic: Parameters<typeof fail>[1]): undefined => void fail(frame, diagnostic);
  if (value.kind === 'failed') return undefined;
  if (isComplex(value)) return refuse(errors.realNeeded(span, name));
  if (value.kind === 'constant' || value.kind === 'perCall') return refuse(noLags([]));
  const tensor = asTensor(frame, value, span);
  if (tensor.kind === 'failed') return undefined;
  const type = typeOf(tensor);
  if (type.dtype === 'bool') return refuse(errors.truthMismatch(span, false));
  if (type.temporal || tensor.graph.kind === 'scan') return refuse(errors.filterVaries(span, name));
  const [axis, ...more] = lagAxesOf(frame.body, type.axes);
  if (axis === undefined) return refuse(noLags(type.axes));
  if (more.length > 0) return refuse(errors.filterOfSeveralLags(frame.body, span, name, [axis, ...more]));
  const biased = value.kind === 'weight' && value.weight.bias ? { biased: value.weight } : {};
  return { kind: 'taps', tensor, axis, ...biased };
}

/** The lag where the filter of later positions begins, which is never guessed; 0 where there is no such filter. */
function firstLag(call: BuiltinCall, ahead: Given<unknown>): number | undefined {
  const { frame, given } = call;
  const from = constantArgument(call, 'from');
  if (from === wrong || ahead === wrong) return undefined;
  if (from === null && ahead === undefined) return 0;
  if (from === 0 || from === 1) {
    if (ahead !== undefined) return from;
    fail(frame, errors.fromWithoutReverse(given.get('from')?.span ?? call.span));
  } else if (from === null) fail(frame, errors.fromMissing(given.get('reverse')?.span ?? call.span));
  else fail(frame, badArgument(call, 'from', from, '0, the position itself, or 1, the next one'));
  return undefined;
}

function skipArgument(call: BuiltinCall): TensorValue | undefined | typeof wrong {
  const expression = call.given.get('skip');
  if (expression === undefined) return undefined;
  const value = evaluate(call.frame, expression);
  if (value.kind === 'constant' && value.value === null) return undefined;
  return numberArgument(call, 'skip') ?? wrong;
}
