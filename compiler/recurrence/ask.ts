// What is asked of a coefficient: along which axes it varies, whether it sums, and whether it is a number.
import { hasAxis } from '../ir/axes.ts';
import type { Axis, Body, NodeId } from '../ir/graph.ts';
import { isOp, nodeAt, recordOf } from '../ir/ops/index.ts';
import { reachable } from '../ir/rewrite.ts';

/** Those of `axes` that a node of the body varies along. */
export function axesAlong(
  { nodes }: Pick<Body, 'nodes'>,
  id: NodeId,
  axes: readonly Axis[],
): readonly Axis[] {
  const own = nodeAt(nodes, id).type.axes;
  return axes.filter(({ name }) => hasAxis(own, name));
}

/** Whether computing a node adds up other elements. */
export function hasSums(body: Pick<Body, 'nodes'>, id: NodeId): boolean {
  return [...reachable(body, [id])].some((each) =>
    ['reduce', 'contract'].includes(recordOf(nodeAt(body.nodes, each).op).kind),
  );
}

/** The number that a coefficient is, if it is a constant. */
export function constantOf({ nodes }: Pick<Body, 'nodes'>, id: NodeId): number | undefined {
  const node = nodeAt(nodes, id);
  return isOp(node, 'constant') ? node.attrs.value : undefined;
}
