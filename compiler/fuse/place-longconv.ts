// Where long convolutions go: into kernels of their own, which read their input at all positions and take elementwise work behind it.
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { isCausalConv } from '../ir/ops/longconv.ts';
import type { NodeOf } from '../ir/ops/index.ts';
import { addSegment, newDraft } from './draft.ts';
import { makeReadable, makeReady, store } from './storing.ts';
import { begin, closure, type Walk, type Where } from './walk.ts';

/**
 * The input is remembered, so the kernel reads it from there; what is remembered is computed where it is written. Where the whole sequence
 * is one run, there is no memory, and the run's values are read.
 */
export function placeLongConv(walk: Walk, node: NodeOf<'longconv'>): Where {
  const x = node.inputs[0] as NodeId; // A longconv filters something, by its record.
  const why = 'other positions read it';
  if (walk.phase === 'one') makeReady(walk, x, why);
  else makeReadable(walk, x, why);
  if (!isCausalConv(node.attrs)) store(walk, x, why);
  const draft = begin(walk, 'longconv', node.inputs, node.id);
  if (walk.phase === 'many' && isCausalConv(node.attrs)) appendFirst(walk, node, x, draft);
  return { kind: 'tail', draft, segment: addSegment(draft, node.type.axes), rows: node.type.axes };
}

function appendFirst(walk: Walk, node: AnyNode, x: NodeId, draft: ReturnType<typeof begin>): void {
  const append = newDraft('append', node.id);
  for (const before of closure(walk, x)) append.after.add(before);
  walk.drafts.push(append);
  draft.after.add(append);
}
