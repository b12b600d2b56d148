// One layer of a mixer run by the reference executor, for comparison with its formula written out by hand.
import { expect } from 'vitest';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { graphOf } from '../check/graph-of.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import type * as direct from './direct.ts';

export type Sequence = readonly (readonly number[])[];

const width = 12;
const tokens = [3, 1, 4, 1, 5, 9, 2, 6];

/** What one layer bound to `letter` makes of the embeddings, which come first. */
export function runLayer(
  letter: string,
  { config, statements = '' }: { readonly config?: ConstantObject; readonly statements?: string } = {},
): { readonly u: Sequence; readonly y: Sequence; readonly w: direct.Weight } {
  const text = `model one${config === undefined ? '' : ' from config'} {
  vocab 11
  width ${width}
  stripe X
  X = ${letter}
  block bare
  ${statements}
}
block only_norm(f) {
  norm n
  return n(x)
}`;
  const graph = graphOf(text, config);
  const ids = Object.keys(graph.weights);
  const weights = (id: string): Float64Array =>
    randomValues(17 * ids.indexOf(id) + 5, elementCount(graph.weights[id]!.axes), 0.8);
  const streams = new Map<number, Float64Array>();
  createReference(graph, weights).run(tokens, (call, node, values) => {
    if (graph.bodies[graph.calls[call]!.body]?.outputs['stream'] === node.id) streams.set(call, values);
  });
  return {
    u: rows(streams.get(0)),
    y: rows(streams.get(1)),
    w: (name, indices) => elementOf(graph, weights, name, indices),
  };
}

function rows(values: Float64Array | undefined): Sequence {
  return tokens.map((_, t) => Array.from((values ?? []).slice(t * width, (t + 1) * width)));
}

/** By the names of its axes, so that the formulas need not know their order. */
function elementOf(
  graph: Graph,
  weights: (id: string) => Float64Array,
  name: string,
  indices: Readonly<Record<string, number>>,
): number {
  const weight = graph.weights[`layers.0.X.${name}`];
  if (weight === undefined) return 0;
  const at = weight.axes.reduce((offset, { name: axis, size }) => offset * size + (indices[axis] ?? NaN), 0);
  return weights(weight.id)[at] ?? NaN;
}

export function expectSame(actual: Sequence, expected: Sequence): void {
  expect(largestDifference(actual.flat(), expected.flat())).toBeLessThan(1e-9);
}
