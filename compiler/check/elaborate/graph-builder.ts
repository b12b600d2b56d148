// Collects the nodes of one graph: equal nodes are made once, so that equal values are one value.
import type { Span } from '../../../grammar/source.ts';
import type { AnyNode, NodeId, ValueType } from '../../ir/graph.ts';

/** The graph of a body, or the small graph inside a scan. It grows while its body is elaborated, and is then read. */
export interface GraphBuilder {
  readonly kind: 'body' | 'scan';
  readonly nodes: readonly AnyNode[];
  add(node: NewNode): NodeId;
  /** Gives a node the source's word for it, unless it has one. */
  name(node: NodeId, name: string): void;
}

export interface NewNode {
  readonly op: string;
  readonly inputs: readonly NodeId[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly type: ValueType;
  readonly name?: string;
  readonly span?: Span;
}

export function graphBuilder(kind: GraphBuilder['kind']): GraphBuilder {
  const nodes: AnyNode[] = [];
  const known = new Map<string, NodeId>();
  return {
    kind,
    nodes,
    add: (node) => {
      const key = keyOf(node);
      const same = key === undefined ? undefined : known.get(key);
      if (same !== undefined) return same;
      const id = nodes.length;
      nodes.push({ id, ...node });
      if (key !== undefined) known.set(key, id);
      return id;
    },
    name: (id, name) => {
      const node = nodes[id];
      if (node !== undefined && node.name === undefined && node.op !== 'constant')
        nodes[id] = { ...node, name };
    },
  };
}

/** Scans are told apart by what they are, not by their text: they carry a graph. */
function keyOf(node: NewNode): string | undefined {
  return node.op === 'scan' ? undefined : `${node.op} ${node.inputs.join(' ')} ${JSON.stringify(node.attrs)}`;
}
