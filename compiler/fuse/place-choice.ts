// Where the places of the largest elements go: into a small kernel of their own, with the small values that are made from them.
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { addSegment } from './draft.ts';
import { titleOf } from './facts.ts';
import { admit, makeReadable, store } from './storing.ts';
import { begin, FREE, hasLoops, type Walk, type Where } from './walk.ts';

/** All places are compared with each other by one workgroup, before it does anything else. */
export function placeTop(walk: Walk, node: AnyNode): Where {
  const scores = node.inputs[0] as NodeId; // A choice has scores by its record.
  makeReadable(walk, scores, `${titleOf(walk.body, node.id)} compares all of it`);
  const draft = begin(walk, 'pointwise', [scores]);
  if (hasLoops(walk, scores) && !admit(walk, draft, scores)) {
    store(walk, scores, 'a sum is computed once');
    const storing = walk.stored.get(scores);
    if (storing !== undefined) draft.after.add(storing);
  }
  draft.preamble.add(node.id);
  addSegment(draft, node.type.axes).outputs.add(node.id);
  walk.stored.set(node.id, draft);
  return FREE;
}
