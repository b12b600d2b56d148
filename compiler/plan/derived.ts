// Values that do not change with time but must be computed: made once, by the prepare program.
import type { Grouping } from '../fuse/group.ts';
import type { AnyNode, Body, NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';

/** The nodes to prepare: computed from weights alone, and read by something that changes with time. */
export function derivedNodes(body: Body): readonly NodeId[] {
  const found = new Set<NodeId>();
  for (const node of body.nodes)
    if (node.type.temporal) for (const input of node.inputs) collect(body, input, found);
  return [...found].toSorted((a, b) => a - b);
}

/** Moves of weights cost nothing, so only what is behind them counts. */
function collect(body: Body, id: NodeId, found: Set<NodeId>): void {
  const node = body.nodes[id] as AnyNode; // Inputs are nodes of the body.
  const kind = recordOf(node.op).kind;
  if (node.type.temporal || kind === 'source') return;
  if (kind === 'move') node.inputs.forEach((input) => collect(body, input, found));
  else found.add(id);
}

/** The one group that computes them. */
export function prepareGrouping(body: Body, nodes: readonly NodeId[]): Grouping {
  const segments = nodes.map((id) => ({
    streams: [],
    rows: (body.nodes[id] as AnyNode).type.axes,
    outputs: [id],
    names: new Map(),
  })); // Found in the body.
  const group = { index: 0, kind: 'prepare', segments, riders: [], preamble: [] } as const;
  return { body, phase: 'one', groups: nodes.length === 0 ? [] : [group], stored: new Map(), notes: [] };
}
