// What a graph costs: parameters, floating-point operations per token, and bytes of weights and state.
import { elementCount, type AnyNode, type Body, type Graph } from './graph.ts';
import { internal } from './internal.ts';
import { bodyOf, graphMemory, signatureOf, type GraphMemory } from './memory.ts';
import { recordOf } from './ops/index.ts';

/** Of one call, or of the whole graph. */
export interface Cost {
  /** Elements of weights. In a call, weights that an earlier call has as well are not counted again. */
  readonly parameters: number;
  /** Bytes of these weights on the GPU. */
  readonly weightBytes: number;
  /** Floating-point operations to decode one token. */
  readonly flops: number;
  /** Bytes of memory of one sequence, all f32. */
  readonly stateBytes: number;
}

export interface GraphCost extends Cost {
  readonly calls: readonly Cost[];
}

export interface CostOptions {
  /** Positions a sequence has: what attention sees and caches hold. */
  readonly context: number;
  /** Bytes of one weight element: 4 for f32, 2 for f16. Pinned weights have 4. */
  readonly weightBytes?: number;
}

/** The costs of every call and their sum, for a sequence that is `context` positions long. */
export function graphCost(graph: Graph, options: CostOptions): GraphCost {
  const memory = graphMemory(graph);
  const owned = ownedWeights(graph);
  const calls = graph.calls.map((_, call) => callCost(graph, call, owned[call] ?? [], memory, options));
  const total = (key: keyof Cost): number => calls.reduce((sum, cost) => sum + cost[key], 0);
  return {
    calls,
    parameters: total('parameters'),
    weightBytes: total('weightBytes'),
    flops: total('flops'),
    stateBytes: total('stateBytes'),
  };
}

/** For each call, the ids of the weights that no earlier call has. */
function ownedWeights(graph: Graph): readonly (readonly string[])[] {
  const seen = new Set<string>();
  return graph.calls.map((call) => {
    const own = [...new Set(Object.values(call.weights))].filter((id) => !seen.has(id));
    own.forEach((id) => seen.add(id));
    return own;
  });
}

function callCost(
  graph: Graph,
  call: number,
  owned: readonly string[],
  memory: GraphMemory,
  options: CostOptions,
): Cost {
  const weights = owned.map((id) => graph.weights[id] ?? internal(`no weight '${id}'`));
  const bytes = options.weightBytes ?? 4;
  return {
    parameters: weights.reduce((sum, weight) => sum + elementCount(weight.axes), 0),
    weightBytes: weights.reduce(
      (sum, weight) => sum + elementCount(weight.axes) * (weight.pinned ? 4 : bytes),
      0,
    ),
    flops: bodyFlops(bodyOf(graph, call), options.context),
    stateBytes: callStateBytes(memory, call, options.context),
  };
}

/** Floating-point operations of one position of a body; values that do not change with time are computed once and cost nothing. */
export function bodyFlops(body: Body, visible: number): number {
  return body.nodes.reduce((sum, node) => sum + (node.type.temporal ? nodeFlops(body, node, visible) : 0), 0);
}

/** Floating-point operations of one position of a node, those of a scan's body included. */
export function nodeFlops(body: Body, node: AnyNode, visible: number): number {
  const record = recordOf(node.op);
  const inner = (record.bodies?.(node.attrs) ?? [])
    .flatMap((scanBody) => scanBody.nodes.map((innerNode) => nodeFlops(scanBody, innerNode, visible)))
    .reduce((sum, flops) => sum + flops, 0);
  return record.flops(signatureOf(body, node), visible) + inner;
}

/** Bytes of the memory that values and nodes of this call own, at a length of `context` positions. */
export function callStateBytes(memory: GraphMemory, call: number, context: number): number {
  const values = memory.values
    .filter((value) => value.call === call)
    .map(({ type, positions, pinned }) => elementCount(type.axes) * Math.min(context, positions + pinned));
  const states = memory.nodes
    .filter((node) => node.call === call)
    .flatMap((node) => node.states.map((state) => state.count));
  return 4 * [...values, ...states].reduce((sum, count) => sum + count, 0);
}
