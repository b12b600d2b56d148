// Removes the nodes that no output needs, and numbers the rest anew in their order.
import type { AnyNode, NodeId } from '../../ir/graph.ts';

export interface Live {
  readonly nodes: readonly AnyNode[];
  readonly outputs: Readonly<Record<string, NodeId>>;
}

export function liveNodes(nodes: readonly AnyNode[], outputs: Readonly<Record<string, NodeId>>): Live {
  const needed = new Set<NodeId>(Object.values(outputs));
  for (let id = nodes.length - 1; id >= 0; id -= 1) {
    if (needed.has(id)) for (const input of nodes[id]?.inputs ?? []) needed.add(input);
  }
  const renumbered = new Map<NodeId, NodeId>();
  const kept: AnyNode[] = [];
  for (const node of nodes) {
    if (!needed.has(node.id)) continue;
    const id = kept.length;
    renumbered.set(node.id, id);
    kept.push({ ...node, id, inputs: node.inputs.map((input) => renumbered.get(input) ?? input) });
  }
  const moved = Object.entries(outputs).map(([name, id]) => [name, renumbered.get(id) ?? id]);
  return { nodes: kept, outputs: Object.fromEntries(moved) };
}
