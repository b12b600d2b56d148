// The many-token product against the f64 reference, over shapes, encodings, surroundings and tiles.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gemm } from '../../compiler/kernels/gemm.ts';
import { gemmTuning, type GemmTuning } from '../../compiler/kernels/gemm-tuning.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { openNullDevice, openSoftwareDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { caseName, checkCase, kernelText, specOf, type ContractCase } from './contract-case.ts';

const SURROUNDINGS = ['plain', 'epilogue', 'two streams', 'prologue', 'three streams'] as const;
const TOKENS = [1, 2, 15, 16, 17, 63, 64, 65];
const ROWS = [1, 3, 17, 64, 65, 257, 1024];
const DEPTHS = [1, 4, 12, 31, 64, 65, 192, 257, 512];

/** Shapes whose work is in reach of the software adapter, so that each value of each size meets several of the others. */
const CASES: readonly ContractCase[] = TOKENS.flatMap((tokens, plane) =>
  ROWS.flatMap((rows, line): readonly ContractCase[] => {
    const depth = DEPTHS[(plane * 4 + line * 5) % DEPTHS.length] ?? 64;
    if (tokens * rows * depth > 1_500_000) return [];
    const surroundings = SURROUNDINGS[(plane + line) % SURROUNDINGS.length] ?? 'plain';
    const maximum = [tokens, 65, 128][(plane + line) % 3] ?? 65;
    return [
      { rows, depth, tokens, maximum, encoding: (plane + line) % 2 === 0 ? 'f32' : 'f16', surroundings },
    ];
  }),
);

const rangeOf = (it: ContractCase) => ({ maximum: it.maximum ?? it.tokens, count: 'control[1]' });

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

test.each(CASES.map((it) => [caseName(it), it] as const))('%s', async (_, it) => {
  await checkCase(software.device, it, gemm(specOf(it, rangeOf(it)), DEFAULT_TARGET));
});

describe('every tile', () => {
  const it: ContractCase = {
    rows: 70,
    depth: 50,
    tokens: 66,
    maximum: 67,
    encoding: 'f16',
    surroundings: 'two streams',
  };
  const sizes = [16, 32, 64];
  const tiles = sizes.flatMap((tokens) => sizes.map((rows) => ({ tokens, rows })));
  test.each(tiles.map((tile) => [`${tile.tokens} × ${tile.rows}`, tile] as const))('%s', async (_, tile) => {
    await checkCase(software.device, it, gemm(specOf(it, rangeOf(it)), DEFAULT_TARGET, tile));
  });
});

function defaultTile(rows: number, maximum: number, surroundings: ContractCase['surroundings']): GemmTuning {
  const it: ContractCase = { rows, depth: 512, tokens: 1, maximum, encoding: 'f32', surroundings };
  const spec = specOf(it, rangeOf(it));
  const shared = gemm(spec, DEFAULT_TARGET).body.shared.reduce((sum, variable) => sum + variable.bytes, 0);
  expect(shared).toBeLessThanOrEqual(DEFAULT_TARGET.maxSharedBytes);
  return gemmTuning(spec, DEFAULT_TARGET);
}

test('the default tiles fit the default limits and follow the shape', () => {
  expect(defaultTile(4096, 512, 'plain')).toEqual({ tokens: 64, rows: 64 });
  expect(defaultTile(4096, 512, 'two streams')).toEqual({ tokens: 64, rows: 64 });
  expect(defaultTile(4096, 512, 'three streams')).toEqual({ tokens: 32, rows: 64 });
  expect(defaultTile(192, 128, 'plain')).toEqual({ tokens: 32, rows: 32 });
  expect(defaultTile(12, 128, 'plain')).toEqual({ tokens: 32, rows: 16 });
  expect(defaultTile(192, 8, 'plain')).toEqual({ tokens: 16, rows: 32 });
});

function barriers(depth: number): number {
  const it: ContractCase = {
    rows: 64,
    depth,
    tokens: 64,
    maximum: 64,
    encoding: 'f32',
    surroundings: 'plain',
  };
  return gemm(specOf(it, rangeOf(it)), DEFAULT_TARGET).body.barriers;
}

test('two barriers for each 16 of the depth, one for a single step', () => {
  expect(barriers(100)).toBe(14);
  expect(barriers(16)).toBe(1);
});

test('Dawn accepts every kernel', async () => {
  for (const it of CASES.filter((_, index) => index % 4 === 0)) {
    const wgsl = kernelText(it, gemm(specOf(it, rangeOf(it)), DEFAULT_TARGET));
    expect(await shaderErrors(compiler.device, wgsl), wgsl).toEqual([]);
  }
});
