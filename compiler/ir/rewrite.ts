// Rebuilds bodies with substitutions, and drops what nobody reads.
import { BodyBuilder } from './build.ts';
import { type AnyNode, type Body, type Graph, type NodeId, outputsOf } from './graph.ts';
import { internal } from './internal.ts';
import { bodyOf, callAt } from './memory.ts';
import { isOp, nodeAt } from './ops/index.ts';

/**
 * Says what takes a node's place in the new body: an id of the builder's, or nothing to copy the node. `inputs` are the ids of the node's
 * inputs in the new body.
 */
export type Visit = (node: AnyNode, inputs: readonly NodeId[], builder: BodyBuilder) => NodeId | undefined;

/** The body with each node visited in order; identical nodes become one and dead ones are dropped. */
export function mapBody(body: Body, visit: Visit): Body {
  const builder = new BodyBuilder(body.name);
  const renamed: NodeId[] = [];
  const idOf = (id: NodeId): NodeId => renamed[id] ?? internal(`${body.name}: %${id} is read too early`);
  for (const node of body.nodes) {
    const inputs = node.inputs.map(idOf);
    renamed.push(visit(node, inputs, builder) ?? builder.addAny(node.op, inputs, node.attrs, node));
  }
  const outputs = Object.entries(body.outputs).map(([name, id]) => [name, idOf(id)] as const);
  return removeDeadNodes(builder.finish(Object.fromEntries(outputs)));
}

/** The ids from which the given nodes are computed, themselves included. */
export function reachable(body: Pick<Body, 'nodes'>, roots: Iterable<NodeId>): ReadonlySet<NodeId> {
  const seen = new Set<NodeId>();
  const open = [...roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...nodeAt(body.nodes, id).inputs);
  }
  return seen;
}

/** The body with only the nodes that its outputs are computed from, numbered anew. */
export function removeDeadNodes(body: Body): Body {
  const live = reachable(body, Object.values(body.outputs));
  if (live.size === body.nodes.length) return body;
  const renamed = new Map<NodeId, NodeId>();
  const idOf = (id: NodeId): NodeId => renamed.get(id) ?? internal(`${body.name}: %${id} is dead but read`);
  const nodes: AnyNode[] = [];
  for (const node of body.nodes) {
    if (!live.has(node.id)) continue;
    renamed.set(node.id, nodes.length);
    nodes.push({ ...node, id: nodes.length, inputs: node.inputs.map(idOf) });
  }
  const outputs = Object.entries(body.outputs).map(([name, id]) => [name, idOf(id)] as const);
  return { ...body, nodes, outputs: Object.fromEntries(outputs) };
}

/**
 * The graph without what the model's outputs do not depend on: nodes, outputs that nobody reads, and the inputs, weights and
 * parameters that only dead nodes read. An output is kept if any call of its body has a reader for it.
 */
export function removeDead(graph: Graph): Graph {
  const live = liveOutputs(graph);
  const bodies = Object.fromEntries(
    Object.entries(graph.bodies)
      .filter(([name]) => live.has(name))
      .map(([name, body]) => [name, keepOutputs(body, live.get(name) ?? new Set())] as const),
  );
  const pruned = { ...graph, bodies };
  const calls = graph.calls.map((call, index) => {
    const { nodes } = bodies[call.body] === undefined ? { nodes: [] } : bodyOf(pruned, index);
    const names = (op: string): ReadonlySet<string> =>
      new Set(nodes.filter((node) => node.op === op).map((node) => String(node.attrs['name'])));
    return {
      ...call,
      inputs: pick(call.inputs, names('input')),
      weights: pick(call.weights, names('weight')),
      parameters: pick(call.parameters, names('parameter')),
    };
  });
  const used = new Set(calls.flatMap((call) => Object.values(call.weights)));
  return { ...withoutDeadCalls({ ...pruned, calls }), weights: pick(graph.weights, used) };
}

function keepOutputs(body: Body, live: ReadonlySet<string>): Body {
  return removeDeadNodes({ ...body, outputs: pick(body.outputs, live) });
}

function pick<T>(
  record: Readonly<Record<string, T>>,
  keys: ReadonlySet<string>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.has(key)));
}

/** For each body, the outputs that some call's reader needs, or the model gives. */
function liveOutputs(graph: Graph): ReadonlyMap<string, ReadonlySet<string>> {
  const live = new Map<string, Set<string>>();
  const open = outputsOf(graph).map(({ from }) => from);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { body: name } = callAt(graph, next.call);
    const outputs = live.get(name) ?? new Set();
    live.set(name, outputs);
    if (outputs.has(next.output)) continue;
    outputs.add(next.output);
    const body = bodyOf(graph, next.call);
    const root = body.outputs[next.output] ?? internal(`${name} has no output '${next.output}'`);
    open.push(...inputReferences(graph, name, body, root));
  }
  return live;
}

/** What every call of the body must be given for this node. */
function inputReferences(
  graph: Graph,
  name: string,
  body: Body,
  root: NodeId,
): readonly { readonly call: number; readonly output: string }[] {
  const inputs = [...reachable(body, [root])]
    .map((id) => nodeAt(body.nodes, id))
    .flatMap((node) => (isOp(node, 'input') ? [node.attrs.name] : []));
  return graph.calls
    .filter((call) => call.body === name)
    .flatMap((call) =>
      inputs.map((input) => call.inputs[input] ?? internal(`${call.label} lacks input '${input}'`)),
    );
}

/** Calls whose body has nothing left are dropped, and references numbered anew. */
function withoutDeadCalls(graph: Graph): Graph {
  const kept = graph.calls.flatMap((call, index) => (graph.bodies[call.body] === undefined ? [] : [index]));
  if (kept.length === graph.calls.length) return graph;
  const renumbered = new Map(kept.map((old, index) => [old, index]));
  const calls = kept.map((old) => {
    const call = callAt(graph, old);
    const inputs = Object.entries(call.inputs).map(([name, from]) => {
      const index = renumbered.get(from.call) ?? internal(`${call.label} reads a call that was dropped`);
      return [name, { ...from, call: index }] as const;
    });
    return { ...call, inputs: Object.fromEntries(inputs) };
  });
  const moved = (call: number): number =>
    renumbered.get(call) ?? internal('an output is of a call that was dropped');
  const outputs = graph.outputs?.map((output) => ({
    ...output,
    from: { ...output.from, call: moved(output.from.call) },
  }));
  return { ...graph, calls, ...(outputs === undefined ? {} : { outputs }) };
}
