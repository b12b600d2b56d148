// The `scan` statement: a recurrence whose body is a small graph of its own; what does not touch a state stays outside.
import type { Scan, ScanState } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import type { Axis } from '../../ir/graph.ts';
import * as errors from '../errors.ts';
import { namedAxes } from './axes.ts';
import { asTensor } from './coerce.ts';
import { asComplex, type ComplexPart, complexOf, complexParts, isComplex } from './complex.ts';
import { fail, type Frame, type ScanContext } from './context.ts';
import { emit, operand } from './emit.ts';
import { evaluate } from './expression.ts';
import { graphBuilder } from './graph-builder.ts';
import { applyMap } from './operators.ts';
import { keepScaled, newScaling, scalesAll } from './scaled-scan.ts';
import { setValue } from './scope.ts';
import { checkDtype, runStatements, type Returned } from './statement.ts';
import { constant, failed, typeOf, type Failed, type TensorValue, type Value } from './value.ts';

interface State {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly initial: number;
  /** Which part of a complex state. */
  readonly part?: ComplexPart;
  readonly source: ScanState;
}

/** `run` does what the body's statements say, unless it does that by itself. */
export function runScan(
  frame: Frame,
  statement: Scan,
  run = (): Returned | undefined => runStatements(frame, statement.body),
): void {
  const { body } = frame;
  checkDtype(frame, statement);
  const { scaledBy } = statement;
  const sources = scaledBy === undefined ? statement.states : [...statement.states, scaledBy];
  const states = sources.map((state) => resolveState(frame, state));
  const scaling = scaledBy && newScaling(frame.scope, scaledBy, statement.states);
  const scan: ScanContext = { graph: graphBuilder('scan'), operands: [], ...(scaling && { scaling }) };
  const before = new Map(frame.scope.values);
  for (const [index, state] of states.entries()) {
    const name = sources[index]?.name.text ?? '';
    setValue(frame.scope, name, state === undefined ? failed : stateValue(scan, statement, state));
  }
  body.scan = scan;
  const returned = run();
  const truths = numbersForTruths(frame, scan, before, statement.span);
  delete body.scan;
  if (returned !== undefined) fail(frame, errors.notInScan(returned.span));
  const known = states.filter((state) => state !== undefined);
  const stabiliser = scaling === undefined ? undefined : states.at(-1);
  const fits = stabiliser === undefined || scalesAll(frame, stabiliser, known.slice(0, -1));
  const usable = fits && known.length === states.length && !isScaledComplex(frame, statement);
  const kept = usable && stabiliser && scaling ? keepScaled(frame, scan, scaling, stabiliser.axes) : scan;
  const parts = known.flatMap((state) => partsOf(statement, state));
  leave(frame, statement, kept, usable ? parts : undefined, before);
  for (const name of truths) {
    const number = frame.scope.values.get(name) ?? failed;
    const spans = [statement.span, statement.span];
    frame.scope.values.set(name, applyMap(frame, 'ne', [number, constant(0)], spans, statement.span));
  }
}

function isScaledComplex(frame: Frame, { dtype, scaledBy }: Scan): boolean {
  if (dtype !== 'complex' || scaledBy === undefined) return false;
  fail(frame, errors.notCarriedOutYet(scaledBy.span, 'A complex scan `scaled by` a stabiliser'));
  return true;
}

/** A scan yields numbers: what is true or false in its body leaves it as 1 or 0. Gives the names of those values. */
function numbersForTruths(
  frame: Frame,
  scan: ScanContext,
  before: ReadonlyMap<string, Value>,
  span: Span,
): readonly string[] {
  const names: string[] = [];
  for (const [name, value] of frame.scope.values) {
    const isNew = before.get(name) !== value && value.kind === 'tensor' && value.graph === scan.graph;
    if (!isNew || typeOf(value).dtype !== 'bool') continue;
    frame.scope.values.set(
      name,
      applyMap(frame, 'where', [value, constant(1), constant(0)], [span, span, span], span),
    );
    names.push(name);
  }
  return names;
}

function resolveState(frame: Frame, state: ScanState): State | undefined {
  const lists = state.axes.map((name) => namedAxes(frame, name));
  const initial = initialOf(frame, state);
  if (initial === undefined || !lists.every((axes) => axes !== undefined)) return undefined;
  const axes = lists.flat();
  const twice = axes.find((axis, index) => axes.findIndex(({ name }) => name === axis.name) !== index);
  if (twice !== undefined) {
    fail(frame, errors.axisTwiceInProduct(state.span, twice));
    return undefined;
  }
  const size = axes.reduce((product, axis) => product * axis.size, 1);
  if (size >= 2 ** 31) {
    fail(frame, errors.valueTooLarge(state.span, axes));
    return undefined;
  }
  const plain = axes.map(({ name, size: each }) => ({ name, size: each }));
  return { name: state.name.text, axes: plain, initial, source: state };
}

function initialOf(frame: Frame, state: ScanState): number | undefined {
  if (state.initial === undefined) return 0;
  const value = evaluate(frame, state.initial);
  if (value.kind === 'constant' && typeof value.value === 'number' && Number.isFinite(value.value))
    return value.value;
  if (value.kind !== 'failed')
    fail(frame, errors.notConstant(state.initial.span, 'What a state starts from'));
  return undefined;
}

/** A complex state is two real ones. */
function partsOf({ dtype }: Scan, state: State): readonly State[] {
  if (dtype !== 'complex') return [state];
  return complexParts.map((part) => ({
    ...state,
    name: `${state.name}.${part}`,
    initial: part === 're' ? state.initial : 0,
    part,
  }));
}

function stateValue(scan: ScanContext, statement: Scan, state: State): Value {
  const [re, im] = partsOf(statement, state).map((part) => stateNode(scan, part));
  return im === undefined ? (re ?? failed) : complexOf(re ?? failed, im);
}

function stateNode(scan: ScanContext, state: State): TensorValue {
  const type = { dtype: 'f32', axes: state.axes, temporal: false } as const;
  const node = scan.graph.add({
    op: 'input',
    inputs: [],
    attrs: { name: `state:${state.name}`, type },
    type,
    name: state.name,
    span: state.source.span,
  });
  return { kind: 'tensor', graph: scan.graph, node };
}

/**
 * Every value that depends on a state becomes, after the scan, a value per position: a `scan` node that yields this one result. All
 * of them hold the very same body, by which they are joined when the graph is finished.
 */
function leave(
  frame: Frame,
  statement: Scan,
  scan: ScanContext,
  states: readonly State[] | undefined,
  before: ReadonlyMap<string, Value>,
): void {
  const after = states && finalStates(frame, statement, scan, states);
  const { values } = frame.scope;
  const changed = [...values].filter(([name, value]) => before.get(name) !== value);
  const inside = changed.flatMap(([name, value]) => insideValues(scan, name, value));
  // Without a prototype, so that `__proto__` is a name like any other.
  const outputs = Object.create(null) as Record<string, number>; // Object.create has no type of its own.
  for (const [state, node] of after ?? []) outputs[`state:${state}`] = node;
  for (const { result, node } of inside) if (after?.has(result) !== true) outputs[result] = node;
  const shared = { name: `${frame.body.name}.scan`, nodes: [...scan.graph.nodes], outputs };
  const make = (result: string): Value =>
    after === undefined
      ? failed
      : emit(frame, {
          op: 'scan',
          inputs: scan.operands,
          attrs: {
            states: (states ?? []).map(({ name, axes, initial }) => ({ name, axes, initial })),
            body: shared,
            ...(statement.scaledBy && { stabiliser: statement.scaledBy.name.text }),
            results: [after.has(result) ? `state:${result}` : result],
          },
          name: result,
          span: statement.span,
        });
  for (const [name, value] of changed) values.set(name, outside(scan, name, value, make));
}

/** The nodes of the scan's graph that a value of the scope consists of, with names for the results. */
function insideValues(
  scan: ScanContext,
  name: string,
  value: Value,
): readonly { result: string; node: number }[] {
  if (value.kind === 'tensor') return value.graph === scan.graph ? [{ result: name, node: value.node }] : [];
  if (value.kind === 'complex')
    return complexParts.flatMap((part) => insideValues(scan, `${name}.${part}`, value[part]));
  if (value.kind !== 'tuple') return [];
  return value.items.flatMap((item, index) => insideValues(scan, `${name}.${index}`, item.value));
}

function outside(scan: ScanContext, name: string, value: Value, make: (result: string) => Value): Value {
  if (value.kind === 'tensor') return value.graph === scan.graph ? make(name) : value;
  if (value.kind === 'complex') {
    const [re, im] = complexParts.map((part) => outside(scan, `${name}.${part}`, value[part], make));
    return complexOf(re ?? failed, im ?? failed);
  }
  if (value.kind !== 'tuple') return value;
  const items = value.items.flatMap((item, index) => {
    const moved = outside(scan, `${name}.${index}`, item.value, make);
    return moved.kind === 'tensor' ? [{ ...item, value: moved }] : [];
  });
  return items.length === value.items.length ? { kind: 'tuple', items } : failed;
}

/** The value of each state after the position, on exactly the state's axes. */
function finalStates(
  frame: Frame,
  statement: Scan,
  scan: ScanContext,
  states: readonly State[],
): ReadonlyMap<string, number> | undefined {
  const final = new Map<string, number>();
  for (const state of states) {
    const node = finalState(frame, statement, scan, state);
    if (node !== undefined) final.set(state.name, node);
  }
  return final.size === states.length ? final : undefined;
}

function finalState(frame: Frame, statement: Scan, scan: ScanContext, state: State): number | undefined {
  const { name } = state.source;
  const value = frame.scope.values.get(name.text) ?? failed;
  if (value.kind === 'failed') return undefined;
  if (isUntouched(scan, statement, { ...state, name: name.text }, value)) {
    if (state.part !== 'im') fail(frame, errors.stateNotAssigned(name.span, name.text, statement.span));
    return undefined;
  }
  frame.body.scan = scan;
  const tensor = partOfState(frame, value, state);
  const inside = tensor.kind === 'tensor' ? spread(frame, scan, state, tensor) : undefined;
  delete frame.body.scan;
  return inside;
}

/** Whether a state's name still means what it meant at the start of the body. */
function isUntouched(scan: ScanContext, statement: Scan, state: State, value: Value): boolean {
  const same = (tensor: TensorValue, source: TensorValue): boolean =>
    tensor.graph === scan.graph && tensor.node === source.node;
  const source = stateValue(scan, statement, state);
  if (value.kind === 'tensor' && source.kind === 'tensor') return same(value, source);
  if (value.kind !== 'complex' || source.kind !== 'complex') return false;
  return same(value.re, source.re) && same(value.im, source.im);
}

/** The new value of a state, or of the part of a complex one. */
function partOfState(frame: Frame, value: Value, { part, source }: State): TensorValue | Failed {
  if (part === undefined && isComplex(value))
    return fail(frame, errors.stateIsReal(source.span, source.name.text));
  if (part === undefined) return asTensor(frame, value, source.span);
  const whole = asComplex(frame, value, source.span);
  return whole.kind === 'failed' ? failed : whole[part];
}

/** The new state inside the scan, with the axes that it lacks added; more axes than the state's are a mistake. */
function spread(frame: Frame, scan: ScanContext, state: State, value: TensorValue): number | undefined {
  const type = typeOf(value);
  if (type.dtype === 'bool') {
    fail(frame, errors.truthMismatch(state.source.span, false));
    return undefined;
  }
  const extra = type.axes.filter(({ name }) => !state.axes.some((axis) => axis.name === name));
  if (extra.length > 0) {
    fail(
      frame,
      errors.stateAxesDiffer(frame.body, state.source.span, state.source.name.text, state.axes, type),
    );
    return undefined;
  }
  const inside = value.graph === scan.graph ? value : operand(scan, value);
  const lacks = state.axes.filter(({ name }) => !type.axes.some((axis) => axis.name === name));
  if (lacks.length === 0) return inside.node;
  const whole = emit(frame, {
    op: 'broadcast',
    inputs: [inside],
    attrs: { axes: lacks },
    span: state.source.span,
  });
  return whole.kind === 'failed' ? undefined : whole.node;
}
