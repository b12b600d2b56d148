// A model on the reference executor: f64 on the CPU, slow, and right by definition.
import type { Graph } from '../compiler/ir/graph.ts';
import { createReference } from '../compiler/ir/interpret.ts';
import type { WeightValues } from '../compiler/ir/interpret.ts';
import { capacityExceeded, tooLong } from '../runtime/errors.ts';
import {
  type Conversation,
  type Engine,
  type EngineEnds,
  type EngineValues,
  joinRuns,
  lengthOf,
  partOf,
  type SequenceInput,
} from './engine.ts';
import { emptyTokens, featuresWidth, needsGpu, tokenOutOfRange } from './errors.ts';
import { endsOf } from './model-ends.ts';
import { sampleToken } from './sample.ts';

/** `room` is the most positions of a sequence: as many as a plan would have room for. */
export function createReferenceEngine(
  graph: Graph,
  weights: WeightValues,
  room = Number.POSITIVE_INFINITY,
): Engine {
  const ends = endsOf(graph);
  return {
    ...ends,
    name: 'the reference executor (f64 on the CPU)',
    converse: (state) => {
      if (state !== undefined) throw needsGpu('--load-state');
      return Promise.resolve(converse(graph, weights, room));
    },
    logits: (tokens, runs) => {
      checkRoom(tokens.length, room);
      return Promise.resolve(logits(graph, weights, tokens, runs));
    },
    encode: (input, runs) => {
      checkRoom(lengthOf(ends, input), room);
      return Promise.resolve(encode(graph, weights, ends, input, runs));
    },
    layers: (input) => Promise.resolve(layers(graph, weights, ends, input)),
    close: () => undefined,
  };
}

/** One sequence. What is changed before its end runs again from the start. */
function converse(graph: Graph, weights: WeightValues, room: number): Conversation {
  const reference = createReference(graph, weights);
  let tokens: readonly number[] = [];
  let last: Float64Array = new Float64Array();
  const append = (more: readonly number[]): void => {
    checkTokens(more, graph.vocab);
    if (tokens.length + more.length > room) throw capacityExceeded(more.length, room, tokens.length);
    last = reference.run(more).slice(-graph.vocab);
    tokens = [...tokens, ...more];
  };
  const become = (wanted: readonly number[]): { kept: number; ran: number } => {
    const same = wanted.findIndex((token, index) => token !== tokens[index]);
    const kept = Math.min(same < 0 ? wanted.length : same, tokens.length);
    const stays = kept === tokens.length;
    if (!stays) {
      reference.reset();
      tokens = [];
    }
    const rest = wanted.slice(tokens.length);
    if (rest.length > 0) append(rest);
    return { kept, ran: rest.length };
  };
  return {
    get length() {
      return tokens.length;
    },
    async *generate(prompt, request) {
      // The last token that is drawn needs no place.
      const wanted = prompt.length + Math.max(0, request.maxTokens - 1);
      if (tokens.length + wanted > room) throw capacityExceeded(wanted, room, tokens.length);
      if (prompt.length > 0 || tokens.length === 0) append(prompt);
      for (let drawn = 0; drawn < request.maxTokens; drawn++) {
        request.signal?.throwIfAborted();
        const token = sampleToken(last, request, drawn, new Set(tokens));
        if (tokens.length < room) append([token]);
        if (request.stop.includes(token)) return;
        yield token;
      }
    },
    edit: (wanted) => Promise.resolve(become(wanted)),
    rollback: (count) => {
      become(tokens.slice(0, Math.max(0, tokens.length - count)));
      return Promise.resolve();
    },
    save: () => Promise.reject(needsGpu('--save-state')),
    close: () => undefined,
  };
}

function logits(
  graph: Graph,
  weights: WeightValues,
  tokens: readonly number[],
  runs: readonly number[],
): Float64Array {
  checkTokens(tokens, graph.vocab);
  const reference = createReference(graph, weights);
  const all = new Float64Array(tokens.length * graph.vocab);
  let at = 0;
  for (const count of runs) {
    all.set(reference.run(tokens.slice(at, at + count)), at * graph.vocab);
    at += count;
  }
  return all;
}

function encode(
  graph: Graph,
  weights: WeightValues,
  ends: EngineEnds,
  input: SequenceInput,
  runs: readonly number[],
): EngineValues {
  checkInput(ends, input);
  const reference = createReference(graph, weights);
  let at = 0;
  const parts = runs.map((count) => {
    at += count;
    return reference.evaluate(partOf(ends, input, at - count, at));
  });
  return joinRuns(ends.outputs, parts);
}

/** The stream behind each layer: where a layer is several calls, behind the last of them. */
function layers(
  graph: Graph,
  weights: WeightValues,
  ends: EngineEnds,
  input: SequenceInput,
): readonly Float64Array[] {
  checkInput(ends, input);
  const streams: Float64Array[] = [];
  createReference(graph, weights).evaluate(input, (index, node, values) => {
    const call = graph.calls[index];
    const stream = call?.layer === undefined ? undefined : graph.bodies[call.body]?.outputs['stream'];
    if (stream === node.id && call?.layer !== undefined) streams[call.layer] = values;
  });
  return streams;
}

function checkRoom(positions: number, room: number): void {
  if (positions > room) throw tooLong(positions, room);
}

function checkInput(ends: EngineEnds, input: SequenceInput): void {
  const { features, vocab } = ends;
  if (features === undefined) return checkTokens(Array.from(input), vocab);
  if (input.length === 0) throw emptyTokens();
  if (!Number.isInteger(lengthOf(ends, input)))
    throw featuresWidth(features.name, features.shape, input.length);
}

function checkTokens(tokens: readonly number[], vocab: number): void {
  if (tokens.length === 0) throw emptyTokens();
  for (const [index, token] of tokens.entries())
    if (!Number.isInteger(token) || token < 0 || token >= vocab) throw tokenOutOfRange(token, index, vocab);
}
