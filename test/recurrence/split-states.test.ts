// Recurrences of several states: taken apart where that gives one of them a class, with what scales them, and the same meaning.
import { expect, test } from 'vitest';
import { rewriteGraph } from '../../compiler/fuse/index.ts';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { isOp } from '../../compiler/ir/ops/index.ts';
import { operandNames } from '../../compiler/recurrence/describe.ts';
import { describeRecurrence } from '../../compiler/recurrence/describe-states.ts';
import { graphOf } from '../check/graph-of.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';

const TOKENS = [3, 1, 4, 1, 5, 9, 2, 6, 5];

function graphFor(letter: string): Graph {
  return graphOf(`model one {
  vocab 11
  width 12
  stripe X
  X = ${letter}
}
/// States in a row: each reads the one before it.
mixer chain(heads = 2, key = 3, value = 2) {
  weight k, q : width -> heads * key
  weight v    : width -> heads * value
  weight out  : heads * value -> width
  scan m[heads], z[heads, key], S[heads, key, value], twin[heads] = 1 {
    m    = 0.5 * m + 0.1 * sum(abs(k(u)), key)
    z    = exp(-m) * z + k(u)
    S    = exp(-m) * S + z * v(u)
    twin = tanh(twin + m)
    y    = sum(S * q(u), key) * twin + sum(z * q(u), key) + m
  }
  return out(y)
}`);
}

function logits(graph: Graph): Float64Array {
  const ids = Object.keys(graph.weights);
  const weights = (id: string): Float64Array =>
    randomValues(29 * ids.indexOf(id) + 3, elementCount(graph.weights[id]!.axes), 0.8);
  return createReference(graph, weights).run(TOKENS);
}

function described(letter: string): readonly string[] {
  const graph = graphFor(letter);
  const { graph: rewritten } = rewriteGraph(graph);
  expect(largestDifference(logits(rewritten), logits(graph))).toBeLessThan(1e-9);
  const bodies = Object.values(rewritten.bodies);
  const told = bodies.flatMap((body) =>
    body.nodes.flatMap((node) => {
      if (!isOp(node, 'scan')) return [];
      const { class: name, reason, form } = describeRecurrence(node.attrs, operandNames(body, node));
      return [`${name ?? reason}: ${form[0] ?? ''}`];
    }),
  );
  return [...new Set(told)];
}

test('a matrix, its normaliser and their stabiliser', () => {
  expect(described('mlstm(heads: 3)')).toEqual([
    'the stabiliser, the greatest exponent of all terms; position by position: m ← maximum(f + m, i)',
    'S: C ← decay ⊙ C + k vᵀ, read after the update',
    'D: n ← decay ⊙ n + k vᵀ, read after the update',
  ]);
});

test('states without a sum stay in one kernel', () => {
  expect(described('rwkv4()')).toEqual(['D: p ← maximum(-exp(decay) + p, k)']);
});

test('states in a row', () => {
  expect(described('chain()')).toContain('S: S ← decay ⊙ S + k vᵀ, read after the update');
});
