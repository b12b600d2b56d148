// Weights of derived programs as they are read from files: number types, strides, folds in f64, other layouts, what is not there.
import { expect, test } from 'vitest';
import { loadDerived } from '../../runtime/derived/load.ts';
import { openCheckpoint } from '../../runtime/index.ts';
import type { DerivedPlan, WeightPlan } from '../../runtime/plan.ts';
import { matchWeights } from '../../runtime/weights/match-weights.ts';
import { WeightSample } from '../../runtime/weights/weight-sample.ts';
import { writeSafetensors } from '../runtime/write-safetensors.ts';

const ROWS = 3;
const COLUMNS = 4;
const VALUES = Array.from({ length: ROWS * COLUMNS }, (_, i) => (i - 5) / 4);

function weight(changes: Partial<WeightPlan<'f64'>> = {}): WeightPlan<'f64'> {
  return {
    name: 'w',
    tensors: ['w'],
    shape: [ROWS, COLUMNS],
    sourceOffset: 0,
    buffer: 0,
    targetByteOffset: 0,
    encoding: 'f64',
    dimensions: [
      { size: ROWS, source: COLUMNS, target: COLUMNS },
      { size: COLUMNS, source: 1, target: 1 },
    ],
    fold: [],
    optional: false,
    ...changes,
  };
}

/** A program that gives the weight less 1, so that what was lost in reading would show. */
function program(changes: Partial<DerivedPlan> = {}): DerivedPlan {
  const elements = ROWS * COLUMNS;
  return {
    name: 'layers.0.A',
    flops: elements,
    arrays: [{ elements }, { elements, target: { buffer: 3, byteOffset: 64 } }],
    weights: [weight()],
    steps: [
      {
        kind: 'loop',
        function: 'sub',
        sizes: [elements],
        operands: [
          { array: 0, offset: 0, strides: [1] },
          { first: 1, strides: [0] },
        ],
        out: { array: 1, offset: 0, strides: [1] },
      },
    ],
    ...changes,
  };
}

async function run(
  plan: DerivedPlan,
  tensors: Parameters<typeof writeSafetensors>[0],
): Promise<readonly number[]> {
  const checkpoint = await openCheckpoint(new Blob([writeSafetensors(tensors)]), undefined);
  const { weights, otherwise } = plan;
  const matched = matchWeights({ weights, otherwise, ignored: [] }, checkpoint.tensors);
  const written: number[] = [];
  const write = (buffer: number, byteOffset: number, bytes: Uint8Array): void => {
    expect([buffer, byteOffset]).toEqual([3, 64]);
    written.push(...new Float32Array(bytes.slice().buffer));
  };
  const target = { write, flush: () => Promise.resolve() };
  await loadDerived([{ plan, weights: matched }], target, new WeightSample(), undefined, () => undefined);
  return written;
}

const lessOne = VALUES.map((value) => value - 1);

test.each(['F32', 'F16', 'BF16'] as const)('%s', async (dtype) => {
  expect(await run(program(), { w: { dtype, shape: [ROWS, COLUMNS], values: VALUES } })).toEqual(lessOne);
});

test('a transposed weight', async () => {
  const transposed = Array.from(
    { length: VALUES.length },
    (_, i) => VALUES[(i % ROWS) * COLUMNS + Math.floor(i / ROWS)]!,
  );
  const dimensions = [
    { size: ROWS, source: 1, target: COLUMNS },
    { size: COLUMNS, source: ROWS, target: 1 },
  ];
  const plan = program({ weights: [weight({ shape: [COLUMNS, ROWS], dimensions })] });
  expect(await run(plan, { w: { dtype: 'F32', shape: [COLUMNS, ROWS], values: transposed } })).toEqual(
    lessOne,
  );
});

test('a fold keeps all digits of f64', async () => {
  const values = VALUES.map((value) => value / 2 ** 20);
  const plan = program({ weights: [weight({ fold: ['exp'] })] });
  const expected = values.map((value) => Math.fround(Math.exp(Math.fround(value)) - 1));
  expect(await run(plan, { w: { dtype: 'F32', shape: [ROWS, COLUMNS], values } })).toEqual(expected);
});

test('the layout that the file has', async () => {
  const plan = program({
    otherwise: [weight({ tensors: ['other'], sourceOffset: 2, shape: [2 + VALUES.length] })],
  });
  const values = [9, 9, ...VALUES];
  expect(await run(plan, { other: { dtype: 'F32', shape: [values.length], values } })).toEqual(lessOne);
  expect(await run(plan, { w: { dtype: 'F32', shape: [ROWS, COLUMNS], values: VALUES } })).toEqual(lessOne);
});

test('what is optional and not there is zero', async () => {
  const plan = program({ weights: [weight({ optional: true })] });
  expect(await run(plan, {})).toEqual(VALUES.map(() => -1));
});

test('what is not there is told', async () => {
  await expect(run(program(), {})).rejects.toMatchObject({ problems: ['missing: `w` [3, 4]'] });
});
