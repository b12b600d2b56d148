// Where elementwise work goes: into the kernel that has its input in registers, if it can.
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { addSegment, current, joinSegments, reaches } from './draft.ts';
import type { GroupKind } from './group.ts';
import { recordOf } from '../ir/ops/index.ts';
import { isStep, matrixProduct, nodeOf, titleOf, sameNames } from './facts.ts';
import { makeReadable, makeReady, store, pendingSums, admit, isOfChoice, joinChoice } from './storing.ts';
import {
  type Where,
  type Walk,
  type Tail,
  FREE,
  LOOPS,
  whereOf,
  tailOf,
  isReady,
  hasLoops,
  closure,
  begin,
  waitsForSibling,
} from './walk.ts';

/** Maps, and in decode the steps of conv and shift: they join the kernel that has their input in registers, if they can. */
export function placeElementwise(walk: Walk, node: AnyNode): Where {
  const inputs = node.inputs;
  const waiting = inputs.filter((input) => !isReady(walk, input));
  if (waiting.length === 0) return placeWithoutTail(walk, node);
  const home = chooseHome(walk, waiting);
  for (const input of waiting) settle(walk, input, home);
  return joinTail(walk, node, home) ?? placeWithoutTail(walk, afterStoring(walk, node));
}

/** Among values in registers, the kernel that runs last takes the node. */
export function chooseHome(walk: Walk, waiting: readonly NodeId[]): Tail {
  const tails = waiting.map((id) => tailOf(walk, id));
  return tails.reduce((best, tail) =>
    best.draft !== tail.draft && reaches(tail.draft, best.draft) ? tail : best,
  );
}

/** Stores a value that lives in another kernel than the node's home, or in other rows of it. */
export function settle(walk: Walk, id: NodeId, home: Tail): void {
  const tail = tailOf(walk, id);
  if (tail.draft === home.draft && sameRows(walk, tail, home)) return;
  store(walk, id, 'another kernel reads it');
}

function sameRows(walk: Walk, a: Tail, b: Tail): boolean {
  const first = current(b.segment);
  const second = current(a.segment);
  if (!sameSequence(a.rows, b.rows)) return false;
  if (first === second) return true;
  if (a.draft.kind !== 'contract') return false;
  joinSegments(a.draft, first, second);
  walk.notes.push({
    fired: true,
    rule: 'projections whose results meet run in lockstep',
    detail: first.streams.map((id) => titleOf(walk.body, id)).join(', '),
  });
  return true;
}

function sameSequence(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((axis, i) => axis.name === b[i]?.name && axis.size === b[i]?.size);
}

/** The node as a tail of `home`, if its axes are the rows and nothing it reads depends on the kernel itself. */
function joinTail(walk: Walk, node: AnyNode, home: Tail): Tail | undefined {
  if (!sameNames(node.type.axes, home.rows)) return undefined;
  if (elementCount(node.type.axes) !== elementCount(home.rows)) return undefined;
  const outside = node.inputs.filter((input) => !inRegisters(walk, input, home));
  const waits = waitsForSibling(
    walk,
    home.draft,
    outside.flatMap((input) => [...closure(walk, input)]),
  );
  for (const input of node.inputs) {
    if (!inRegisters(walk, input, home) && isOfChoice(walk, input)) joinChoice(walk, input);
    if (!hasLoops(walk, input)) continue;
    if (waits) store(walk, input, 'a sum is computed once');
    else if (!isMadeForRow(walk, input, home)) makeForTail(walk, input, home);
  }
  if (waits) return undefined;
  const others = node.inputs.filter((input) => !inRegisters(walk, input, home));
  const before = others.flatMap((input) => [...closure(walk, input)]);
  if (before.some((draft) => reaches(draft, home.draft))) return undefined;
  for (const draft of before) home.draft.after.add(draft);
  noteTail(walk, node, home);
  return home;
}

/** A sum that a tail reads: computed in its kernel if it can be, else before. */
function makeForTail(walk: Walk, input: NodeId, home: Tail): void {
  if (ride(walk, input, home) || admitHome(walk, input, home)) return;
  store(walk, input, 'a sum is computed once');
}

/** Terms that an invocation may sum up for its row of a projection. */
const FEW_TERMS = 16;

/** Whether a sum has one short sum for each row of a projection, which is then computed once anyway. */
function isMadeForRow(walk: Walk, id: NodeId, home: Tail): boolean {
  const node = nodeOf(walk.body, id);
  if (!walk.fuse || home.draft.kind !== 'contract' || recordOf(node.op).kind !== 'contract') return false;
  const over = node.attrs['over'] as readonly string[]; // A contract's attributes hold the names of its axes.
  const [first] = node.inputs.map((input) => nodeOf(walk.body, input));
  const terms = elementCount(first?.type.axes.filter(({ name }) => over.includes(name)) ?? []);
  const isRow = sameNames(node.type.axes, home.rows);
  return isRow && terms <= FEW_TERMS && node.inputs.every((input) => !hasLoops(walk, input));
}

/** Kernels that come in parts, or whose workgroups have different work. */
const SEVERAL_PARTS: readonly GroupKind[] = ['attend', 'scan', 'longconv'];

/** In decode, kernels that do not come in parts may compute a small sum that their tail needs. */
function admitHome(walk: Walk, id: NodeId, home: Tail): boolean {
  if (walk.phase !== 'one' || SEVERAL_PARTS.includes(home.draft.kind)) return false;
  if ([...closure(walk, id)].some((draft) => reaches(draft, home.draft))) return false;
  return admit(walk, home.draft, id);
}

export function inRegisters(walk: Walk, id: NodeId, home: Tail): boolean {
  const where = whereOf(walk, id);
  return (
    where.kind === 'tail' && where.draft === home.draft && current(where.segment) === current(home.segment)
  );
}

function noteTail(walk: Walk, node: AnyNode, home: Tail): void {
  const anchor = current(home.segment).streams[0] ?? home.draft.anchor;
  const title = anchor === undefined ? 'its neighbour' : titleOf(walk.body, anchor);
  walk.notes.push({
    fired: true,
    rule: 'elementwise work joins the kernel that has its input',
    detail: `${titleOf(walk.body, node.id)} joins ${title}`,
  });
}

/** Stores every input that is still in registers. */
function afterStoring(walk: Walk, node: AnyNode): AnyNode {
  for (const input of node.inputs)
    if (!isReady(walk, input)) store(walk, input, `${titleOf(walk.body, node.id)} needs it elsewhere`);
  return node;
}

function placeWithoutTail(walk: Walk, node: AnyNode): Where {
  if (isStep(node)) return beginStep(walk, node);
  const loops = node.inputs.filter((input) => hasLoops(walk, input));
  const wider = loops.filter((input) => nodeOf(walk.body, input).type.axes.length < node.type.axes.length);
  // A sum that many elements share is stored in prefill; in decode, the kernel that reads it may be able to compute it first.
  if (walk.phase === 'many') wider.forEach((input) => store(walk, input, 'a sum is computed once'));
  return loops.length > (walk.phase === 'many' ? wider.length : 0) ? LOOPS : FREE;
}

/** A conv or shift step whose input is ready: a kernel of its own, which later elementwise nodes join. */
function beginStep(walk: Walk, node: AnyNode): Where {
  const ready = walk.phase === 'one' ? makeReadable : makeReady;
  for (const input of node.inputs) ready(walk, input, 'a step reads it');
  const draft = begin(walk, 'pointwise', node.inputs);
  for (const input of node.inputs) if (walk.phase === 'one') admit(walk, draft, input);
  return { kind: 'tail', draft, segment: addSegment(draft, node.type.axes), rows: node.type.axes };
}

/**
 * A sum needed in the tail of a projection in decode rides along in the projection's loop, if it runs over the same axes: this is what
 * folds a norm into the projection that follows it.
 */
function ride(walk: Walk, id: NodeId, home: Tail): boolean {
  if (!walk.fuse || walk.phase !== 'one' || home.draft.kind !== 'contract') return false;
  const sums = pendingSums(walk, id);
  const stream = home.draft.segments[0]?.streams[0];
  const product = stream === undefined ? undefined : matrixProduct(walk.body, nodeOf(walk.body, stream));
  if (product === undefined) return false;
  const fits = sums.every((sum) => isRider(walk, sum, product.over));
  if (!fits) return false;
  for (const sum of sums) {
    for (const before of closure(walk, sum)) if (reaches(before, home.draft)) return false;
  }
  for (const sum of sums) {
    home.draft.riders.add(sum);
    for (const before of closure(walk, sum)) home.draft.after.add(before);
  }
  walk.notes.push({
    fired: true,
    rule: 'a norm folds into the projection that follows',
    detail: sums.map((sum) => titleOf(walk.body, sum)).join(', '),
  });
  return true;
}

function isRider(walk: Walk, id: NodeId, over: readonly Axis[]): boolean {
  const node = nodeOf(walk.body, id);
  const axes = node.attrs['over'] as readonly string[]; // Reductions and contractions name their axes so.
  const sums = node.op === 'sum' || node.op === 'contract';
  const free = node.inputs.every((input) => !hasLoops(walk, input));
  return (
    sums &&
    free &&
    node.type.axes.length === 0 &&
    axes.length === over.length &&
    over.every((axis) => axes.includes(axis.name))
  );
}
