// The nodes whose values a group computes on the way to what it stores.
import type { Group, Grouping } from '../fuse/group.ts';
import { keysAndValues } from '../ir/attended.ts';
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';
import { nodeIn } from './elements.ts';

/** The nodes whose values the group computes on the way to what it stores. */
export function groupNodes({ body, stored }: Grouping, group: Group): readonly AnyNode[] {
  const found = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (found.has(id)) return;
    const node = nodeIn(body, id);
    const storing = stored.get(id);
    const elsewhere = storing !== undefined && storing !== group.index;
    if (elsewhere || recordOf(node.op).kind === 'source') return;
    if (!node.type.temporal) return;
    found.add(id);
    node.inputs.forEach(visit);
  };
  if (group.kind === 'append') remembered(nodeIn(body, group.anchor ?? 0)).forEach(visit);
  else if (group.kind !== 'carry') {
    if (group.anchor !== undefined) visit(group.anchor);
    for (const segment of group.segments) segment.outputs.forEach(visit);
  }
  return [...found].toSorted((a, b) => a - b).map((id) => nodeIn(body, id));
}

/** What a node remembers, apart from what only its current position reads. */
function remembered(node: AnyNode): readonly NodeId[] {
  return isOp(node, 'longconv') ? node.inputs.slice(0, 1) : keysAndValues(node);
}
