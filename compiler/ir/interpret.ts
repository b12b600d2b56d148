// The reference executor: runs a graph the slow, obvious way in f64. It defines meaning; every kernel and rewrite is tested against it.
import { type AnyNode, type BodyCall, elementCount, type Graph } from './graph.ts';
import type { History } from './history.ts';
import { internal } from './internal.ts';
import { runBody } from './interpret-body.ts';
import {
  copySnapshot,
  createProgram,
  emptySnapshot,
  type Program,
  type ReferenceSnapshot,
  type WeightValues,
} from './interpret-program.ts';
import { bodyOf, callAt, placeKey } from './memory.ts';
import type { Remembered, Sources, TemporalRun } from './op.ts';

export type { ReferenceSnapshot, WeightValues } from './interpret-program.ts';

/** Sees every node's value of a run: [position, …axes] if temporal, else [...axes]. */
export type Observer = (call: number, node: AnyNode, values: Float64Array) => void;

/** What a run is given: token ids; or features, [position, elements]. */
export type RunInput = readonly number[] | Float32Array | Float64Array;

/** By the output's name: [position, …axes], or [...axes] of an output per sequence. */
export type RunOutputs = Readonly<Record<string, Float64Array>>;

/** One sequence in progress. */
export interface Reference {
  /** Goes on by these positions and returns what the model gives first: the logits of each, [tokens, vocab], if it has any. */
  run(input: RunInput, observe?: Observer): Float64Array;
  /** The same with all that the model gives; what it gives per sequence is as if the sequence ended here. */
  evaluate(input: RunInput, observe?: Observer): RunOutputs;
  /** Positions seen so far. */
  readonly position: number;
  snapshot(): ReferenceSnapshot;
  restore(snapshot: ReferenceSnapshot): void;
  /** A second sequence with the same past; weights and plans are shared. */
  fork(): Reference;
  reset(): void;
}

/** A reference for one sequence, at position 0. */
export function createReference(graph: Graph, weights: WeightValues): Reference {
  const program = createProgram(graph, weights);
  return createSequence(program, startOf(program));
}

function prefixOf({ graph }: Program): number {
  return graph.prefix ?? 0;
}

/** What there is before the first token: the learned positions have run. Their vectors do not depend on the tokens. */
function startOf(program: Program): ReferenceSnapshot {
  const empty = emptySnapshot(program);
  const count = prefixOf(program);
  const width = widthOf(program);
  const nothing =
    width === undefined ? Array.from({ length: count }, () => 0) : new Float64Array(count * width);
  runPositions(program, empty, nothing, undefined);
  return { ...empty, position: count };
}

/** Numbers at each position, where the model is given features. */
function widthOf({ graph }: Program): number | undefined {
  return graph.features === undefined ? undefined : elementCount(graph.features.axes);
}

function createSequence(program: Program, start: ReferenceSnapshot): Reference {
  let now = start;
  const evaluate = (input: RunInput, observe?: Observer): RunOutputs => {
    const outputs = runPositions(program, now, input, observe);
    now = { ...now, position: now.position + input.length / (widthOf(program) ?? 1) };
    return outputs;
  };
  const first = program.outputs[0]?.name ?? '';
  return {
    evaluate,
    run: (input, observe) => evaluate(input, observe)[first] ?? new Float64Array(0),
    get position() {
      return now.position - prefixOf(program);
    },
    snapshot: () => copySnapshot(now),
    restore: (snapshot) => {
      now = copySnapshot(snapshot);
    },
    fork: () => createSequence(program, copySnapshot(now)),
    reset: () => {
      now = startOf(program);
    },
  };
}

/** Runs all calls in order; the state's arrays are advanced in place. */
function runPositions(
  program: Program,
  state: ReferenceSnapshot,
  input: RunInput,
  observe: Observer | undefined,
): RunOutputs {
  const { graph } = program;
  if (input.length === 0) return {};
  const run = checkedRun(program, input);
  const outputs: RunOutputs[] = [];
  graph.calls.forEach((call, index) => {
    outputs.push(runCall(program, state, index, run, outputs, observe));
    for (const from of Object.values(call.inputs))
      if (program.lastReaders[from.call] === index) outputs[from.call] = {};
  });
  for (const history of state.histories.values()) history.trim();
  return Object.fromEntries(
    program.outputs.map(({ name, from, per }) => {
      const values = outputs[from.call]?.[from.output] ?? internal(`the output '${name}' was not computed`);
      return [name, per === 'position' ? values : values.slice(-values.length / run.count)];
    }),
  );
}

/** The positions of one run. */
type Run = Pick<Sources, 'count' | 'tokens' | 'features'>;

function checkedRun(program: Program, input: RunInput): Run {
  const { vocab } = program.graph;
  const width = widthOf(program);
  const values = Float64Array.from(input);
  if (width !== undefined) {
    if (input.length % width !== 0) internal(`${input.length} numbers are no positions of ${width} features`);
    return { count: input.length / width, tokens: new Float64Array(0), features: values };
  }
  const stray = values.find((token) => !(Number.isInteger(token) && token >= 0 && token < vocab));
  if (stray !== undefined) internal(`token ${stray} is outside the vocabulary of ${vocab}`);
  return { count: input.length, tokens: values, features: new Float64Array(0) };
}

function runCall(
  program: Program,
  state: ReferenceSnapshot,
  index: number,
  run: Run,
  outputs: readonly RunOutputs[],
  observe: Observer | undefined,
): RunOutputs {
  const call = callAt(program.graph, index);
  const prepared = program.bodies.get(call.body) ?? internal(`no body '${call.body}'`);
  const values = runBody(prepared, {
    sources: callSources(program, call, state.position, run, outputs),
    fixed: program.fixed[index]!,
    memory: (node, remembers) => memoryOf(program, state, index, node, remembers),
    onValue: (node, result) => {
      state.histories.get(placeKey({ call: index, node: node.id }))?.append(result);
      observe?.(index, node, result);
    },
  });
  const named = Object.entries(bodyOf(program.graph, index).outputs);
  return Object.fromEntries(named.map(([name, id]) => [name, values[id]!]));
}

function callSources(
  program: Program,
  call: BodyCall,
  position: number,
  run: Run,
  outputs: readonly RunOutputs[],
): Sources {
  const absent = (what: string, name: string): never => internal(`${call.label} has no ${what} '${name}'`);
  return {
    ...run,
    position,
    input: (name) => {
      const from = call.inputs[name] ?? absent('input', name);
      return outputs[from.call]?.[from.output] ?? absent('input', name);
    },
    weight: (name) => program.weight(call.weights[name] ?? absent('weight', name)),
    parameter: (name) => Float64Array.from(call.parameters[name] ?? absent('parameter', name)),
  };
}

function memoryOf(
  { owners }: Program,
  state: ReferenceSnapshot,
  call: number,
  node: AnyNode,
  remembers: readonly Remembered[],
): Pick<TemporalRun, 'histories' | 'states'> {
  const histories: (History | undefined)[] = [];
  for (const { input } of remembers)
    histories[input] = state.histories.get(owners.get(`${call}:${node.id}:${input}`) ?? '');
  return { histories, states: state.states.get(placeKey({ call, node: node.id })) ?? [] };
}
