// Groups that a device with WebGPU's default limits can run: where a kernel would bind too many buffers, one of its values is stored first.
import { isStep } from '../fuse/facts.ts';
import type { Grouping } from '../fuse/group.ts';
import { elementCount, type NodeId } from '../ir/graph.ts';
import { groupNodes } from '../kernels/group-nodes.ts';
import type { MadeKernel } from '../kernels/make-kernel.ts';

/** Storage buffers that every WebGPU device offers a compute shader. */
export const MOST_BUFFERS = 8;

/** A grouping with its kernels, by group. */
export interface PrintedGrouping {
  readonly grouping: Grouping;
  readonly kernels: readonly (readonly MadeKernel[])[];
}

/**
 * Groups and prints a body with more and more values kept apart, one at a time, until every kernel has few enough buffers or no value
 * helps. Each time it is the value that helps most, among those the one that costs fewest kernels, then fewest numbers in memory, then
 * the first: kernels are few and quickly printed, and what they bind is known only then.
 */
export function fitBuffers<Printed extends PrintedGrouping>(
  print: (apart: ReadonlySet<NodeId>) => Printed,
): Printed {
  let apart: ReadonlySet<NodeId> = new Set();
  let best = print(apart);
  while (excess(best) > 0) {
    const tries = candidates(best)
      .filter((ids) => ids.some((id) => !apart.has(id)))
      .map((ids) => {
        const more = new Set([...apart, ...ids]);
        return { more, printed: print(more) };
      });
    const [first] = tries.toSorted((a, b) => compare(a.printed, b.printed));
    if (first === undefined || excess(first.printed) >= excess(best)) return best;
    apart = first.more;
    best = first.printed;
  }
  return best;
}

/** Buffers above what there are, over all kernels. */
function excess({ kernels }: PrintedGrouping): number {
  const counts = kernels.flat().map(({ bindings }) => bindings.length);
  return counts.reduce((sum, count) => sum + Math.max(0, count - MOST_BUFFERS), 0);
}

/**
 * What the kernels with too many buffers compute: each value by itself, and all conv and shift steps of a kernel together, since each of
 * them has a memory of its own, while what they give lies in one.
 */
function candidates({ grouping, kernels }: PrintedGrouping): readonly (readonly NodeId[])[] {
  const full = grouping.groups.filter((group) =>
    kernels[group.index]?.some(({ bindings }) => bindings.length > MOST_BUFFERS),
  );
  return full.flatMap((group) => {
    const nodes = groupNodes(grouping, group).filter(({ id }) => !grouping.stored.has(id));
    const steps = nodes.filter((node) => isStep(node) && node.id !== group.anchor).map(({ id }) => id);
    return [...nodes.map(({ id }) => [id]), ...(steps.length > 1 ? [steps] : [])];
  });
}

function compare(a: PrintedGrouping, b: PrintedGrouping): number {
  return (
    excess(a) - excess(b) || a.grouping.groups.length - b.grouping.groups.length || stored(a) - stored(b)
  );
}

function stored({ grouping }: PrintedGrouping): number {
  return [...grouping.stored.keys()].reduce(
    (sum, id) => sum + elementCount(grouping.body.nodes[id]?.type.axes ?? []),
    0,
  );
}
