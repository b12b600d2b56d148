// Safetensors that the command line writes and reads, and goldens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineEnds } from '../../cli/engine.ts';
import { readGolden } from '../../cli/golden.ts';
import { writeSafetensors, type TensorToWrite } from '../../cli/tensors.ts';
import { arbitraryTokens, largestDifference } from '../../cli/verify.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyb-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ids = { name: 'input_ids', shape: [2, 3], data: Int32Array.of(0, 1, 2, 3, 2, 1) };
const logits = { name: 'logits', shape: [2, 3, 2], data: Float32Array.from({ length: 12 }, (_, i) => i) };

const ofTokens: EngineEnds = { vocab: 2, outputs: [{ name: 'logits', per: 'position', shape: [2] }] };
const ofFeatures: EngineEnds = {
  vocab: 0,
  features: { name: 'u', shape: [2] },
  outputs: [
    { name: 'output', per: 'position', shape: [1] },
    { name: 'pooled', per: 'sequence', shape: [3] },
  ],
};

function golden(...tensors: readonly TensorToWrite[]): ReturnType<typeof readGolden> {
  return goldenOf(ofTokens, tensors);
}

function goldenOf(ends: EngineEnds, tensors: readonly TensorToWrite[]): ReturnType<typeof readGolden> {
  const path = join(folder, 'golden.safetensors');
  writeSafetensors(path, tensors);
  return readGolden(path, ends);
}

const numbers = (name: string, ...shape: readonly number[]): TensorToWrite => ({
  name,
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i),
});

describe('a golden', () => {
  test('has one sequence for each row, split in the middle', async () => {
    const { rows, split } = await golden(ids, logits);
    expect(split).toBe(1);
    expect(rows.map(({ input }) => input)).toEqual([
      [0, 1, 2],
      [3, 2, 1],
    ]);
    expect(rows.map(({ wanted }) => [...wanted[0]!.values])).toEqual([
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10, 11],
    ]);
  });

  test('may be one sequence with the last logits alone', async () => {
    const time = { name: 'input_ids', shape: [3], data: Int32Array.of(0, 1, 2) };
    const last = { name: 'logits_last', shape: [2], data: Float32Array.of(5, 6) };
    const { rows } = await golden(time, last);
    expect(rows[0]?.input).toEqual([0, 1, 2]);
    expect(rows[0]?.wanted[0]?.values).toEqual(Float64Array.of(5, 6));
  });

  test('prefers the logits in double precision, and says where to split', async () => {
    const exact = {
      ...logits,
      name: 'logits_f64',
      data: Float64Array.from({ length: 12 }, (_, i) => i + 0.5),
    };
    const split = { name: 'prefill_split', shape: [1], data: Int32Array.of(2) };
    const read = await golden(ids, logits, exact, split);
    expect(read.rows[0]?.wanted[0]?.values[0]).toBe(0.5);
    expect(read.split).toBe(2);
  });

  test.each([
    [[logits], /no `input_ids`/],
    [[ids], /no `logits`/],
    [[ids, { ...logits, shape: [3, 2, 2] }], /has the shape \[3, 2, 2\], not \[2, 3, 2\]/],
    [
      [{ name: 'input', shape: [1], data: Float32Array.of(1) }],
      /holds features, `input`, and the model takes tokens/,
    ],
  ] satisfies [TensorToWrite[], RegExp][])('that is not one says why: %#', async (tensors, message) => {
    await expect(golden(...tensors)).rejects.toThrow(message);
  });
});

describe('a golden of features', () => {
  const input = numbers('input', 2, 3, 2);

  test('has what the model gives for each position and for each sequence', async () => {
    const { rows } = await goldenOf(ofFeatures, [input, numbers('output', 2, 3, 1), numbers('pooled', 2, 3)]);
    expect(rows[1]?.input).toEqual(Float32Array.of(6, 7, 8, 9, 10, 11));
    expect(rows[1]?.wanted.map(({ output, values }) => [output.name, ...values])).toEqual([
      ['output', 3, 4, 5],
      ['pooled', 3, 4, 5],
    ]);
  });

  test('may have one of several outputs, and the streams between', async () => {
    const { rows } = await goldenOf(ofFeatures, [
      input,
      numbers('pooled', 2, 3),
      numbers('hidden.0', 2, 3, 4),
    ]);
    expect(rows[0]?.wanted).toHaveLength(1);
    expect(rows[0]?.hidden.map((stream) => stream.length)).toEqual([12]);
  });

  test.each([
    [[ids], /no `u`, which the model takes, nor `input`/],
    [[input], /nothing that the model gives: no `output`, `pooled`/],
    [[numbers('input', 2, 3, 4)], /has the shape \[2, 3, 4\], not \[batch, positions, 2\]/],
    [[input, numbers('pooled', 3, 2)], /`pooled` .* has the shape \[3, 2\], not \[2, 3\]/],
  ] satisfies [TensorToWrite[], RegExp][])('that is not one says why: %#', async (tensors, message) => {
    await expect(goldenOf(ofFeatures, tensors)).rejects.toThrow(message);
  });
});

describe('the largest difference', () => {
  test('is absolute', () => expect(largestDifference([1, 2], [1.5, 1])).toBe(1));
  test('keeps what is not a number', () => expect(largestDifference([Number.NaN, 2], [0, 2])).toBeNaN());
});

test('arbitrary tokens are the same every time and within the vocabulary', () => {
  const tokens = arbitraryTokens(100, 7);
  expect(tokens).toEqual(arbitraryTokens(100, 7));
  expect(new Set(tokens)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
});
