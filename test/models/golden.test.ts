// The models of published checkpoints, run by the reference executor against the logits of their own implementations.
import { describe, expect, test } from 'vitest';
import { checkHeader } from '../../compiler/check/header.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { readTensors, weightValues, type Tensor } from '../support/tensors.ts';
import { fixtureFile, fixtures, graphOf, modelPath } from './models.ts';

/** The goldens were computed in f32 and are off by up to 9e-5. */
const tolerance = 2e-4;

describe.each(fixtures)('%s runs %s', (model, checkpoint) => {
  const graph = graphOf(modelPath(model), fixtureFile(checkpoint, 'config.json'));
  const tensors = readTensors(fixtureFile(checkpoint, 'model.safetensors'));
  const { rows, logits } = readGolden(fixtureFile(checkpoint, 'golden.safetensors'));

  test('with every tensor of the file and no other', () => {
    expect(checkHeader(Object.values(graph.weights), graph.ignored, [...tensors.values()])).toEqual([]);
  });

  test('to the same logits in prefill, in split prefill and token by token', () => {
    rows.forEach((tokens, row) => {
      const expected = logits.subarray(
        row * tokens.length * graph.vocab,
        (row + 1) * tokens.length * graph.vocab,
      );
      for (const pieces of splits(tokens)) {
        expect(worstDifference(runPieces(graph, tensors, pieces), expected)).toBeLessThan(tolerance);
      }
    });
  });
});

function readGolden(path: string): {
  readonly rows: readonly (readonly number[])[];
  readonly logits: Float64Array;
} {
  const golden = readTensors(path);
  const ids = golden.get('input_ids');
  const logits = golden.get('logits_f64') ?? golden.get('logits');
  const [batch, time] = ids?.shape ?? [];
  if (ids === undefined || logits === undefined || batch === undefined || time === undefined) {
    throw new Error(`${path} has no input_ids or no logits`);
  }
  const rows = Array.from({ length: batch }, (_, row) => [
    ...ids.values.subarray(row * time, (row + 1) * time),
  ]);
  return { rows, logits: logits.values };
}

function splits(tokens: readonly number[]): readonly (readonly (readonly number[])[])[] {
  const half = Math.floor(tokens.length / 2);
  return [[tokens], [tokens.slice(0, half), tokens.slice(half)], tokens.map((token) => [token])];
}

function runPieces(
  graph: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  pieces: readonly (readonly number[])[],
): Float64Array {
  const reference = createReference(graph, weightValues(graph, tensors));
  return Float64Array.from(pieces.flatMap((piece) => [...reference.run(piece)]));
}

function worstDifference(actual: Float64Array, expected: Float64Array): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce(
    (worst, value, at) => Math.max(worst, Math.abs(value - (expected[at] ?? Number.NaN))),
    0,
  );
}
