// Projections of different inputs that need nothing of each other share a dispatch, if they sum over equally many numbers: those of a
// token mixed with the one before in several shares, say.
import { elementCount, type NodeId } from '../ir/graph.ts';
import { matrixProduct, nodeOf, titleOf } from './facts.ts';
import type { FusionNote, Group, Grouping } from './group.ts';
import { readsOf } from './group-reads.ts';

const RULE = 'projections of different inputs share a dispatch';

/** The grouping with projections merged, of those that `takes` admits. */
export function mergeProducts(grouping: Grouping, takes: (group: Group) => boolean): Grouping {
  const before = grouping.groups.map((group) => readsOf(grouping, group));
  const reaches = (from: number, to: number): boolean =>
    from === to || [...(before[from] ?? [])].some((next) => reaches(next, to));
  const sets: Group[][] = [];
  for (const group of grouping.groups) {
    const home = takes(group)
      ? sets.find((set) =>
          set.every((other) => canShare(grouping, group, other) && takes(other) && !meets(group, other)),
        )
      : undefined;
    if (home === undefined) sets.push([group]);
    else home.push(group);
  }
  function meets(a: Group, b: Group): boolean {
    return reaches(a.index, b.index) || reaches(b.index, a.index);
  }
  return sets.length === grouping.groups.length ? grouping : regroup(grouping, inOrder(sets, before));
}

/** One stream in each segment, nothing that rides along, and sums of one length. */
function canShare({ body }: Grouping, a: Group, b: Group): boolean {
  const depths = [a, b].flatMap((group) =>
    group.segments.map(({ streams }) => {
      const [stream] = streams;
      const product = stream === undefined ? undefined : matrixProduct(body, nodeOf(body, stream));
      return streams.length === 1 && product !== undefined && product.lookup === undefined
        ? elementCount(product.over)
        : 0;
    }),
  );
  const plain = [a, b].every(({ kind, riders }) => kind === 'contract' && riders.length === 0);
  return plain && depths.every((depth) => depth > 0 && depth === depths[0]);
}

/** Sets so that each comes after those it reads; where two sets would wait for each other, the later one falls apart. */
function inOrder(
  sets: readonly (readonly Group[])[],
  before: readonly ReadonlySet<number>[],
): readonly (readonly Group[])[] {
  const home = new Map(sets.flatMap((set) => set.map((group) => [group.index, set] as const)));
  const ordered: (readonly Group[])[] = [];
  const waiting = new Set<readonly Group[]>();
  let circle: readonly Group[] | undefined;
  const visit = (set: readonly Group[]): void => {
    if (ordered.includes(set)) return;
    if (waiting.has(set)) {
      circle = set.length > 1 ? set : [...waiting].findLast((each) => each.length > 1);
      return;
    }
    waiting.add(set);
    for (const index of set.flatMap((group) => [...(before[group.index] ?? [])].toSorted((a, b) => a - b))) {
      const next = home.get(index);
      if (next !== undefined && next !== set) visit(next);
    }
    waiting.delete(set);
    ordered.push(set);
  };
  sets.forEach(visit);
  if (circle === undefined) return ordered;
  const apart = circle;
  return inOrder(
    sets.flatMap((set) => (set === apart ? set.map((group) => [group]) : [set])),
    before,
  );
}

function regroup(grouping: Grouping, sets: readonly (readonly Group[])[]): Grouping {
  const stored = new Map<NodeId, number>();
  const notes: FusionNote[] = [];
  const groups = sets.map((set, index): Group => {
    const segments = set.flatMap((group) => group.segments);
    for (const id of segments.flatMap(({ outputs }) => outputs)) stored.set(id, index);
    if (set.length > 1)
      notes.push({
        fired: true,
        rule: RULE,
        detail: segments.flatMap(({ streams }) => streams.map((id) => titleOf(grouping.body, id))).join(', '),
      });
    const preamble = [...new Set(set.flatMap((group) => group.preamble))].toSorted((a, b) => a - b);
    return { ...(set[0] as Group), index, segments, preamble }; // A set has groups.
  });
  return { ...grouping, groups, stored, notes: [...grouping.notes, ...notes] };
}
