// Sums of products among values known at load: the product itself, as large as all that it is summed over, is never made.
import { hasAxis } from '../ir/axes.ts';
import type { AnyNode, Body, NodeId } from '../ir/graph.ts';
import { isOp, type NodeOf } from '../ir/ops/index.ts';
import { nodeIn } from '../kernels/elements.ts';

/** The same values, in the same order, with each sum of a product that nothing else reads as one contraction. */
export function contracted(
  body: Body,
  nodes: readonly AnyNode[],
  outputs: readonly NodeId[],
): readonly AnyNode[] {
  const readers = new Map<NodeId, number>();
  for (const id of [...outputs, ...nodes.flatMap(({ inputs }) => inputs)])
    readers.set(id, (readers.get(id) ?? 0) + 1);
  const inside = new Set<NodeId>();
  const made = nodes.map((node) => {
    const product = isOp(node, 'sum') ? productIn(body, node) : undefined;
    if (product === undefined || readers.get(product.id) !== 1) return node;
    inside.add(product.id);
    return { ...node, op: 'contract', inputs: product.inputs };
  });
  return made.filter(({ id }) => !inside.has(id));
}

/** The product that is summed, if both of its factors have all axes that are summed over. */
function productIn(body: Body, { inputs, attrs }: NodeOf<'sum'>): AnyNode | undefined {
  const product = inputs[0] === undefined ? undefined : nodeIn(body, inputs[0]);
  if (product?.op !== 'mul') return undefined;
  const factors = product.inputs.map((id) => nodeIn(body, id).type.axes);
  return factors.every((axes) => attrs.over.every((name) => hasAxis(axes, name))) ? product : undefined;
}
