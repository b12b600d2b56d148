// Values that do not change with time but must be computed: which they are, and what kernels read of the rest directly.
import type { AnyNode, Body, NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';

export interface FixedValues {
  /** Computed once at load, from weights alone, and read by something that changes with time; in order. */
  readonly derived: readonly NodeId[];
  /** Sources that something that changes with time reads as they are. */
  readonly direct: ReadonlySet<NodeId>;
}

export function fixedValues(body: Body): FixedValues {
  const derived = new Set<NodeId>();
  const direct = new Set<NodeId>();
  // Moves of weights cost nothing, so only what is behind them counts.
  const collect = (id: NodeId): void => {
    const node = body.nodes[id] as AnyNode; // Inputs are nodes of the body.
    const { kind } = recordOf(node.op);
    if (node.type.temporal) return;
    if (kind === 'source') direct.add(id);
    else if (kind === 'move') node.inputs.forEach(collect);
    else derived.add(id);
  };
  for (const node of body.nodes) if (node.type.temporal) node.inputs.forEach(collect);
  return { derived: [...derived].toSorted((a, b) => a - b), direct };
}
