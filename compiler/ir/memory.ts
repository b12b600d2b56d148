// Which memory a graph's temporal ops need: one for each remembered value, wherever it is read, and one for each scan.
import type { AnyNode, Body, BodyCall, Graph, NodeId, ValueType } from './graph.ts';
import { internal } from './internal.ts';
import type { OwnState, Signature, AnyAttrs } from './op.ts';
import { isOp, nodeAt, recordOf } from './ops/index.ts';

/** A node of one call. */
export interface Place {
  readonly call: number;
  readonly node: NodeId;
}

/** The memory of a value, as large as the largest of its readers needs. */
export interface ValueMemory extends Place {
  readonly type: ValueType;
  /** Positions before the current one; Infinity for all. */
  readonly positions: number;
  /** And always the first so many of the sequence. */
  readonly pinned: number;
  readonly readers: readonly Place[];
}

/** The states that a temporal node has itself. */
export interface NodeMemory extends Place {
  readonly states: readonly OwnState[];
}

export interface GraphMemory {
  readonly values: readonly ValueMemory[];
  readonly nodes: readonly NodeMemory[];
}

export function bodyOf(graph: Graph, call: number): Body {
  const { body } = callAt(graph, call);
  return graph.bodies[body] ?? internal(`call ${call} runs '${body}', which is no body`);
}

export function callAt(graph: Graph, call: number): BodyCall {
  return graph.calls[call] ?? internal(`no call ${call}`);
}

/** The node that makes the value: through `input` nodes back to the call that produced it. */
export function valueOwner(graph: Graph, place: Place): Place {
  const node = nodeAt(bodyOf(graph, place.call).nodes, place.node);
  if (!isOp(node, 'input')) return place;
  const { name } = node.attrs;
  const from = callAt(graph, place.call).inputs[name] ?? internal(`call ${place.call} lacks input '${name}'`);
  if (from.call >= place.call) internal(`call ${place.call} reads '${name}' of the later call ${from.call}`);
  const output = bodyOf(graph, from.call).outputs[from.output];
  return valueOwner(graph, {
    call: from.call,
    node: output ?? internal(`call ${from.call} has no output '${from.output}'`),
  });
}

/** The types and attributes that a node's meaning depends on. */
export function signatureOf(body: Body, node: AnyNode): Signature<AnyAttrs> {
  const inputs = node.inputs.map((input) => nodeAt(body.nodes, input).type);
  return { inputs, attrs: node.attrs, type: node.type };
}

/** All memory of one sequence, in order of the calls and their nodes. */
export function graphMemory(graph: Graph): GraphMemory {
  const values = new Map<string, ValueMemory>();
  const nodes: NodeMemory[] = [];
  graph.calls.forEach((_, call) => {
    const body = bodyOf(graph, call);
    for (const node of body.nodes) {
      const record = recordOf(node.op);
      if (record.kind !== 'temporal') continue;
      const states = record.states(node.attrs);
      if (states.length > 0) nodes.push({ call, node: node.id, states });
      for (const { input, positions, pinned } of record.remembers(signatureOf(body, node))) {
        const reader = { call, node: node.id };
        const owner = valueOwner(graph, {
          call,
          node: node.inputs[input] ?? internal(`%${node.id} lacks input ${input}`),
        });
        const key = placeKey(owner);
        const { type } = nodeAt(bodyOf(graph, owner.call).nodes, owner.node);
        values.set(key, widened(values.get(key), { ...owner, type, positions, pinned, readers: [reader] }));
      }
    }
  });
  return { values: [...values.values()], nodes };
}

export function placeKey({ call, node }: Place): string {
  return `${call}:${node}`;
}

function widened(known: ValueMemory | undefined, need: ValueMemory): ValueMemory {
  if (known === undefined) return need;
  return {
    ...known,
    positions: Math.max(known.positions, need.positions),
    pinned: Math.max(known.pinned, need.pinned),
    readers: [...known.readers, ...need.readers],
  };
}
