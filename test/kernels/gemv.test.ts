// The one-token product against the f64 reference, over shapes, encodings, surroundings and ways of summing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gemv } from '../../compiler/kernels/gemv.ts';
import { gemvTuning, type GemvTuning } from '../../compiler/kernels/gemv-tuning.ts';
import { DEFAULT_TARGET, type Target } from '../../compiler/kernels/template.ts';
import { openNullDevice, openSoftwareDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { caseName, checkCase, kernelText, specOf, type ContractCase } from './contract-case.ts';

const TARGETS: Readonly<Record<string, Target>> = {
  'workgroup memory': DEFAULT_TARGET,
  subgroups: { ...DEFAULT_TARGET, subgroups: true },
};
const SURROUNDINGS = ['plain', 'prologue', 'epilogue', 'two streams', 'rider', 'three streams'] as const;
const ROWS = [1, 3, 17, 64, 65, 257, 1024];
const DEPTHS = [1, 4, 12, 31, 64, 65, 192, 257, 512];

/** Every pair of rows and depth that is in reach, each with the next surroundings and the next encoding. */
const CASES: readonly ContractCase[] = DEPTHS.flatMap((depth, line) =>
  ROWS.flatMap((rows, column): readonly ContractCase[] => {
    if (rows * depth > 140_000 || (line + column) % 2 === 1) return [];
    const surroundings = SURROUNDINGS[(line + 2 * column + Math.floor(column / 3)) % 6] ?? 'plain';
    const encoding = (line + Math.floor(column / 2)) % 2 === 0 ? 'f32' : 'f16';
    return [{ rows, depth, tokens: 1, encoding, surroundings }];
  }),
);

let software: TestDevice;
let compiler: TestDevice;
beforeAll(async () => {
  software = await openSoftwareDevice();
  compiler = await openNullDevice();
});
afterAll(() => {
  software.close();
  compiler.close();
});

describe.each(Object.keys(TARGETS))('with %s', (name) => {
  const target = TARGETS[name] ?? DEFAULT_TARGET;
  test.each(CASES.map((it) => [caseName(it), it] as const))('%s', async (_, it) => {
    await checkCase(software.device, it, gemv(specOf(it, 'one'), target));
  });
});

describe('sizes that defaults do not reach', () => {
  const it: ContractCase = { rows: 130, depth: 300, tokens: 1, encoding: 'f32', surroundings: 'rider' };
  const usual = gemvTuning(specOf(it, 'one'), DEFAULT_TARGET);
  const tunings: readonly Partial<GemvTuning>[] = [
    { lanes: 64, rows: 4 },
    { lanes: 64, rows: 2, cluster: 4 },
    { lanes: 32, rows: 4, unroll: 1 },
    { lanes: 16, rows: 3, unroll: 2 },
    { lanes: 8, rows: 4, cluster: 2 },
    { lanes: 4, rows: 4, cluster: 4 },
    { lanes: 4, rows: 1, cluster: 4, unroll: 3 },
    { lanes: 128, rows: 2, workgroup: 256 },
    { lanes: 32, rows: 1, workgroup: 32 },
  ];
  test.each(tunings.map((tuning) => [JSON.stringify(tuning), tuning] as const))('%s', async (_, tuning) => {
    const target = { ...DEFAULT_TARGET, subgroups: (tuning.cluster ?? 1) > 1 };
    await checkCase(software.device, it, gemv(specOf(it, 'one'), target, { ...usual, ...tuning }));
    const pair: ContractCase = { ...it, surroundings: 'two streams', encoding: 'f16' };
    await checkCase(software.device, pair, gemv(specOf(pair, 'one'), target, { ...usual, ...tuning }));
  });
});

test('more workgroups than one dimension holds are folded into two', async () => {
  const it: ContractCase = { rows: 1030, depth: 8, tokens: 1, encoding: 'f32', surroundings: 'plain' };
  const target = { ...DEFAULT_TARGET, maxWorkgroupsPerDimension: 12 };
  const made = gemv(specOf(it, 'one'), target);
  expect(made.grid).toEqual([11, 6, 1]);
  await checkCase(software.device, it, made);
});

test('the vocabulary of a large model fits the default limits', () => {
  const it: ContractCase = { rows: 500_000, depth: 4096, tokens: 1, encoding: 'f16', surroundings: 'plain' };
  const [x, y] = gemv(specOf(it, 'one'), DEFAULT_TARGET).grid;
  expect(x).toBeLessThanOrEqual(65_535);
  expect(y).toBe(2);
});

test('Dawn accepts every kernel, for small and for known large subgroups', async () => {
  const targets = [4, 8, 32].map((minSubgroupSize) => ({
    ...DEFAULT_TARGET,
    subgroups: true,
    minSubgroupSize,
  }));
  for (const it of [...CASES.slice(0, 8), ...CASES.slice(-8)]) {
    for (const target of targets) {
      const wgsl = kernelText(it, gemv(specOf(it, 'one'), target));
      expect(await shaderErrors(compiler.device, wgsl), wgsl).toEqual([]);
    }
  }
});

test('barriers: none where shuffles suffice, one for few partial sums, two for many', () => {
  const it: ContractCase = { rows: 64, depth: 2048, tokens: 1, encoding: 'f32', surroundings: 'plain' };
  const barriers = (target: Target, depth: number): number =>
    gemv(specOf({ ...it, depth }, 'one'), target).body.barriers;
  const subgroups = { ...DEFAULT_TARGET, subgroups: true };
  expect(barriers(DEFAULT_TARGET, 2048)).toBe(2);
  expect(barriers(DEFAULT_TARGET, 192)).toBe(1);
  expect(barriers(subgroups, 2048)).toBe(1);
  expect(barriers({ ...subgroups, minSubgroupSize: 32 }, 384)).toBe(0);
});
