// Grouping: which nodes share a kernel. One walk over a body in topological order; every value is either computed where it is needed
// ("free"), or the tail of a kernel that is being built, or stored.
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import {
  addSegment,
  current,
  type Draft,
  type DraftSegment,
  finishDraft,
  joinSegments,
  newDraft,
  type Notes,
  orderDrafts,
  reaches,
} from './draft.ts';
import { isCheap, isSource, isStep, matrixProduct, nodeOf, nodeTitle, sameNames } from './facts.ts';
import type { Grouping, Phase } from './group.ts';
import { scanShape } from './scan-shape.ts';

export interface GroupingOptions {
  /** False gives every node its own kernel: the plan without fusion, for comparison and as an oracle. */
  readonly fuse: boolean;
}

/** Where a value is: computed anywhere from what is stored (`loops`: at the price of a sum), or in a kernel's registers. */
type Where =
  | { readonly kind: 'free'; readonly loops: boolean }
  | {
      readonly kind: 'tail';
      readonly draft: Draft;
      readonly segment: DraftSegment;
      readonly rows: readonly Axis[];
    };

interface Walk {
  readonly body: Body;
  readonly phase: Phase;
  readonly fuse: boolean;
  readonly where: Map<NodeId, Where>;
  readonly stored: Map<NodeId, Draft>;
  readonly drafts: Draft[];
  /** Groups that must come last, since they overwrite memory that others read. */
  readonly late: Draft[];
  readonly products: Map<string, Draft>;
  readonly notes: Notes;
}

/** The kernels of a body in one phase. Values of other calls (inputs) and sources are there from the start. */
export function groupBody(body: Body, phase: Phase, options: GroupingOptions): Grouping {
  const walk: Walk = {
    body,
    phase,
    fuse: options.fuse,
    where: new Map(),
    stored: new Map(),
    drafts: [],
    late: [],
    products: new Map(),
    notes: [],
  };
  for (const node of body.nodes) if (node.type.temporal || isSource(node)) visit(walk, node);
  for (const output of Object.values(body.outputs)) store(walk, output, 'the body gives it to others');
  return finishWalk(walk);
}

function finishWalk(walk: Walk): Grouping {
  const ordered = [...orderDrafts(walk.drafts), ...walk.late];
  const groups = ordered.map((draft, index) => finishDraft(draft, index));
  const stored = new Map([...walk.stored].map(([node, draft]) => [node, ordered.indexOf(draft)] as const));
  return { body: walk.body, phase: walk.phase, groups, stored, notes: walk.notes };
}

function visit(walk: Walk, node: AnyNode): void {
  const where = place(walk, node);
  walk.where.set(node.id, where);
  if (!walk.fuse && recordOf(node.op).kind !== 'source' && recordOf(node.op).kind !== 'move')
    store(walk, node.id, 'no fusion');
}

function place(walk: Walk, node: AnyNode): Where {
  if (isSource(node)) return FREE;
  if (node.op === 'attend') return placeAttend(walk, node);
  if (node.op === 'scan') return placeScan(walk, node);
  if (isStep(node)) return walk.phase === 'one' ? placeElementwise(walk, node) : placeNeighbours(walk, node);
  if (matrixProduct(walk.body, node) !== undefined) return placeProduct(walk, node);
  const kind = recordOf(node.op).kind;
  if (kind === 'map') return placeElementwise(walk, node);
  if (node.op === 'rename') return placeRename(walk, node);
  return placeReader(walk, node, kind === 'reduce' || kind === 'contract');
}

const FREE: Where = { kind: 'free', loops: false };
const LOOPS: Where = { kind: 'free', loops: true };

function whereOf(walk: Walk, id: NodeId): Where {
  return walk.where.get(id) ?? FREE;
}

/** Ready: any kernel that runs later can compute the value from what is stored. */
function isReady(walk: Walk, id: NodeId): boolean {
  const where = whereOf(walk, id);
  if (where.kind === 'free' || walk.stored.has(id)) return true;
  const node = nodeOf(walk.body, id);
  return isCheap(node) && !isStep(node) && node.inputs.every((input) => isReady(walk, input));
}

function hasLoops(walk: Walk, id: NodeId): boolean {
  const where = whereOf(walk, id);
  return where.kind === 'free' && where.loops && !walk.stored.has(id);
}

/** Makes a value ready, storing it if it is in some kernel's registers. */
function makeReady(walk: Walk, id: NodeId, why: string): void {
  if (!isReady(walk, id) || hasLoops(walk, id)) store(walk, id, why);
}

function store(walk: Walk, id: NodeId, why: string): void {
  const node = nodeOf(walk.body, id);
  if (walk.stored.has(id) || isSource(node) || !node.type.temporal) return;
  const where = whereOf(walk, id);
  if (where.kind === 'tail') {
    current(where.segment).outputs.add(id);
    current(where.segment).names.set(id, where.rows);
    walk.stored.set(id, where.draft);
    walk.notes.push({
      fired: false,
      rule: 'values stay in registers',
      detail: `${nodeTitle(node)} is stored: ${why}`,
    });
    return;
  }
  const draft = begin(walk, 'pointwise', [id]);
  addSegment(draft, node.type.axes).outputs.add(id);
  walk.stored.set(id, draft);
}

/** Starts a group that reads the closures of `inputs`. */
function begin(walk: Walk, kind: Draft['kind'], inputs: readonly NodeId[], anchor?: NodeId): Draft {
  const draft = newDraft(kind, anchor);
  for (const input of inputs) for (const before of closure(walk, input)) draft.after.add(before);
  walk.drafts.push(draft);
  return draft;
}

/** The groups whose stored values the value's computation reads. */
function closure(walk: Walk, id: NodeId, found: Set<Draft> = new Set()): Set<Draft> {
  const storing = walk.stored.get(id);
  if (storing !== undefined) found.add(storing);
  else for (const input of nodeOf(walk.body, id).inputs) closure(walk, input, found);
  return found;
}

// ---------------------------------------------------------------------------------------------- products

function placeProduct(walk: Walk, node: AnyNode): Where {
  const product = matrixProduct(walk.body, node);
  if (product === undefined) throw new Error('internal: not a product');
  const key = walk.fuse ? `${product.data}` : `${node.id}`;
  const draft = walk.products.get(key) ?? beginProduct(walk, product.data, key);
  const segment = addSegment(draft, product.rows, [node.id]);
  return { kind: 'tail', draft, segment, rows: product.rows };
}

function beginProduct(walk: Walk, data: NodeId, key: string): Draft {
  makeReady(walk, data, 'a projection reads all of it');
  if (!isCheapClosure(walk, data))
    store(walk, data, 'a projection would compute it once for each of its rows');
  const draft = begin(walk, 'contract', [data]);
  walk.products.set(key, draft);
  return draft;
}

/** Whether a projection may compute its input as it reads it: loads and multiplications only. */
function isCheapClosure(walk: Walk, id: NodeId): boolean {
  const node = nodeOf(walk.body, id);
  if (walk.stored.has(id) || isSource(node) || !node.type.temporal) return true;
  return isCheap(node) && node.inputs.every((input) => isCheapClosure(walk, input));
}

// ---------------------------------------------------------------------------------------------- elementwise

/** Maps, and in decode the steps of conv and shift: they join the kernel that has their input in registers, if they can. */
function placeElementwise(walk: Walk, node: AnyNode): Where {
  const inputs = node.inputs;
  const waiting = inputs.filter((input) => !isReady(walk, input));
  if (waiting.length === 0) return placeWithoutTail(walk, node);
  const home = chooseHome(walk, waiting);
  for (const input of waiting) settle(walk, input, home);
  return joinTail(walk, node, home) ?? placeWithoutTail(walk, afterStoring(walk, node));
}

/** Among values in registers, the kernel that runs last takes the node. */
function chooseHome(walk: Walk, waiting: readonly NodeId[]): Tail {
  const tails = waiting.map((id) => tailOf(walk, id));
  return tails.reduce((best, tail) =>
    best.draft !== tail.draft && reaches(tail.draft, best.draft) ? tail : best,
  );
}

type Tail = Extract<Where, { kind: 'tail' }>;

function tailOf(walk: Walk, id: NodeId): Tail {
  const where = whereOf(walk, id);
  if (where.kind !== 'tail') throw new Error('internal: a free value waits');
  return where;
}

/** Stores a value that lives in another kernel than the node's home, or in other rows of it. */
function settle(walk: Walk, id: NodeId, home: Tail): void {
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
    detail: first.streams.map((id) => nodeTitle(nodeOf(walk.body, id))).join(', '),
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
  for (const input of node.inputs)
    if (hasLoops(walk, input) && !ride(walk, input, home)) store(walk, input, 'a sum is computed once');
  const others = node.inputs.filter((input) => !inRegisters(walk, input, home));
  const before = others.flatMap((input) => [...closure(walk, input)]);
  if (before.some((draft) => reaches(draft, home.draft))) return undefined;
  for (const draft of before) home.draft.after.add(draft);
  noteTail(walk, node, home);
  return home;
}

function inRegisters(walk: Walk, id: NodeId, home: Tail): boolean {
  const where = whereOf(walk, id);
  return (
    where.kind === 'tail' && where.draft === home.draft && current(where.segment) === current(home.segment)
  );
}

function noteTail(walk: Walk, node: AnyNode, home: Tail): void {
  const anchor = current(home.segment).streams[0] ?? home.draft.anchor;
  const title = anchor === undefined ? 'its neighbour' : nodeTitle(nodeOf(walk.body, anchor));
  walk.notes.push({
    fired: true,
    rule: 'elementwise work joins the kernel that has its input',
    detail: `${nodeTitle(node)} joins ${title}`,
  });
}

/** Stores every input that is still in registers. */
function afterStoring(walk: Walk, node: AnyNode): AnyNode {
  for (const input of node.inputs)
    if (!isReady(walk, input)) store(walk, input, `${nodeTitle(node)} needs it elsewhere`);
  return node;
}

function placeWithoutTail(walk: Walk, node: AnyNode): Where {
  if (isStep(node)) return beginStep(walk, node);
  const loops = node.inputs.filter((input) => hasLoops(walk, input));
  const wider = loops.filter((input) => nodeOf(walk.body, input).type.axes.length < node.type.axes.length);
  if (wider.length === 0) return loops.length > 0 ? LOOPS : FREE;
  // A sum that many elements share: stored when the kernel that reads it is known, unless a projection lets it ride along.
  return LOOPS;
}

/** A conv or shift step whose input is ready: a kernel of its own, which later elementwise nodes join. */
function beginStep(walk: Walk, node: AnyNode): Where {
  for (const input of node.inputs) makeReady(walk, input, 'a step reads it');
  const draft = begin(walk, 'pointwise', node.inputs);
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
    detail: sums.map((sum) => nodeTitle(nodeOf(walk.body, sum))).join(', '),
  });
  return true;
}

/** The reductions that a free value still has to compute. */
function pendingSums(walk: Walk, id: NodeId, found: Set<NodeId> = new Set()): readonly NodeId[] {
  const node = nodeOf(walk.body, id);
  if (!hasLoops(walk, id)) return [...found];
  const kind = recordOf(node.op).kind;
  if (kind === 'reduce' || kind === 'contract') found.add(id);
  else for (const input of node.inputs) pendingSums(walk, input, found);
  return [...found];
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

// ---------------------------------------------------------------------------------------------- moves and readers

function placeRename(walk: Walk, node: AnyNode): Where {
  const [input] = node.inputs;
  const where = input === undefined ? FREE : whereOf(walk, input);
  if (where.kind !== 'tail' || (input !== undefined && walk.stored.has(input)))
    return where.kind === 'free' ? where : FREE;
  const from = node.attrs['from'];
  const to = node.attrs['to'] as string; // A rename's attributes are its two names.
  const rows = where.rows.map((axis) => (axis.name === from ? { name: to, size: axis.size } : axis));
  return { ...where, rows };
}

/** Nodes that read their inputs at other elements than their own: slices, rotations, sums. */
function placeReader(walk: Walk, node: AnyNode, loops: boolean): Where {
  for (const input of node.inputs) {
    if (!isReady(walk, input)) store(walk, input, `${nodeTitle(node)} reads other elements of it`);
    if (hasLoops(walk, input)) store(walk, input, 'a sum is computed once');
  }
  return loops ? LOOPS : FREE;
}

/** Conv and shift over a run: they read neighbours in the stored run, and the memory is moved on when all have read. */
function placeNeighbours(walk: Walk, node: AnyNode): Where {
  const [input] = node.inputs;
  for (const each of node.inputs) makeReady(walk, each, `${nodeTitle(node)} reads earlier positions of it`);
  if (input !== undefined && !isCheapClosure(walk, input))
    store(walk, input, `${nodeTitle(node)} reads it at several positions`);
  const carry = newDraft('carry', node.id);
  if (input !== undefined) for (const before of closure(walk, input)) carry.after.add(before);
  walk.late.push(carry);
  return FREE;
}

function placeAttend(walk: Walk, node: AnyNode): Where {
  for (const input of node.inputs) makeReady(walk, input, 'attention reads it at other positions');
  const [, key, value] = node.inputs;
  const draft = begin(walk, 'attend', node.inputs, node.id);
  if (walk.phase === 'many' && key !== undefined && value !== undefined && ownsMemory(walk, key, value)) {
    const append = newDraft('append', node.id);
    for (const before of [...closure(walk, key), ...closure(walk, value)]) append.after.add(before);
    walk.drafts.push(append);
    draft.after.add(append);
  }
  return { kind: 'tail', draft, segment: addSegment(draft, node.type.axes), rows: node.type.axes };
}

/** Whether this attend is the one that writes the memory of its keys and values: they are computed in this body. */
function ownsMemory(walk: Walk, key: NodeId, value: NodeId): boolean {
  return nodeOf(walk.body, key).op !== 'input' || nodeOf(walk.body, value).op !== 'input';
}

function placeScan(walk: Walk, node: AnyNode): Where {
  const rows = scanShape(node).parallel;
  if (walk.phase === 'one' && walk.fuse) {
    const waiting = node.inputs.filter((input) => !isReady(walk, input));
    const joined = waiting.length > 0 ? joinScan(walk, node, rows, waiting) : undefined;
    if (joined !== undefined) return joined;
  }
  for (const input of node.inputs) makeReady(walk, input, 'the recurrence reads it');
  const kind = walk.phase === 'one' ? 'pointwise' : 'scan';
  const draft = begin(walk, kind, node.inputs, kind === 'scan' ? node.id : undefined);
  return { kind: 'tail', draft, segment: addSegment(draft, rows), rows };
}

/** A recurrence's step joins the projection that gives one of its operands, row for row. */
function joinScan(
  walk: Walk,
  node: AnyNode,
  rows: readonly Axis[],
  waiting: readonly NodeId[],
): Where | undefined {
  const home = chooseHome(walk, waiting);
  if (!sameNames(home.rows, rows) || !sameNames(node.type.axes, rows)) return undefined;
  for (const input of waiting) settle(walk, input, home);
  for (const input of node.inputs) if (hasLoops(walk, input)) store(walk, input, 'a sum is computed once');
  const others = node.inputs.filter((input) => !inRegisters(walk, input, home));
  const before = others.flatMap((input) => [...closure(walk, input)]);
  if (before.some((draft) => reaches(draft, home.draft))) return undefined;
  for (const draft of before) home.draft.after.add(draft);
  walk.notes.push({
    fired: true,
    rule: 'a recurrence steps in the kernel that projects its operand',
    detail: nodeTitle(node),
  });
  return home;
}
