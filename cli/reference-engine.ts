// A model on the reference executor: f64 on the CPU, slow, and right by definition.
import type { Graph } from '../compiler/ir/graph.ts';
import { createReference } from '../compiler/ir/interpret.ts';
import type { WeightValues } from '../compiler/ir/interpret.ts';
import type { Engine, GenerateRequest } from './engine.ts';
import { emptyTokens, tokenOutOfRange } from './errors.ts';
import { sampleToken } from './sample.ts';

export function createReferenceEngine(graph: Graph, weights: WeightValues): Engine {
  return {
    name: 'the reference executor (f64 on the CPU)',
    vocab: graph.vocab,
    generate: (prompt, request) => generate(graph, weights, prompt, request),
    logits: (tokens, runs) => Promise.resolve(logits(graph, weights, tokens, runs)),
    close: () => undefined,
  };
}

async function* generate(
  graph: Graph,
  weights: WeightValues,
  prompt: readonly number[],
  request: GenerateRequest,
): AsyncGenerator<number, void, void> {
  checkTokens(prompt, graph.vocab);
  const reference = createReference(graph, weights);
  let last: Float64Array = reference.run(prompt).slice(-graph.vocab);
  for (let drawn = 0; drawn < request.maxTokens; drawn++) {
    request.signal?.throwIfAborted();
    const token = sampleToken(last, request, drawn);
    if (request.stop.includes(token)) return;
    yield token;
    last = reference.run([token]);
  }
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

function checkTokens(tokens: readonly number[], vocab: number): void {
  if (tokens.length === 0) throw emptyTokens();
  for (const [index, token] of tokens.entries())
    if (!Number.isInteger(token) || token < 0 || token >= vocab) throw tokenOutOfRange(token, index, vocab);
}
