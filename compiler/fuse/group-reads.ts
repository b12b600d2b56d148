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

/** The stored values of other groups that these groups read. */
export function readFromOutside({ body, stored }: Grouping, groups: readonly Group[]): ReadonlySet<NodeId> {
  const own = new Set(groups.map(({ index }) => index));
  const found = new Set<NodeId>();
  const seen = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const storing = stored.get(id);
    if (storing !== undefined && !own.has(storing)) found.add(id);
    else nodeOf(body, id).inputs.forEach(visit);
  };
  for (const group of groups) valuesOf(group).forEach(visit);
  return found;
}

/** The indices of the groups that store what the group reads. */
export function readsOf(grouping: Grouping, group: Group): ReadonlySet<number> {
  const values = [...readFromOutside(grouping, [group])];
  return new Set(values.flatMap((id) => grouping.stored.get(id) ?? []));
}
