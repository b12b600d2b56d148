// The commands that need no device, as data: arguments, exit code, and what is printed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hyb } from './support.ts';

const SAMBA = 'examples/samba-stories/samba.hyb';
const WEIGHTS = 'examples/samba-stories';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyb-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Case {
  readonly args: readonly string[];
  readonly code: number;
  readonly out?: string | RegExp;
  readonly error?: string | RegExp;
}

const CASES: readonly Case[] = [
  { args: ['--version'], code: 0, out: /^\d+\.\d+\.\d+\n$/ },
  { args: ['--help'], code: 0, out: /Usage: hyb/ },
  { args: [], code: 1, error: /Usage: hyb/ },
  { args: ['chekc', 'x.hyb'], code: 1, error: /unknown command 'chekc'\n\(Did you mean check\?\)/ },
  { args: ['check', SAMBA], code: 0, out: '', error: `${SAMBA}: no errors\n` },
  { args: ['check', SAMBA, '--quiet'], code: 0, out: '', error: '' },
  { args: ['check', 'std/mamba.hyb'], code: 0, error: 'std/mamba.hyb: no errors\n' },
  { args: ['check', SAMBA, '--json'], code: 0, out: /"diagnostics": \[\]/, error: '' },
  { args: ['check', 'absent.hyb'], code: 1, error: /absent\.hyb cannot be read: there is no such file\./ },
  { args: ['check', 'examples'], code: 1, error: /examples cannot be read: it is a folder\./ },
  { args: ['check', SAMBA, '--config', 'absent.json'], code: 1, error: /absent\.json cannot be read/ },
  {
    args: ['check', SAMBA, '--device', 'tpu'],
    code: 1,
    error: /Allowed choices are auto, gpu, software, reference/,
  },
  { args: ['run', SAMBA], code: 1, error: /nothing says where the weights of .*\nhelp: say --weights/ },
  {
    args: ['run', SAMBA, '--weights', 'absent'],
    code: 1,
    error: 'error: there is no file or folder absent\n',
  },
  { args: ['run', SAMBA, '--weights', 'std'], code: 1, error: /std has neither model\.safetensors/ },
  { args: ['run', 'std', '--weights', WEIGHTS], code: 1, error: /std is a folder without manifest\.json/ },
  { args: ['run', SAMBA, '--weights', WEIGHTS, '--top-p', '2'], code: 1, error: /a number, from 0 to 1/ },
  {
    args: ['run', SAMBA, '--weights', WEIGHTS, '--max-tokens', '1.5'],
    code: 1,
    error: /a whole number, 0 or more/,
  },
  {
    args: ['logits', SAMBA, '--weights', WEIGHTS, '--tokens', '1,x'],
    code: 1,
    error: /token ids with commas/,
  },
  {
    args: ['logits', SAMBA, '--weights', WEIGHTS, '--tokens', '1,2', '--split', '3'],
    code: 1,
    error: /--split is 3, and there are only 2 tokens/,
  },
  {
    args: ['logits', SAMBA, '--weights', WEIGHTS, '--tokens', '5000', '--device', 'reference'],
    code: 1,
    error: /token 5000 at index 0 is not one of the model's ids 0 … 1023/,
  },
  {
    args: ['inspect', SAMBA, '--kernel', 'nothing'],
    code: 1,
    error: "error: there is no kernel 'nothing'\n",
  },
  { args: ['inspect', SAMBA, '--stage', 'ast'], code: 0, out: /"kind": "model"/ },
  {
    args: ['inspect', SAMBA, '--stage', 'tensors'],
    code: 0,
    out: /model\.embed_tokens\.weight +\[1024, 192\]/,
  },
  { args: ['inspect', SAMBA, '--stage', 'model'], code: 0, out: /"name": "samba"/ },
  { args: ['inspect', SAMBA, '--stage', 'graph'], code: 0, out: /samba/ },
  { args: ['inspect', SAMBA, '--stage', 'fused'], code: 0, out: /samba/ },
  {
    args: ['inspect', SAMBA, '--stage', 'plan', '--phase', 'decode'],
    code: 0,
    out: /^decode: \d+ dispatches\n/,
  },
  { args: ['inspect', SAMBA, '--phase', 'decode'], code: 0, out: /@compute @workgroup_size/ },
  { args: ['explain', SAMBA], code: 0, out: /^samba: 2\.08 M parameters/ },
  { args: ['explain', SAMBA, '--json'], code: 0, out: /"parameters": 2077632/ },
  { args: ['explain', SAMBA, '--html'], code: 0, out: /^<!doctype html>/ },
];

describe('a command line', () => {
  test.each(CASES)('hyb $args', async ({ args, code, out, error }) => {
    const result = await hyb(...args);
    expect(result.code, result.error).toBe(code);
    expectText(result.out, out);
    expectText(result.error, error);
  });
});

describe('files', () => {
  test('that are not UTF-8 are a mistake with its place', async () => {
    const path = file('bytes.hyb', new Uint8Array([0x6d, 0xff, 0x6f]));
    const { code, error } = await hyb('check', path);
    expect(code).toBe(1);
    expect(error).toMatch(/UTF-8/);
  });

  test('with mistakes give diagnostics as JSON', async () => {
    const path = file('wrong.hyb', 'model m { vocab 4 width 4 stripe (A) }\n');
    const { code, out } = await hyb('check', path, '--json');
    expect(code).toBe(1);
    const [result] = JSON.parse(out) as [{ file: string; diagnostics: { code: string }[] }];
    expect(result.file).toBe(path);
    expect(result.diagnostics.length).toBeGreaterThan(0);
  });
});

describe('fmt', () => {
  test('rewrites a file once and then leaves it', async () => {
    const path = file('loose.hyb', 'model   m { vocab 4\n width    4 }\n');
    expect((await hyb('fmt', '--check', path)).code).toBe(1);
    expect(await hyb('fmt', path)).toMatchObject({ code: 0, error: `${path}: formatted\n` });
    const text = readFileSync(path, 'utf8');
    expect(await hyb('fmt', path)).toMatchObject({ code: 0, error: '' });
    expect((await hyb('fmt', '--check', path)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('leaves a file with mistakes as it is', async () => {
    const path = file('broken.hyb', 'model {{{\n');
    expect((await hyb('fmt', path)).code).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('model {{{\n');
  });
});

describe('compile', () => {
  test('writes a bundle, the same bytes every time', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    const { code, error } = await hyb('compile', SAMBA, '--out', first);
    expect(code, error).toBe(0);
    expect(error).toMatch(/kernels written to .*report\.html/);
    await hyb('compile', SAMBA, '--out', second, '--quiet');
    for (const name of ['manifest.json', 'model.ts', 'model.js', 'model.d.ts', 'report.html'])
      expect(readFileSync(join(first, name), 'utf8')).toBe(readFileSync(join(second, name), 'utf8'));
  });

  test('a bundle can be inspected', async () => {
    const { code, out } = await hyb('inspect', join(folder, 'first'), '--stage', 'plan', '--phase', 'decode');
    expect(code).toBe(0);
    expect(out).toBe((await hyb('inspect', SAMBA, '--stage', 'plan', '--phase', 'decode')).out);
  });

  test('a place that cannot be written is the user’s to mend', async () => {
    const { code, error } = await hyb('compile', SAMBA, '--out', join(file('plain', ''), 'inside'));
    expect(code).toBe(1);
    expect(error).toMatch(/cannot be written/);
  });
});

function expectText(text: string, expected: string | RegExp | undefined): void {
  if (expected === undefined) return;
  if (typeof expected === 'string') expect(text).toBe(expected);
  else expect(text).toMatch(expected);
}
