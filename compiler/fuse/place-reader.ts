// Where values go that read their inputs at other elements or positions than their own.
import { type AnyNode } from '../ir/graph.ts';
import { newDraft } from './draft.ts';
import { nodeOf, titleOf } from './facts.ts';
import { makeReady, storeSource, store, isCheapClosure } from './storing.ts';
import { type Where, type Walk, FREE, LOOPS, whereOf, isReady, hasLoops, closure } from './walk.ts';

export function placeRename(walk: Walk, node: AnyNode): Where {
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
export function placeReader(walk: Walk, node: AnyNode, loops: boolean): Where {
  for (const input of node.inputs) {
    if (!isReady(walk, input))
      storeSource(walk, input, `${titleOf(walk.body, node.id)} reads other elements of it`);
    if (walk.phase === 'many' && hasLoops(walk, input)) store(walk, input, 'a sum is computed once');
  }
  return loops || node.inputs.some((input) => hasLoops(walk, input)) ? LOOPS : FREE;
}

/** Conv and shift over a run: they read neighbours in the stored run, and the memory is moved on when all have read. */
export function placeNeighbours(walk: Walk, node: AnyNode): Where {
  const [input] = node.inputs;
  for (const each of node.inputs)
    makeReady(walk, each, `${titleOf(walk.body, node.id)} reads earlier positions of it`);
  if (input !== undefined && !isCheapClosure(walk, input))
    store(walk, input, `${titleOf(walk.body, node.id)} reads it at several positions`);
  if (!looksBack(walk, node)) return FREE;
  const carry = newDraft('carry', node.id);
  if (input !== undefined) for (const before of closure(walk, input)) carry.after.add(before);
  walk.late.push(carry);
  return FREE;
}

/** A run in reverse: its readers read the input where that lies, at the position from the end. */
export function placeFlip(walk: Walk, node: AnyNode): Where {
  const why = `${titleOf(walk.body, node.id)} reads it in reverse`;
  for (const input of node.inputs) {
    makeReady(walk, input, why);
    if (!isCheapClosure(walk, input)) store(walk, input, why);
  }
  return FREE;
}

/** Whether the node reads any earlier position: a filter of one tap does not. */
function looksBack(walk: Walk, node: AnyNode): boolean {
  const filter = node.inputs[1] === undefined ? undefined : nodeOf(walk.body, node.inputs[1]);
  const taps = filter?.type.axes.find((axis) => axis.name === node.attrs['taps']);
  return taps === undefined || taps.size > 1;
}
