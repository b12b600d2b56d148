// The frequencies of published rotary scalings, against numbers that the published implementations give.
import { expect, test } from 'vitest';
import { rotaryFrequencies, type Rotary } from '../../compiler/check/elaborate/builtins/rotary.ts';
import type { ConstantObject } from '../../compiler/check/constant.ts';

interface Case {
  readonly name: string;
  readonly rotary: Partial<Rotary> & Pick<Rotary, 'base' | 'dims'>;
  readonly scaling: ConstantObject;
  readonly scale: number;
  readonly values: Readonly<Record<number, number>>;
}

const cases: readonly Case[] = [
  {
    name: 'llama3, as Llama-3.2-1B',
    rotary: { base: 5e5, dims: 64 },
    scaling: {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    },
    scale: 1,
    values: {
      0: 1,
      8: 0.0376060307,
      14: 0.00321144611,
      15: 0.00129054801,
      16: 0.000429556705,
      31: 9.41830649e-8,
    },
  },
  {
    name: 'yarn without truncation, as gpt-oss',
    rotary: { base: 150_000, dims: 64 },
    scaling: { rope_type: 'yarn', factor: 32, original_max_position_embeddings: 4096, truncate: false },
    scale: 1.34657359,
    values: { 0: 1, 4: 0.225418001, 8: 0.0508132726, 9: 0.0317056961, 12: 0.00679495931, 17: 1.29318694e-4 },
  },
  {
    name: 'yarn, as Qwen2.5-0.5B stretched, under the older key',
    rotary: { base: 1e6, dims: 64, context: 32768 },
    scaling: { type: 'yarn', factor: 4 },
    scale: 1.13862944,
    values: { 15: 0.00102661771, 17: 3.24690831e-4, 20: 4.44569851e-5, 23: 1.21741887e-5, 31: 3.84981632e-7 },
  },
  {
    name: 'yarn with both scales, which cancel',
    rotary: { base: 10_000, dims: 64, context: 4096 },
    scaling: { type: 'yarn', factor: 40, mscale: 1, mscale_all_dim: 1 },
    scale: 1,
    values: { 0: 1 },
  },
  {
    name: 'dynamic beyond the context',
    rotary: { base: 10_000, dims: 64, context: 2048, planned: 4096 },
    scaling: { rope_type: 'dynamic', factor: 2 },
    scale: 1,
    values: { 1: 0.72378397, 31: 4.44507132e-5 },
  },
  {
    name: 'dynamic within the context',
    rotary: { base: 10_000, dims: 64, context: 2048, planned: 2048 },
    scaling: { rope_type: 'dynamic', factor: 2 },
    scale: 1,
    values: { 1: 10_000 ** (-1 / 32), 31: 10_000 ** (-31 / 32) },
  },
  {
    name: 'longrope up to the original context',
    rotary: { base: 10_000, dims: 4, context: 131_072, original: 4096, planned: 4096 },
    scaling: { type: 'longrope', short_factor: [1, 2], long_factor: [4, 8] },
    scale: 1.19023807,
    values: { 0: 1, 1: 0.005 },
  },
  {
    name: 'longrope beyond it',
    rotary: { base: 10_000, dims: 4, context: 131_072, original: 4096, planned: 4097 },
    scaling: { type: 'longrope', short_factor: [1, 2], long_factor: [4, 8] },
    scale: 1.19023807,
    values: { 0: 0.25, 1: 0.00125 },
  },
];

test.each(cases)('$name', ({ rotary, scaling, scale, values }) => {
  const found = rotaryFrequencies(
    { planned: 4096, context: undefined, original: undefined, ...rotary },
    scaling,
  );
  if (!('values' in found)) throw new Error(JSON.stringify(found));
  expect(Math.abs(found.scale / scale - 1)).toBeLessThan(1e-8);
  for (const [pair, value] of Object.entries(values))
    expect(Math.abs((found.values[Number(pair)] ?? NaN) / value - 1), pair).toBeLessThan(3e-7);
});

test('a scaling that nobody knows, and one without its numbers', () => {
  const rotary = { base: 10_000, dims: 8, planned: 64, context: undefined, original: undefined };
  expect(rotaryFrequencies(rotary, { type: 'none such' })).toMatchObject({ unknown: 'none such' });
  expect(rotaryFrequencies(rotary, { type: 'linear' })).toEqual({ missing: 'factor' });
  expect(rotaryFrequencies(rotary, { type: 'yarn', factor: 2 })).toEqual({
    missing: 'original_max_position_embeddings',
  });
  const lists = { type: 'longrope', short_factor: [1], original_max_position_embeddings: 64 };
  expect(rotaryFrequencies(rotary, lists)).toEqual({ wrongLength: 'short_factor', length: 1, pairs: 4 });
});
