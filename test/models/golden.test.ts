// The models of published checkpoints, run by the reference executor against the logits of their own implementations.
import { describe, expect, test } from 'vitest';
import { checkHeader } from '../../compiler/check/header.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { isCausal } from '../../compiler/ir/causality.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { hyb } from '../cli/support.ts';
import { readTensors, weightValues, type Tensor } from '../support/tensors.ts';
import { fixtures, graphOf, modelPath, uncopied } from './models.ts';

/** The goldens were computed in f32 and are off by up to 9e-5. */
const tolerance = 2e-4;

const cases = [...fixtures, ...uncopied].map(({ name, model, folder }) => [name, model, folder] as const);

describe.each(cases)('%s by %s', (_, model, folder) => {
  const read = () => ({
    graph: graphOf(modelPath(model), `${folder}config.json`),
    tensors: readTensors(`${folder}model.safetensors`),
  });

  test('has every tensor of the file and no other', () => {
    const { graph, tensors } = read();
    expect(checkHeader(Object.values(graph.weights), graph.ignored, [...tensors.values()])).toEqual([]);
  });

  test('gives what its golden says in prefill, in split prefill and token by token', async () => {
    const { graph, tensors } = read();
    if (graph.features !== undefined || !isCausal(graph)) return expectVerified(folder, graph);
    for (const { tokens, expected } of readGolden(`${folder}golden.safetensors`, graph.vocab)) {
      for (const pieces of splits(tokens)) {
        const logits = runPieces(graph, tensors, pieces);
        expect(worstDifference(logits.subarray(-expected.length), expected)).toBeLessThan(tolerance);
      }
    }
  });
});

/** Layers and encoders: every output, in every way that they can run. */
async function expectVerified(folder: string, { features }: Graph): Promise<void> {
  const options = [
    '--device',
    'reference',
    '--tolerance',
    features === undefined ? '2e-4' : '1e-4',
    '--quiet',
  ];
  const { code, out, error } = await hyb('verify', folder, ...options);
  expect(code, `${out}${error}`).toBe(0);
}

interface GoldenRow {
  readonly tokens: readonly number[];
  /** Row-major [positions, vocab], for the last positions of the row. */
  readonly expected: Float64Array;
}

function readGolden(path: string, vocab: number): readonly GoldenRow[] {
  const golden = readTensors(path);
  const ids = golden.get('input_ids');
  const logits = golden.get('logits_f64') ?? golden.get('logits') ?? golden.get('logits_last');
  const time = ids?.shape.at(-1) ?? 0;
  if (ids === undefined || logits === undefined || time === 0) {
    throw new Error(`${path} has no input_ids or no logits`);
  }
  const batch = ids.values.length / time;
  const size = logits.values.length / batch;
  expect(size % vocab).toBe(0);
  return Array.from({ length: batch }, (_, row) => ({
    tokens: [...ids.values.subarray(row * time, (row + 1) * time)],
    expected: logits.values.subarray(row * size, (row + 1) * size),
  }));
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
