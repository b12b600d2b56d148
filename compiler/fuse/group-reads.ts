// What a group computes, and which groups stored what it reads on the way.
import type { NodeId } from '../ir/graph.ts';
import { nodeOf } from './facts.ts';
import type { Group, Grouping } from './group.ts';

/** The values whose computation is the group's work. */
export function valuesOf(group: Group): readonly NodeId[] {
  const outputs = group.segments.flatMap((segment) => segment.outputs);
  const staged = group.block?.stages.flatMap((stage) => stage.values) ?? [];
  const anchor = group.anchor === undefined ? [] : [group.anchor];
  return [...anchor, ...group.preamble, ...group.riders, ...staged, ...outputs];
}

/** The indices of the groups that store what the group reads. */
export function readsOf({ body, stored }: Grouping, group: Group): ReadonlySet<number> {
  const found = new Set<number>();
  const seen = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const storing = stored.get(id);
    if (storing !== undefined && storing !== group.index) found.add(storing);
    else nodeOf(body, id).inputs.forEach(visit);
  };
  for (const id of valuesOf(group)) visit(id);
  return found;
}
