// `hyb distill`: what it prints, what it writes, and that the other commands run it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { hyb } from './support.ts';

/** Its filters are taps, made of two modes each (a real pole, and one that turns), so that a fit of two is exact. */
const SOURCE = `model filtered {
  vocab 12
  width 6
  context 40
  stripe (F × 2)
  F = gated()
  head tied
}
mixer gated() {
  axis time = lag(40), n = 2
  weight in_proj : width -> width + width
  weight size, angle, re, im : width * n in f32
  weight D : width in f32
  const poles = polar(0.85 + 0.05 * tanh(size), 2 * index(n) + 0.3 * tanh(angle))
  const filter = taps(modal(complex(re, im), poles, over: n), time)
  x, gate = in_proj(u)
  return gate * longconv(x, filter, skip: D)
}
`;
const NO_FILTER = `model plain {
  vocab 8
  width 4
  stripe S
  S = swiglu(hidden: 8)
  head tied
}
`;

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyb-distill-'));
  writeFileSync(at('filtered.hyb'), SOURCE);
  writeFileSync(at('plain.hyb'), NO_FILTER);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TOKENS = '3,1,4,1,5,9,2,6,5,3,5,8,9,7,9,3,2,3';

async function logits(device: string, ...more: readonly string[]): Promise<readonly number[]> {
  const args = ['logits', at('filtered.hyb'), '--weights', 'random', '--tokens', TOKENS, '--json'];
  const { code, out, error } = await hyb(...args, '--device', device, ...more);
  expect(code, out + error).toBe(0);
  return (JSON.parse(out) as { logits: readonly (readonly number[])[] }).logits.flat(); // The command's own output.
}

async function distill(...more: readonly string[]): ReturnType<typeof hyb> {
  return hyb('distill', at('filtered.hyb'), '--weights', 'random', ...more);
}

function furthest(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

test('prints the error of every filter and writes nothing unless told', async () => {
  const { code, out, error } = await distill('--modes', '1');
  expect(code, error).toBe(0);
  expect(out).toMatch(/distilled\.1\.F\.0 +6 +40 +1 /);
  expect(out).toMatch(/distilled\.2\.F\.0 +6 +40 +1 /);
  expect(error).toContain('nothing was written');
});

test('a fit of as many modes as a filter has changes no logit, one of fewer does', async () => {
  const own = await logits('reference');
  const file = at('two.safetensors');
  const { out } = await distill('--modes', '2', '--out', file, '--json');
  const errors = JSON.parse(out) as readonly { worstError: number }[]; // The command's own output.
  expect(errors.map(({ worstError }) => worstError < 1e-6)).toEqual([true, true]);
  expect(furthest(await logits('reference', '--distilled', file), own)).toBeLessThan(1e-5);
  await distill('--modes', '1', '--out', at('one.safetensors'));
  expect(furthest(await logits('reference', '--distilled', at('one.safetensors')), own)).toBeGreaterThan(
    1e-3,
  );
});

const missing = softwareAdapterMissing();
describe.skipIf(skipFor(missing))(`on a device (${missing ?? 'the software adapter'})`, () => {
  test('distilled filters are what the reference executor says', async () => {
    const file = at('kernels.safetensors');
    await distill('--modes', '2', '--out', file);
    const reference = await logits('reference', '--distilled', file);
    expect(furthest(await logits('software', '--distilled', file), reference)).toBeLessThan(1e-5);
  });
});

test('a distilled model remembers a state of one size', async () => {
  await distill('--modes', '2', '--out', at('state.safetensors'));
  const stateBytes = async (context: string): Promise<unknown> => {
    const args = ['inspect', at('filtered.hyb'), '--stage', 'plan', '--json', '--context', context];
    const { code, out, error } = await hyb(...args, '--distilled', at('state.safetensors'));
    expect(code, error).toBe(0);
    return (JSON.parse(out) as { states: unknown }).states; // The command's own output.
  };
  expect(await stateBytes('40')).toEqual(await stateBytes('20'));
});

test('says what it lacks', async () => {
  const plain = await hyb('distill', at('plain.hyb'), '--weights', 'random');
  expect(plain).toMatchObject({ code: 1 });
  expect(plain.error).toContain('no causal filter that is given by its taps');
  await distill('--modes', '1', '--out', at('other.safetensors'));
  writeFileSync(at('like.hyb'), SOURCE.replace('model filtered', 'model like'));
  const explained = await hyb('explain', at('like.hyb'), '--distilled', at('other.safetensors'));
  expect(explained.error).toContain('has the modes of `filtered`, and this is `like`');
  const unsaid = await hyb('distill', at('filtered.hyb'));
  expect(unsaid.error).toContain('--weights');
  const other = await hyb(
    'logits',
    at('filtered.hyb'),
    '--weights',
    'random',
    '--tokens',
    '1',
    '--distilled',
    at('no'),
  );
  expect(other.error).toContain('cannot be read');
});
