// Making values readable: by storing them, or by letting the kernel that reads them compute a small sum first.
import { elementCount, type NodeId } from '../ir/graph.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import { addSegment, current, type Draft, reaches } from './draft.ts';
import { isCheap, isSource, nodeOf, titleOf } from './facts.ts';
import { takenResult } from './scan-results.ts';
import { type Walk, whereOf, isReady, hasLoops, begin, closure, readersOf, isSum } from './walk.ts';

/** Makes a value ready, storing it if it is in some kernel's registers. */
export function makeReady(walk: Walk, id: NodeId, why: string): void {
  if (!isReady(walk, id)) storeSource(walk, id, why);
  if (hasLoops(walk, id)) store(walk, id, why);
}

/**
 * Stores a value, or rather what it is cheaply made from where others read that too: the square of q is computed from a stored q, which
 * its norm multiplies as well.
 */
export function storeSource(walk: Walk, id: NodeId, why: string): void {
  const node = nodeOf(walk.body, id);
  const waiting = [...new Set(node.inputs)].filter((input) => !isReady(walk, input));
  const [only] = waiting;
  const plain =
    isCheap(node) &&
    takenResult(walk.body, node) === undefined &&
    node.inputs.every((input) => !hasLoops(walk, input));
  if (plain && only !== undefined && waiting.length === 1 && readersOf(walk, only) > 1)
    storeSource(walk, only, why);
  else store(walk, id, why);
}

export function store(walk: Walk, id: NodeId, why: string): void {
  const node = nodeOf(walk.body, id);
  // What the model is given lies in memory, but others look for a value of a body where the body stores it.
  const read = isSource(node) && node.op !== 'features';
  if (walk.stored.has(id) || read || !node.type.temporal) return;
  // Several results are stored one by one, as slices take them.
  if (isOp(node, 'scan') && node.attrs.results.length > 1) return;
  const where = whereOf(walk, id);
  if (where.kind === 'tail') {
    current(where.segment).outputs.add(id);
    current(where.segment).names.set(id, where.rows);
    walk.stored.set(id, where.draft);
    walk.notes.push({
      fired: false,
      rule: 'values stay in registers',
      detail: `${titleOf(walk.body, node.id)} is stored: ${why}`,
    });
    return;
  }
  if (joinChoice(walk, id)) return;
  const draft = begin(walk, 'pointwise', [id]);
  if (hasLoops(walk, id) && (walk.phase === 'one' || elementCount(node.type.axes) === 1))
    admit(walk, draft, id);
  addSegment(draft, node.type.axes).outputs.add(id);
  walk.stored.set(id, draft);
}

/**
 * Stores a small value in the kernel that makes the choice it is computed from: the weights of those chosen are there before any kernel
 * needs them.
 */
export function joinChoice(walk: Walk, id: NodeId): boolean {
  const node = nodeOf(walk.body, id);
  if (!walk.fuse || walk.stored.has(id) || elementCount(node.type.axes) > SMALL) return false;
  const before = [...closure(walk, id)];
  const home = before.find((draft) => choicesOf(walk, draft).length > 0);
  const roots = home === undefined ? undefined : smallRoots(walk, id);
  if (home === undefined || roots === undefined) return false;
  const others = before.filter((draft) => draft !== home);
  if (others.some((draft) => reaches(draft, home))) return false;
  for (const draft of others) home.after.add(draft);
  for (const root of roots) home.preamble.add(root);
  addSegment(home, node.type.axes).outputs.add(id);
  walk.stored.set(id, home);
  return true;
}

/** Whether a value has at most one element for each place that a choice gives, and is made from such. */
export function isOfChoice(walk: Walk, id: NodeId): boolean {
  const node = nodeOf(walk.body, id);
  if (isSource(node) || !node.type.temporal || walk.stored.has(id)) return false;
  const most = [...closure(walk, id)].flatMap((draft) => choicesOf(walk, draft));
  return most.some((places) => elementCount(node.type.axes) <= places);
}

/** How many places each choice gives that the kernel makes. */
function choicesOf(walk: Walk, draft: Draft): readonly number[] {
  if (draft.kind !== 'pointwise') return [];
  const nodes = [...draft.preamble].map((id) => nodeOf(walk.body, id));
  return nodes.filter(({ op }) => op === 'top').map(({ type }) => elementCount(type.axes));
}

/** Stores a value unless a kernel can compute it as it reads it, sums included. */
export function makeReadable(walk: Walk, id: NodeId, why: string): void {
  if (!isReady(walk, id)) storeSource(walk, id, why);
  if (hasLoops(walk, id) && (walk.phase === 'many' || smallRoots(walk, id) === undefined))
    store(walk, id, why);
}

/** The reductions that a free value still has to compute. */
export function pendingSums(walk: Walk, id: NodeId, found: Set<NodeId> = new Set()): readonly NodeId[] {
  const node = nodeOf(walk.body, id);
  if (!hasLoops(walk, id)) return [...found];
  if (isSum(node)) found.add(id);
  else for (const input of node.inputs) pendingSums(walk, input, found);
  return [...found];
}

/** Values of at most this many elements may be computed by every workgroup that needs them. */
const SMALL = 256;

/**
 * The small values with sums in them that a value is computed from, innermost first; nothing if one of its sums belongs to no small
 * value.
 */
function smallRoots(walk: Walk, id: NodeId): readonly NodeId[] | undefined {
  const found = new Set<NodeId>();
  const visitRoot = (at: NodeId): boolean => {
    if (!hasLoops(walk, at)) return true;
    const node = nodeOf(walk.body, at);
    const narrow = isNarrow(walk, at);
    if (!narrow && isSum(node)) return false;
    const within = narrow
      ? pendingSums(walk, at).flatMap((sum) => nodeOf(walk.body, sum).inputs)
      : node.inputs;
    const fits = within.every(visitRoot);
    if (narrow) found.add(at);
    return fits;
  };
  return walk.fuse && visitRoot(id) ? [...found] : undefined;
}

/** Whether a value is a small sum, or made from such sums element by element. */
function isNarrow(walk: Walk, id: NodeId): boolean {
  const node = nodeOf(walk.body, id);
  const count = elementCount(node.type.axes);
  if (count > SMALL || (!isSum(node) && recordOf(node.op).kind !== 'map')) return false;
  const sums = isSum(node) ? [] : node.inputs.filter((input) => hasLoops(walk, input));
  return sums.every(
    (input) => elementCount(nodeOf(walk.body, input).type.axes) === count && isNarrow(walk, input),
  );
}

/** Lets a kernel compute the sums behind a value before it starts, if they are small. */
export function admit(walk: Walk, draft: Draft, id: NodeId): boolean {
  const roots = smallRoots(walk, id);
  roots?.forEach((root) => draft.preamble.add(root));
  return roots !== undefined;
}

/** Whether a projection may compute its input as it reads it: loads and multiplications only. */
export function isCheapClosure(walk: Walk, id: NodeId): boolean {
  const node = nodeOf(walk.body, id);
  if (walk.stored.has(id) || isSource(node) || !node.type.temporal) return true;
  if (hasLoops(walk, id) && isNarrow(walk, id)) return true;
  return isCheap(node) && node.inputs.every((input) => isCheapClosure(walk, input));
}
