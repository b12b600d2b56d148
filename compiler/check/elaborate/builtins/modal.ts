// Filters by their modes: `modal(residues, poles)` is the filter whose tap at lag i is Re Σ residue · pole^i.
import type { Scan } from '../../../../grammar/ast.ts';
import type { Span } from '../../../../grammar/source.ts';
import type { Axis } from '../../../ir/graph.ts';
import * as errors from '../../errors.ts';
import { bodyAxis, lagAxesOf, type LagAxis } from '../axes.ts';
import { asTensor } from '../coerce.ts';
import { asComplex, isComplex, partOf } from '../complex.ts';
import { fail, type Frame } from '../context.ts';
import { emit } from '../emit.ts';
import { evaluate } from '../expression.ts';
import { applyMap } from '../operators.ts';
import { runScan } from '../scan.ts';
import { findValue, newScope, setValue } from '../scope.ts';
import {
  failed,
  typeOf,
  type CheckedAxis,
  type ComplexValue,
  type Failed,
  type ModalValue,
  type TensorValue,
  type Value,
} from '../value.ts';
import { axesArgument, oneAxisArgument, type Builtin, type BuiltinCall } from './builtin.ts';

export const modes: Readonly<Record<string, Builtin>> = {
  modal: { parameters: ['residues', 'poles', 'over'], required: 2, make: modal },
  taps: { parameters: ['filter', 'axis'], required: 2, make: taps },
};

function modal(call: BuiltinCall): Value {
  const [residues, poles] = [modesArgument(call, 'residues'), modesArgument(call, 'poles')];
  const over = axesArgument(call, 'over');
  if (residues === undefined || poles === undefined || (over === undefined && call.given.has('over')))
    return failed;
  const filter = { kind: 'modal', residues, poles, span: call.span } as const;
  if (over === undefined) return filter;
  const missing = over.filter(({ name }) => !axesOf(filter).some((axis) => axis.name === name));
  if (missing.length === 0) return { ...filter, over };
  const at = call.given.get('over')?.span ?? call.span;
  const type = { dtype: 'f32', axes: axesOf(filter), temporal: false } as const;
  return fail(
    call.frame,
    errors.axisMissing(call.frame.body, at, missing, type, call.given.get('poles')?.span),
  );
}

/** Residues or poles: real or complex, the same at every position. */
function modesArgument(call: BuiltinCall, name: string): ModalValue['poles'] | undefined {
  const { frame } = call;
  const expression = call.given.get(name);
  if (expression === undefined) return undefined;
  const { span } = expression;
  const given = evaluate(frame, expression);
  const value = isComplex(given) ? asComplex(frame, given, span) : asTensor(frame, given, span);
  if (value.kind === 'failed') return undefined;
  const parts = value.kind === 'complex' ? [value.re, value.im] : [value];
  if (parts.some((part) => typeOf(part).dtype === 'bool')) fail(frame, errors.truthMismatch(span, false));
  else if (parts.some((part) => typeOf(part).temporal || part.graph.kind === 'scan'))
    fail(frame, errors.modesVary(span));
  else return value;
  return undefined;
}

function axesOf({ residues, poles }: Pick<ModalValue, 'residues' | 'poles'>): readonly Axis[] {
  const parts = [poles, residues].flatMap((each) => (each.kind === 'complex' ? [each.re, each.im] : [each]));
  const all = parts.flatMap((part) => typeOf(part).axes);
  return all.filter(({ name }, at) => all.findIndex((axis) => axis.name === name) === at);
}

/** The axes that the filter sums over: those that were named, or the one that the filtered value lacks. */
function summedAxes(
  frame: Frame,
  filter: ModalValue,
  kept: readonly Axis[] | undefined,
  span: Span,
): readonly Axis[] | undefined {
  const has = (axis: Axis): boolean => kept?.some(({ name }) => name === axis.name) === true;
  const shared = (filter.over ?? []).filter(has);
  if (shared.length > 0) {
    fail(frame, errors.modalAxisInValue(frame.body, span, shared, filter.span));
    return undefined;
  }
  if (filter.over !== undefined) return filter.over;
  const open = axesOf(filter).filter((axis) => !has(axis));
  if (open.length <= (kept === undefined ? 0 : 1)) return open;
  fail(frame, errors.modalAxisUnclear(frame.body, filter.span, open));
  return undefined;
}

/** A causal filter by its modes is a recurrence: every mode keeps `mode = pole · mode + x`. */
export function modalScan(outer: Frame, x: TensorValue, filter: ModalValue, span: Span): Value {
  const over = summedAxes(outer, filter, typeOf(x).axes, span);
  if (over === undefined) return failed;
  const { residues, poles } = filter;
  const frame = { ...outer, scope: newScope(outer.scope) };
  const own = [typeOf(x).axes, axesOf({ residues: poles, poles })].flat();
  const axes = own.filter(({ name }, at) => own.findIndex((axis) => axis.name === name) === at);
  for (const axis of axes) frame.scope.axes.set(axis.name, [{ ...axis, label: axis.name, kind: 'plain' }]);
  const step = (): undefined => {
    const before = findValue(frame.scope, state) ?? failed;
    const after = map(frame, 'add', [map(frame, 'mul', [poles, before], filter.span), x], span);
    setValue(frame.scope, state, after);
    const read = realPart(frame, map(frame, 'mul', [residues, after], filter.span), span);
    setValue(frame.scope, result, sumOver(frame, read, over, span));
  };
  inOwnScan(frame, () => runScan(frame, scanOf(axes, poles.kind === 'complex', span), step));
  return findValue(frame.scope, result) ?? failed;
}

/** In a scope of their own, so they hide none of a model's. */
const state = 'mode';
const result = 'modes';

function scanOf(axes: readonly Axis[], complex: boolean, span: Span): Scan {
  const names = axes.map(({ name }) => ({ text: name, span }));
  const states = [{ kind: 'scanState', name: { text: state, span }, axes: names, span } as const];
  return { kind: 'scan', states, body: [], span, ...(complex ? { dtype: 'complex' } : {}) };
}

/** A filter may stand in a scan's body if it has nothing to do with its states; its own recurrence is then beside that scan. */
function inOwnScan({ body }: Frame, run: () => void): void {
  const { scan } = body;
  delete body.scan;
  run();
  if (scan !== undefined) body.scan = scan;
}

function map(frame: Frame, op: string, operands: readonly Value[], span: Span): Value {
  if (operands.some(({ kind }) => kind === 'failed')) return failed;
  return applyMap(
    frame,
    op,
    operands,
    operands.map(() => span),
    span,
  );
}

function realPart(frame: Frame, value: Value, span: Span): TensorValue | Failed {
  if (value.kind === 'complex') return partOf(frame, value, 're', span);
  return value.kind === 'tensor' ? value : failed;
}

function sumOver(frame: Frame, value: TensorValue | Failed, over: readonly Axis[], span: Span): Value {
  if (value.kind === 'failed' || over.length === 0) return value;
  return emit(frame, { op: 'sum', inputs: [value], attrs: { over: over.map(({ name }) => name) }, span });
}

/** The taps of a filter that is applied to `x`, over an axis of lags as long as a sequence may be. */
export function modalTaps(
  frame: Frame,
  filter: ModalValue,
  x: TensorValue,
  span: Span,
): { readonly tensor: TensorValue; readonly axis: LagAxis } | undefined {
  const { room, planned } = frame.body.program.model.positions;
  const axis = lagAxis(frame, 'lag', room ?? planned);
  const over = summedAxes(frame, filter, typeOf(x).axes, span);
  const tensor = over === undefined ? failed : tapsOver(frame, filter, over, axis, span);
  return tensor.kind === 'tensor' ? { tensor, axis } : undefined;
}

function lagAxis(frame: Frame, label: string, size: number): LagAxis {
  return { ...bodyAxis(frame.body, label, size, 'lag'), kind: 'lag' };
}

/** `taps(filter, time)`: the taps over an axis of lags, the oldest first if it is one of `taps`. */
function taps(call: BuiltinCall): Value {
  const { frame, given, span } = call;
  const expression = given.get('filter');
  const found = oneAxisArgument(call, 'axis');
  const filter = expression === undefined ? failed : evaluate(frame, expression);
  if (expression === undefined || filter.kind === 'failed' || found === undefined) return failed;
  if (filter.kind !== 'modal') return fail(frame, errors.notModal(expression.span));
  const [axis] = lagAxesOf(frame.body, [found]);
  if (axis === undefined) return fail(frame, errors.notALagAxis(given.get('axis')?.span ?? span, found));
  const over = summedAxes(frame, filter, undefined, expression.span);
  const tensor = over === undefined ? failed : tapsOver(frame, filter, over, axis, span);
  if (tensor.kind === 'failed' || axis.kind === 'lag') return tensor;
  return emit(frame, { op: 'reverse', inputs: [tensor], attrs: { axis: axis.name }, span });
}

/** Re Σ residue · pole^lag. */
function tapsOver(
  frame: Frame,
  { residues, poles }: ModalValue,
  over: readonly CheckedAxis[] | readonly Axis[],
  { name, size }: LagAxis,
  span: Span,
): TensorValue | Failed {
  const inputs = [residues, poles].flatMap((each) => partsOf(frame, each, span));
  if (inputs.length < 4) return failed;
  const attrs = { over: over.map((axis) => axis.name), axis: { name, size } };
  return emit(frame, { op: 'modal_taps', inputs, attrs, span });
}

/** Real and imaginary part. */
function partsOf(frame: Frame, value: TensorValue | ComplexValue, span: Span): readonly TensorValue[] {
  if (value.kind === 'complex') return [value.re, value.im];
  const zero = emit(frame, { op: 'constant', inputs: [], attrs: { value: 0 }, span });
  return zero.kind === 'tensor' ? [value, zero] : [];
}
