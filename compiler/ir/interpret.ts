// The reference executor: runs a graph the slow, obvious way in f64. It defines meaning; every kernel and rewrite is tested against it.
import type { AnyNode, BodyCall, Graph } from './graph.ts';
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

/** One sequence in progress. */
export interface Reference {
  /** Goes on by these tokens and returns the logits of each, [tokens, vocab]. */
  run(tokens: readonly number[], observe?: Observer): Float64Array;
  /** Tokens seen so far. */
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
  runTokens(
    program,
    empty,
    Array.from({ length: count }, () => 0),
    undefined,
  );
  return { ...empty, position: count };
}

function createSequence(program: Program, start: ReferenceSnapshot): Reference {
  let now = start;
  return {
    run: (tokens, observe) => {
      const logits = runTokens(program, now, tokens, observe);
      now = { ...now, position: now.position + tokens.length };
      return logits;
    },
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

type Outputs = Readonly<Record<string, Float64Array>>;

/** Runs all calls in order; the state's arrays are advanced in place. */
function runTokens(
  program: Program,
  state: ReferenceSnapshot,
  tokens: readonly number[],
  observe: Observer | undefined,
): Float64Array {
  const { graph } = program;
  if (tokens.length === 0) return new Float64Array(0);
  const stray = tokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < graph.vocab));
  if (stray !== undefined) internal(`token ${stray} is outside the vocabulary of ${graph.vocab}`);
  const outputs: Outputs[] = [];
  graph.calls.forEach((call, index) => {
    outputs.push(runCall(program, state, index, tokens, outputs, observe));
    for (const from of Object.values(call.inputs))
      if (program.lastReaders[from.call] === index) outputs[from.call] = {};
  });
  for (const history of state.histories.values()) history.trim();
  return outputs.at(-1)?.['logits'] ?? internal('the last call has no output logits');
}

function runCall(
  program: Program,
  state: ReferenceSnapshot,
  index: number,
  tokens: readonly number[],
  outputs: readonly Outputs[],
  observe: Observer | undefined,
): Outputs {
  const call = callAt(program.graph, index);
  const prepared = program.bodies.get(call.body) ?? internal(`no body '${call.body}'`);
  const values = runBody(prepared, {
    sources: callSources(program, call, state.position, tokens, outputs),
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
  tokens: readonly number[],
  outputs: readonly Outputs[],
): Sources {
  const absent = (what: string, name: string): never => internal(`${call.label} has no ${what} '${name}'`);
  return {
    count: tokens.length,
    position,
    tokens: Float64Array.from(tokens),
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
