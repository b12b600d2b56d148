// Where attention and recurrences go.
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { attendInputs } from '../ir/ops/attend-inputs.ts';
import type { NodeOf } from '../ir/ops/index.ts';
import { addSegment, newDraft, reaches } from './draft.ts';
import { isCheap, isSource, isStep, nodeOf, sameNames, titleOf } from './facts.ts';
import { chooseHome, settle, inRegisters } from './place-elementwise.ts';
import { isRowwise, scanShape } from './scan-shape.ts';
import { makeReady, store, makeReadable, admit } from './storing.ts';
import { type Where, type Walk, isReady, hasLoops, closure, begin, waitsForSibling } from './walk.ts';

export function placeAttend(walk: Walk, node: NodeOf<'attend'>): Where {
  for (const input of node.inputs) makeReadable(walk, input, 'other positions read it');
  const { key, value } = attendInputs(node.inputs, node.attrs);
  const draft = begin(walk, 'attend', node.inputs, node.id);
  for (const input of node.inputs) admit(walk, draft, input);
  if (walk.phase === 'many' && ownsMemory(walk, key, value)) {
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

export function placeScan(walk: Walk, node: AnyNode): Where {
  const shape = scanShape(node);
  const alone = isRowwise(shape);
  // Where rows see each other, a kernel of its own computes all elements of the result in one workgroup.
  const rows = alone ? shape.parallel : node.type.axes;
  if (walk.phase === 'one' && walk.fuse && alone) {
    const waiting = node.inputs.filter((input) => !isReady(walk, input));
    const joined = waiting.length > 0 ? joinScan(walk, node, rows, waiting) : undefined;
    if (joined !== undefined) return joined;
  }
  for (const input of node.inputs) {
    makeReady(walk, input, 'the recurrence reads it');
    // In a run's many positions an operand in one piece is worth a store, and a kernel has few buffers.
    if (walk.phase !== 'many') continue;
    if (closure(walk, input).size > 1) store(walk, input, 'it is made from several');
    else if (isRepeatedWork(walk, input, elementCount([...shape.parallel, ...shape.column])))
      store(walk, input, 'every element of the state would compute it anew');
  }
  const kind = walk.phase === 'one' && alone ? 'pointwise' : 'scan';
  const draft = begin(walk, kind, node.inputs, kind === 'scan' ? node.id : undefined);
  return { kind: 'tail', draft, segment: addSegment(draft, rows), rows };
}

/** Whether a kernel with so many elements would do more than cheap work several times to compute the value. */
function isRepeatedWork(walk: Walk, id: NodeId, elements: number): boolean {
  const node = nodeOf(walk.body, id);
  if (walk.stored.has(id) || isSource(node) || !node.type.temporal) return false;
  const repeated = elementCount(node.type.axes) < elements && (isStep(node) || !isCheap(node));
  return repeated || node.inputs.some((input) => isRepeatedWork(walk, input, elements));
}

/** A recurrence's step joins the projection that gives one of its operands, row for row. */
function joinScan(
  walk: Walk,
  node: AnyNode,
  rows: readonly Axis[],
  waiting: readonly NodeId[],
): Where | undefined {
  const home = chooseHome(walk, waiting);
  const { results } = scanShape(node);
  if (!sameNames(home.rows, rows)) return undefined;
  // Of several results every one has the rows' axes.
  if (results.length === 1 && !sameNames(node.type.axes, rows)) return undefined;
  for (const input of waiting) settle(walk, input, home);
  for (const input of node.inputs) if (hasLoops(walk, input)) store(walk, input, 'a sum is computed once');
  const others = node.inputs.filter((input) => !inRegisters(walk, input, home));
  const before = others.flatMap((input) => [...closure(walk, input)]);
  if (before.some((draft) => reaches(draft, home.draft))) return undefined;
  if (waitsForSibling(walk, home.draft, before)) return undefined;
  for (const draft of before) home.draft.after.add(draft);
  walk.notes.push({
    fired: true,
    rule: 'a recurrence steps in the kernel that projects its operand',
    detail: titleOf(walk.body, node.id),
  });
  return home;
}
