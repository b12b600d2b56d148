// `scaled by m`: the states of a scan are kept divided by exp(m). The body says what the states are without that; here every update is
// rewritten for the kept states, with m the greatest exponent of their terms.
import type { Name, ScanState } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import { hasAxis } from '../../ir/axes.ts';
import type { AnyNode, Axis } from '../../ir/graph.ts';
import * as errors from '../errors.ts';
import { asTensor } from './coerce.ts';
import { fail, type Frame, type ScanContext, type Scaling } from './context.ts';
import { emit, operand, without } from './emit.ts';
import { graphBuilder } from './graph-builder.ts';
import { scaled, type Tensor, type Update, nodeOf, outermost } from './scaled-terms.ts';
import { findValue, type Scope, setValue } from './scope.ts';
import { failed, typeOf, type TensorValue, type TupleItem, type Value } from './value.ts';

export function newScaling(scope: Scope, stabiliser: ScanState, states: readonly ScanState[]): Scaling {
  return { stabiliser, states: new Set(states.map(({ name }) => name.text)), scope, assigned: [] };
}

/**
 * After an assignment in the body of a scaled scan: what a state is assigned stands for itself from here on, as the kept value wherever it is
 * not part of an update; and the stabiliser's name means the new one.
 */
export function noteAssigned(frame: Frame, names: readonly Name[]): void {
  const { scan } = frame.body;
  const scaling = scan?.scaling;
  if (scan === undefined || scaling === undefined || frame.scope !== scaling.scope) return;
  const { stabiliser, states, assigned } = scaling;
  for (const { text, span } of names) {
    if (text === stabiliser.name.text) {
      setValue(frame.scope, text, fail(frame, errors.stabiliserAssigned(span, text, stabiliser.span)));
    }
    if (!states.has(text)) continue;
    setValue(frame.scope, text, marked(frame, scan, assigned, { text, span }));
    const before = findValue(frame.scope, stabiliser.name.text);
    if (before?.kind !== 'tensor') continue;
    const after = placeholder(scan, NEW, typeOf(before).axes, stabiliser.name.text, stabiliser.span);
    setValue(frame.scope, stabiliser.name.text, after);
  }
}

function marked(
  frame: Frame,
  scan: ScanContext,
  assigned: TensorValue[],
  { text, span }: Pick<Name, 'text' | 'span'>,
): Tensor {
  const tensor = asTensor(frame, findValue(frame.scope, text) ?? failed, span);
  if (tensor.kind === 'failed') return failed;
  const { dtype, axes } = typeOf(tensor);
  if (dtype === 'bool') return fail(frame, errors.truthMismatch(span, false));
  return placeholder(scan, `assigned:${assigned.push(tensor) - 1}`, axes, text, span);
}

/** The name of the node that stands for the stabiliser after the position. */
const NEW = 'stabiliser:';

function placeholder(
  scan: ScanContext,
  name: string,
  axes: readonly Axis[],
  word: string,
  span: Span,
): TensorValue {
  const type = { dtype: 'f32', axes, temporal: false } as const;
  const node = scan.graph.add({ op: 'input', inputs: [], attrs: { name, type }, type, name: word, span });
  return { kind: 'tensor', graph: scan.graph, node };
}

interface Rewriting {
  readonly frame: Frame;
  readonly scaling: Scaling;
  readonly written: ScanContext;
  readonly made: ScanContext;
  /** The axes of the stabiliser. */
  readonly axes: readonly Axis[];
  readonly read: Map<number, Tensor>;
  next: Tensor;
}

/** The scan with its states kept divided by exp(m): the new values of the scope's names take the places of the written ones. */
export function keepScaled(
  frame: Frame,
  written: ScanContext,
  scaling: Scaling,
  axes: readonly Axis[],
): ScanContext {
  const made: ScanContext = { graph: graphBuilder('scan'), operands: [] };
  const rewriting: Rewriting = { frame, scaling, written, made, axes, read: new Map(), next: failed };
  frame.body.scan = made;
  rewriting.next = newStabiliser(rewriting);
  const { values } = frame.scope;
  for (const [name, value] of values) values.set(name, moved(rewriting, value));
  delete frame.body.scan;
  return made;
}

/** The greatest of all exponents in what the states are at the end of the body. */
function newStabiliser(rewriting: Rewriting): Tensor {
  const { frame, scaling, axes } = rewriting;
  const found: TensorValue[] = [];
  const one = (span: Span): Tensor => emit(frame, { op: 'constant', inputs: [], attrs: { value: 1 }, span });
  const note = (exponent: Tensor, span: Span): Tensor => {
    if (exponent.kind === 'failed') return failed;
    if (!found.some(({ graph, node }) => graph === exponent.graph && node === exponent.node))
      found.push(exponent);
    return one(span);
  };
  const update = updateOf(rewriting, (exponent, ofState, span) => {
    if (!ofState)
      return note(exponent ?? emit(frame, { op: 'constant', inputs: [], attrs: { value: 0 }, span }), span);
    const before = oldStabiliser(rewriting);
    return note(
      exponent === undefined ? before : emit(frame, { op: 'add', inputs: [exponent, before], span }),
      span,
    );
  });
  let whole = true;
  for (const name of scaling.states) {
    const value = frame.scope.values.get(name);
    const last =
      value?.kind === 'tensor' && value.graph === rewriting.written.graph
        ? assignedOf(rewriting, nodeOf(value))
        : undefined;
    if (last !== undefined && scaled(update, last).kind === 'failed') whole = false;
  }
  if (!whole) return failed;
  const span = scaling.stabiliser.span;
  const narrow = found.map((each): Tensor => {
    const over = without(
      typeOf(each).axes,
      axes.map(({ name }) => name),
    ).map(({ name }) => name);
    return over.length === 0 ? each : emit(frame, { op: 'max', inputs: [each], attrs: { over }, span });
  });
  const greatest = narrow.reduce<Tensor | undefined>(
    (most, each) =>
      most === undefined || most.kind === 'failed' || each.kind === 'failed'
        ? (most ?? each)
        : emit(frame, { op: 'maximum', inputs: [most, each], span }),
    undefined,
  );
  return greatest ?? oldStabiliser(rewriting);
}

function assignedOf({ scaling }: Rewriting, node: AnyNode): TensorValue | undefined {
  const [kind, number] = String(node.attrs['name']).split(':');
  return node.op === 'input' && kind === 'assigned' ? scaling.assigned[Number(number)] : undefined;
}

function oldStabiliser({ made, axes, scaling: { stabiliser } }: Rewriting): TensorValue {
  const { text } = stabiliser.name;
  return placeholder(made, `state:${text}`, axes, text, stabiliser.span);
}

function updateOf(rewriting: Rewriting, scale: Update['scale']): Update {
  const { frame, written, scaling, axes } = rewriting;
  const { stabiliser, states } = scaling;
  return {
    frame,
    written,
    assigned: scaling.assigned,
    axes,
    scale,
    state: (node) =>
      states.has(String(node.attrs['name']).slice('state:'.length)) ? copied(rewriting, node) : failed,
    refuse: (span, why) =>
      fail(
        frame,
        errors.stabiliserNotDerived(
          span,
          stabiliser.name.text,
          stabiliser.span,
          why,
          'write the update as a sum of terms, each a product of `exp(…)`, of values, and of one state or a sum over it',
        ),
      ),
  };
}

function copied({ made }: Rewriting, { op, attrs, type, name, span }: AnyNode): TensorValue {
  const more = { ...(name === undefined ? {} : { name }), ...(span === undefined ? {} : { span }) };
  return {
    kind: 'tensor',
    graph: made.graph,
    node: made.graph.add({ op, inputs: [], attrs, type, ...more }),
  };
}

/** What a state is assigned, divided by exp(m). */
function kept(rewriting: Rewriting, value: TensorValue): Tensor {
  const { frame, next } = rewriting;
  if (next.kind === 'failed') return failed;
  const update = updateOf(rewriting, (exponent, ofState, span) => {
    const factor = (op: string, inputs: readonly TensorValue[]): Tensor => emit(frame, { op, inputs, span });
    const own = ofState ? oldStabiliser(rewriting) : undefined;
    const whole =
      exponent === undefined || own === undefined ? (exponent ?? own) : factor('add', [exponent, own]);
    if (whole?.kind === 'failed') return failed;
    const relative = whole === undefined ? factor('neg', [next]) : factor('sub', [whole, next]);
    if (relative.kind === 'failed') return failed;
    return emit(frame, { op: 'exp', inputs: [relative], name: ofState ? 'keep' : 'take', span });
  });
  return scaled(update, value);
}

/** A value of the written body as the new body has it: where it reads a state, it reads the kept one. */
function readValue(rewriting: Rewriting, value: TensorValue): Tensor {
  const { written, read } = rewriting;
  if (value.graph !== written.graph) return value;
  const known = read.get(value.node) ?? readNode(rewriting, value);
  read.set(value.node, known);
  return known;
}

function readNode(rewriting: Rewriting, value: TensorValue): Tensor {
  const { frame, made } = rewriting;
  const node = nodeOf(value);
  if (node.op === 'constant') return copied(rewriting, node);
  const outer = outermost(rewriting, value);
  if (outer !== value) return operand(made, outer);
  if (node.op === 'input') {
    if (node.attrs['name'] === NEW) return rewriting.next;
    const assigned = assignedOf(rewriting, node);
    return assigned === undefined ? copied(rewriting, node) : named(kept(rewriting, assigned), node);
  }
  const inputs = node.inputs.map((input) => readValue(rewriting, { ...value, node: input }));
  const usable = inputs.flatMap((input) => (input.kind === 'failed' ? [] : [input]));
  if (usable.length < inputs.length) return failed;
  const { op, attrs, name, span = rewriting.scaling.stabiliser.span } = node;
  return emit(frame, { op, inputs: usable, attrs, ...(name === undefined ? {} : { name }), span });
}

function named(value: Tensor, { name }: AnyNode): Tensor {
  if (value.kind === 'tensor' && name !== undefined) value.graph.name(value.node, name);
  return value;
}

function moved(rewriting: Rewriting, value: Value): Value {
  if (value.kind === 'tensor') return readValue(rewriting, value);
  if (value.kind !== 'tuple') return value;
  const items = value.items.flatMap((item): readonly TupleItem[] => {
    const own = readValue(rewriting, item.value);
    return own.kind === 'tensor' ? [{ ...item, value: own }] : [];
  });
  if (items.length < value.items.length) return failed;
  return items.every(({ value: own }, i) => own === value.items[i]?.value) ? value : { kind: 'tuple', items };
}

/** Whether every state has the axes of the stabiliser; says so of those that have not. */
export function scalesAll(
  frame: Frame,
  stabiliser: { readonly name: string; readonly axes: readonly Axis[]; readonly source: ScanState },
  states: readonly { readonly name: string; readonly axes: readonly Axis[]; readonly source: ScanState }[],
): boolean {
  const { name, axes } = stabiliser;
  const narrower = states.filter((state) => axes.some((axis) => !hasAxis(state.axes, axis.name)));
  for (const state of narrower) {
    const { span } = state.source;
    fail(frame, errors.stabiliserAxes(frame.body, stabiliser.source.span, name, axes, { ...state, span }));
  }
  return narrower.length === 0;
}
