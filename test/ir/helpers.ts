// What tests of the graph share: random numbers, comparison, and the equality of prefill, split prefill and decode.
import { expect } from 'vitest';
import type { Axis, Body, Graph, ValueType } from '../../compiler/ir/graph.ts';
import { createReference, type WeightValues } from '../../compiler/ir/interpret.ts';
import { interpretBody, type GivenValues } from '../../compiler/ir/interpret-one.ts';
import { elementCount } from '../../compiler/ir/graph.ts';

/** Numbers in [−1, 1) that depend only on the seed. */
export function randomValues(seed: number, count: number, scale = 1): Float64Array {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return scale * (state / 2 ** 31 - 1);
  });
}

export function axis(name: string, size: number): Axis {
  return { name, size };
}

/** An f32 value with one instance per position. */
export function perPosition(...axes: readonly Axis[]): ValueType {
  return { dtype: 'f32', axes, temporal: true };
}

/** The largest |a − b|; Infinity where lengths differ or one is not finite. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    largest = Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
  }
  return largest;
}

export function expectClose(a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-10): void {
  expect(largestDifference(a, b)).toBeLessThanOrEqual(tolerance);
}

/** Random values for every source of a body, over `count` positions. */
export function randomGiven(body: Body, count: number, seed = 1): GivenValues {
  const inputs: Record<string, Float64Array> = {};
  const weights: Record<string, Float64Array> = {};
  const parameters: Record<string, readonly number[]> = {};
  for (const node of body.nodes) {
    const name = String(node.attrs['name']);
    const size = elementCount(node.type.axes);
    const values = randomValues(seed + 31 * node.id, size * (node.type.temporal ? count : 1));
    if (node.op === 'input') inputs[name] = values;
    if (node.op === 'weight') weights[name] = values;
    if (node.op === 'parameter') parameters[name] = [...values];
  }
  const tokens = Array.from({ length: count }, (_, i) => (i * 7 + seed) % 3);
  return { inputs, weights, parameters, tokens };
}

/** Whether a body means the same in one run, in any split, and one position at a time. */
export function expectTimeless(body: Body, given: GivenValues, count: number, tolerance = 1e-9): void {
  const whole = interpretBody(body, given, [count]);
  const half = Math.floor(count / 2);
  for (const runs of [[half, count - half].filter(Boolean), Array.from({ length: count }, () => 1)]) {
    const split = interpretBody(body, given, runs);
    for (const name of Object.keys(body.outputs)) expectClose(split[name]!, whole[name]!, tolerance);
  }
}

/** Prefill ≡ split prefill ≡ decode for a whole graph; returns the logits. */
export function expectPhasesAgree(
  graph: Graph,
  weights: WeightValues,
  tokens: readonly number[],
  tolerance = 1e-9,
): Float64Array {
  const whole = createReference(graph, weights).run(tokens);
  const half = Math.max(1, Math.floor(tokens.length / 2));
  const splits = [[tokens.slice(0, half), tokens.slice(half)], tokens.map((token) => [token])];
  for (const pieces of splits) {
    const reference = createReference(graph, weights);
    const logits = pieces.flatMap((piece) => [...reference.run(piece)]);
    expectClose(logits, whole, tolerance);
  }
  return whole;
}
