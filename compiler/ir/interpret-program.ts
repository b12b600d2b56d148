// What all sequences of one model share in the reference executor, and the memory that each has for itself.
import { elementCount, type Graph, type GraphOutput, type NodeId, outputsOf } from './graph.ts';
import { History } from './history.ts';
import { prepareBody, type PreparedBody } from './interpret-body.ts';
import { graphMemory, placeKey, valueOwner, type GraphMemory } from './memory.ts';

/** A weight's elements after its folds, row-major over `GraphWeight.axes`. */
export type WeightValues = (id: string) => Float64Array | Float32Array;

/** All memory of one sequence. */
export interface ReferenceSnapshot {
  readonly position: number;
  readonly histories: ReadonlyMap<string, History>;
  readonly states: ReadonlyMap<string, readonly Float64Array[]>;
}

/** What all sequences of one model share. */
export interface Program {
  readonly graph: Graph;
  readonly memory: GraphMemory;
  readonly bodies: ReadonlyMap<string, PreparedBody>;
  /** For every call and remembered input, `call:node:input`: the place of the history. */
  readonly owners: ReadonlyMap<string, string>;
  readonly weight: (id: string) => Float64Array;
  /** For each call: values that do not change with time. */
  readonly fixed: readonly Map<NodeId, Float64Array>[];
  /** What the model gives. */
  readonly outputs: readonly GraphOutput[];
  /** For each call: the last call that reads one of its outputs; none where the model gives one of them. */
  readonly lastReaders: readonly number[];
}

/** Plans every body and says where every value's history is. */
export function createProgram(graph: Graph, weights: WeightValues): Program {
  const memory = graphMemory(graph);
  const outputs = outputsOf(graph);
  const given = new Set(outputs.map(({ from }) => from.call));
  const bodies = Object.entries(graph.bodies).map(([name, body]) => [name, prepareBody(body)] as const);
  return {
    graph,
    memory,
    bodies: new Map(bodies),
    owners: historyOwners(graph, new Map(bodies)),
    weight: cachedWeights(weights),
    fixed: graph.calls.map(() => new Map()),
    outputs,
    lastReaders: graph.calls.map((_, call) =>
      given.has(call)
        ? -1
        : graph.calls.findLastIndex((reader) =>
            Object.values(reader.inputs).some((from) => from.call === call),
          ),
    ),
  };
}

function cachedWeights(weights: WeightValues): (id: string) => Float64Array {
  const cache = new Map<string, Float64Array>();
  return (id) => {
    const values = cache.get(id) ?? Float64Array.from(weights(id));
    cache.set(id, values);
    return values;
  };
}

function historyOwners(graph: Graph, bodies: ReadonlyMap<string, PreparedBody>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  graph.calls.forEach(({ body }, call) => {
    for (const { node, remembers } of bodies.get(body)?.steps ?? [])
      for (const { input } of remembers) {
        const owner = valueOwner(graph, { call, node: node.inputs[input]! });
        owners.set(`${call}:${node.id}:${input}`, placeKey(owner));
      }
  });
  return owners;
}

/** The memory of a sequence at position 0. */
export function emptySnapshot({ memory }: Program): ReferenceSnapshot {
  return {
    position: 0,
    histories: new Map(
      memory.values.map((value) => [
        placeKey(value),
        new History(elementCount(value.type.axes), value.positions, value.pinned),
      ]),
    ),
    states: new Map(
      memory.nodes.map((node) => [
        placeKey(node),
        node.states.map(({ count, initial }) => new Float64Array(count).fill(initial)),
      ]),
    ),
  };
}

export function copySnapshot({ position, histories, states }: ReferenceSnapshot): ReferenceSnapshot {
  return {
    position,
    histories: new Map([...histories].map(([key, history]) => [key, history.clone()])),
    states: new Map([...states].map(([key, arrays]) => [key, arrays.map((array) => array.slice())])),
  };
}
