// Weights out of nothing: the same for the same seed and name, of every shape that is wanted, and enough to run a model.
import { expect, test } from 'vitest';
import { randomCheckpoint, randomSeed } from '../../cli/random-weights.ts';
import { openCheckpoint, readTensor } from '../../runtime/index.ts';
import { hyb } from './support.ts';

const TWIN = 'examples/new-mixer/twin_delta.hyb';

async function valuesOf(file: Uint8Array, name: string): Promise<readonly number[]> {
  const { tensors } = await openCheckpoint(file, undefined);
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`there is no ${name}`);
  return [...(await readTensor(tensor))];
}

/** The logits of two tokens, as they are printed. */
async function logits(weights: string): Promise<string> {
  const args = ['logits', TWIN, '--weights', weights, '--tokens', '7,42', '--device', 'reference'];
  const { code, out, error } = await hyb(...args);
  expect(code, error).toBe(0);
  return out;
}

test('`random` and `random:SEED` are seeds, and anything else a path', () => {
  expect([randomSeed('random'), randomSeed('random:7')]).toEqual([0, 7]);
  expect([randomSeed('./random'), randomSeed('random.safetensors')]).toEqual([undefined, undefined]);
  expect(() => randomSeed('random:x')).toThrow(/whole number/);
});

test('a tensor depends on the seed, its name and its shape only', async () => {
  const square = { tensors: ['größe'], shape: [8, 6] };
  const alone = await valuesOf(randomCheckpoint([square], 3), 'größe');
  const other = { tensors: ['other', 'größe'], shape: [5] };
  expect(await valuesOf(randomCheckpoint([other, square, square], 3), 'größe')).toEqual(alone);
  expect(await valuesOf(randomCheckpoint([square], 4), 'größe')).not.toEqual(alone);
  expect(alone).toHaveLength(48);
});

test('maps keep the size of what they are applied to', async () => {
  const values = await valuesOf(randomCheckpoint([{ tensors: ['w'], shape: [64, 256] }], 1), 'w');
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  expect(variance * 256).toBeGreaterThan(0.9);
  expect(variance * 256).toBeLessThan(1.1);
});

test('a model without a checkpoint gives logits, the same for the same seed', async () => {
  expect(await logits('random')).toBe(await logits('random:0'));
  expect(await logits('random')).not.toBe(await logits('random:1'));
});

test('a prompt may be token ids', async () => {
  const args = ['run', TWIN, '--weights', 'random', '--max-tokens', '3', '--device', 'reference', '--quiet'];
  expect(await hyb(...args, '--tokens', '7,42')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^7 42( \d+){3} \n$/),
  });
  expect((await hyb(...args)).error).toContain('or token ids with --tokens');
  expect((await hyb(...args, '--tokens', '7', '--prompt', 'x')).code).toBe(1);
});
