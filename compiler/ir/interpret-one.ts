// Runs one body alone, from fresh memory: the two sides of "interpret before equals interpret after".
import { elementCount, type AnyNode, type Body, type NodeId } from './graph.ts';
import { History } from './history.ts';
import { internal } from './internal.ts';
import { joinArrays } from './join-arrays.ts';
import { prepareBody, runBody, type PreparedBody } from './interpret-body.ts';
import type { Remembered, Sources, TemporalRun } from './op.ts';
import { recordOf } from './ops/index.ts';

/** What the body's source nodes are, by name; temporal inputs hold all positions, position outermost. */
export interface GivenValues {
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly weights: Readonly<Record<string, Float64Array>>;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly tokens?: readonly number[];
  /** [position, elements] of the model's features. */
  readonly features?: Float64Array;
}

/**
 * The body's outputs over all positions, [position, …axes] where temporal. `runs` says how many positions each run takes: `[n]` is one
 * prefill, `[k, n − k]` a split one, `n` ones are decode; the result must not depend on it.
 */
export function interpretBody(
  body: Body,
  given: GivenValues,
  runs: readonly number[],
): Readonly<Record<string, Float64Array>> {
  const prepared = prepareBody(body);
  const memory = bodyMemory(prepared);
  const fixed = new Map<NodeId, Float64Array>();
  const pieces: (readonly Float64Array[])[] = [];
  let position = 0;
  for (const count of runs) {
    const sources = givenSources(body, given, position, count);
    const onValue = (node: AnyNode, values: Float64Array): void =>
      memory.histories.get(node.id)?.append(values);
    pieces.push(runBody(prepared, { sources, fixed, onValue, memory: memory.of }));
    for (const history of memory.histories.values()) history.trim();
    position += count;
  }
  const outputs = Object.entries(body.outputs);
  return Object.fromEntries(outputs.map(([name, id]) => [name, wholeValue(body, id, pieces)]));
}

function wholeValue(body: Body, id: NodeId, pieces: readonly (readonly Float64Array[])[]): Float64Array {
  const parts = pieces.map((values) => values[id]!);
  if (!body.nodes[id]!.type.temporal) return parts[0] ?? internal('a body was run for no position');
  return joinArrays(parts);
}

interface BodyMemory {
  readonly histories: ReadonlyMap<NodeId, History>;
  of(node: AnyNode, remembers: readonly Remembered[]): Pick<TemporalRun, 'histories' | 'states'>;
}

function bodyMemory({ body, steps }: PreparedBody): BodyMemory {
  const histories = new Map<NodeId, History>();
  const states = new Map<NodeId, readonly Float64Array[]>();
  for (const { node, remembers } of steps) {
    for (const { input, positions, pinned } of remembers) {
      const owner = node.inputs[input]!;
      const known = histories.get(owner);
      const keep = Math.max(positions, known?.keep ?? 0);
      const size = elementCount(body.nodes[owner]!.type.axes);
      histories.set(owner, new History(size, keep, Math.max(pinned, known?.pinned ?? 0)));
    }
    const record = recordOf(node.op);
    if (record.kind !== 'temporal') continue;
    const own = record.states(node.attrs);
    states.set(
      node.id,
      own.map(({ count, initial }) => new Float64Array(count).fill(initial)),
    );
  }
  return {
    histories,
    of: (node, remembers) => {
      const read: (History | undefined)[] = [];
      for (const { input } of remembers) read[input] = histories.get(node.inputs[input]!);
      return { histories: read, states: states.get(node.id) ?? [] };
    },
  };
}

/** What a body's sources read in the run of `count` positions from `position`. */
export function givenSources(body: Body, given: GivenValues, position: number, count: number): Sources {
  const { inputs, weights, parameters, tokens = [], features = new Float64Array(0) } = given;
  const absent = (what: string, name: string): never =>
    internal(`${body.name} was given no ${what} '${name}'`);
  const width = elementCount(body.nodes.find(({ op }) => op === 'features')?.type.axes ?? []);
  const temporal = new Map(
    body.nodes.filter((node) => node.op === 'input').map((node) => [node.attrs['name'], node.type]),
  );
  return {
    count,
    position,
    tokens: Float64Array.from(tokens.slice(position, position + count)),
    features: features.subarray(position * width, (position + count) * width),
    input: (name) => {
      const values = inputs[name] ?? absent('input', name);
      const type = temporal.get(name);
      if (type?.temporal !== true) return values;
      const size = elementCount(type.axes);
      return values.subarray(position * size, (position + count) * size);
    },
    weight: (name) => weights[name] ?? absent('weight', name),
    parameter: (name) => Float64Array.from(parameters[name] ?? absent('parameter', name)),
  };
}
