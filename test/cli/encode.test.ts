// `hyb encode`, and what the commands that write text say of an encoder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSafetensors } from '../../cli/tensors.ts';
import { hyb } from './support.ts';

const LIBRARY = `
mixer sides() { return u + 0.5 * flip(u) }`;

const ENCODER = `model two_ways {
  vocab 5
  width 3
  stripe A
  A = sides()
  output hidden
  output last per sequence { return tanh(x) }
}${LIBRARY}`;

const LAYER = `model layer { input bands : width  width 2  stripe A  A = sides()  block bare }${LIBRARY}`;

const SHIFTED = `model shifted {
  input bands : width
  width 2
  stripe A
  A = sides()
  block bare
  weight kept, more : width
  output y { return kept * x + more }
  checkpoint { kept "kept"  optional more "more" }
}${LIBRARY}`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyb-encode-'));
  writeFileSync(join(folder, 'encoder.hyb'), ENCODER);
  writeFileSync(join(folder, 'layer.hyb'), LAYER);
  writeFileSync(join(folder, 'shifted.hyb'), SHIFTED);
  writeSafetensors(join(folder, 'kept.safetensors'), [
    { name: 'kept', shape: [2], data: Float32Array.of(1, 2) },
  ]);
  const input = { name: 'input', shape: [2, 2, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
  writeSafetensors(join(folder, 'input.safetensors'), [input]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, model: string, ...args: readonly string[]): ReturnType<typeof hyb> {
  const weights = ['--weights', 'random', '--device', 'reference', '--quiet'];
  return hyb(command, join(folder, `${model}.hyb`), ...weights, ...args);
}

test('gives what is asked for, in the shape that it has', async () => {
  const { code, out, error } = await run('encode', 'encoder', '--tokens', '1,2', '--output', 'last,hidden');
  expect(code, error).toBe(0);
  expect(JSON.parse(out)).toEqual({
    tokens: [1, 2],
    last: [expect.any(Number), expect.any(Number), expect.any(Number)],
    hidden: [expect.any(Array), expect.any(Array)],
  });
});

test('says which optional weights a file lacks', async () => {
  const [model, weights, input] = ['shifted.hyb', 'kept.safetensors', 'input.safetensors'].map((name) =>
    join(folder, name),
  );
  const args = [model ?? '', '--weights', weights ?? '', '--input', input ?? '', '--device', 'reference'];
  const { code, out, error } = await hyb('encode', ...args);
  expect(code, error).toBe(0);
  expect(out).toContain('{"y":[[2.5,8],[3.5,10]]}');
  expect(error).toContain('not in the file, and taken for zeros: `more`\n');
});

test('takes the sequences of a file, one line for each', async () => {
  const { out } = await run('encode', 'layer', '--input', join(folder, 'input.safetensors'));
  const rows = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ].map(([a, b, c, d]) => ({
    output: [
      [a! + 0.5 * c!, b! + 0.5 * d!],
      [c! + 0.5 * a!, d! + 0.5 * b!],
    ],
  }));
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(rows);
});

test.each([
  ['run', 'encoder', ['--tokens', '1'], /no decode: `flip` in layer 0 \(A\).*\nhelp: `hyb encode`/],
  ['run', 'layer', [], /no decode/],
  ['logits', 'encoder', ['--tokens', '1'], /no logits: it gives hidden, last\nhelp: `hyb encode`/],
  ['logits', 'layer', ['--tokens', '1'], /takes `bands`, not tokens\nhelp: `hyb encode --input/],
  ['distill', 'encoder', [], /no decode that modes would make cheaper: `flip` in layer 0/],
  ['encode', 'encoder', [], /nothing says what to encode/],
  ['encode', 'encoder', ['--tokens', '9'], /token 9 at index 0/],
  ['encode', 'encoder', ['--tokens', '1', '--output', 'pooled'], /gives no `pooled`: it gives hidden, last/],
  ['encode', 'layer', ['--tokens', '1'], /takes `bands`, not tokens/],
])('%s of the %s with %j is refused', async (command, model, args, message) => {
  const { code, error } = await run(command, model, ...args);
  expect(code).toBe(1);
  expect(error).toMatch(message);
});

test.each([
  [Number.NaN, 1, /the weight `embed` holds a value that is not finite in f32\nhelp: look at its tensor/],
  [3e38, 1, /the value `\w+` in layer 0 \(A\), at \S+:\d+, is the first\nhelp: /],
  [1, 0, /every value of the sequence is finite/],
])('--check of a model with a weight of %d', async (value, code, message) => {
  const data = Float32Array.from({ length: 15 }, () => value);
  const file = join(folder, 'checked.safetensors');
  const norm = { name: 'layers.0.n.weight', shape: [3], data: Float32Array.of(1, 1, 1) };
  writeSafetensors(file, [{ name: 'embed.weight', shape: [5, 3], data }, norm]);
  const args = ['--weights', file, '--device', 'reference', '--tokens', '1,2', '--check'];
  const given = await hyb('encode', join(folder, 'encoder.hyb'), ...args);
  expect(given.code, given.error).toBe(code);
  expect(given.error).toMatch(message);
});

test('explain says that there is no decode, and which line is why', async () => {
  const { out } = await hyb('explain', join(folder, 'encoder.hyb'));
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(
    /encoder, no decode: `flip` in layer 0 \(A\), at \S+encoder\.hyb:9, reads later/,
  );
  expect(out).toMatch(/^ {2}last .*\d/m);
  expect(out).not.toMatch(/decode, one token|NaN|Infinity/);
});
