// `hyb import DIR` and other commands on a checkpoint's folder.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hyb } from './support.ts';

const FIXTURE = 'test/fixtures/lfm2';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hyb-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a folder as published', () => {
  test('becomes a source that verifies by itself', async () => {
    const path = join(folder, 'imported.hyb');
    const written = await hyb('import', FIXTURE, '--out', path);
    expect(written).toMatchObject({
      code: 0,
      out: '',
      error: 'lfm2: the model lfm2, told by its architectures\n',
    });
    expect(readFileSync(path, 'utf8')).toMatch(
      /^\/\/ Written by `hyb import` from the config\.json of lfm2\.\n/,
    );
    const shown = await hyb('import', FIXTURE, '--quiet');
    expect(shown).toEqual({ code: 0, out: readFileSync(path, 'utf8'), error: '' });
    const verified = await hyb('verify', path, '--weights', FIXTURE, '--device', 'reference', '--quiet');
    expect(verified.code, verified.error).toBe(0);
    expect(verified.out).toMatch(/token by token +\S+ +ok/);
  });

  test('stands for model and weights', async () => {
    const reference = ['--device', 'reference', '--quiet'];
    expect(await hyb('verify', FIXTURE, ...reference)).toMatchObject({ code: 0, error: '' });
    expect(await hyb('check', FIXTURE)).toMatchObject({ code: 0, error: `${FIXTURE}: no errors\n` });
    expect((await hyb('logits', FIXTURE, '--tokens', '1,2', ...reference)).out).toMatch(/"shape":\[2,64\]/);
    expect((await hyb('explain', FIXTURE)).out).toMatch(/^lfm2: /);
    expect((await hyb('inspect', FIXTURE, '--stage', 'ast')).out).toMatch(/"kind": "model"/);
  });

  test('of an unknown architecture gives the nearest model, and the list', async () => {
    const unknown = join(folder, 'unknown');
    mkdirSync(unknown);
    cpSync(FIXTURE, unknown, { recursive: true });
    const config: object = JSON.parse(readFileSync(join(unknown, 'config.json'), 'utf8'));
    const strange = {
      ...config,
      architectures: ['StrangeForCausalLM'],
      model_type: 'strange',
      conv_L_cache: 5,
    };
    writeFileSync(join(unknown, 'config.json'), JSON.stringify(strange));
    const { code, out, error } = await hyb('import', unknown);
    expect(code).toBe(1);
    expect(out).toMatch(/^\/\/ No model of the library fits unknown\. This is the nearest, `lfm2`\./);
    expect(out).toMatch(/\/\/ - fields that it asks for and the config lacks: /);
    expect(out).toMatch(/\nmodel lfm2 (?:from config )?\{\n  vocab   64\n/);
    expect(error).toMatch(/unknown is a StrangeForCausalLM \/ strange, which no model of the library fits/);
    expect(error).toMatch(/help: the library has .*llama, /);
  });

  test('of an unknown architecture is nearest to what needs no weights beyond its own', async () => {
    const stranger = join(folder, 'stranger');
    mkdirSync(stranger);
    cpSync('test/fixtures/llama/model.safetensors', join(stranger, 'model.safetensors'));
    const {
      architectures: _a,
      model_type: _t,
      max_position_embeddings: _m,
      ...config
    } = readJson('test/fixtures/llama/config.json');
    writeFileSync(join(stranger, 'config.json'), JSON.stringify(config));
    const { code, out } = await hyb('import', stranger);
    expect(code).toBe(1);
    expect(out).toMatch(/This is the nearest, `llama`\./);
  });

  test('without a config is told by its tensors, or refused', async () => {
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    cpSync(join(FIXTURE, 'model.safetensors'), join(bare, 'model.safetensors'));
    const { code, error } = await hyb('verify', bare, '--device', 'reference');
    expect(code).toBe(1);
    expect(error).toMatch(/bare has no config\.json, only tensors, which no model of the library fits/);
  });

  test('with weights of another kind says what to do', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    cpSync(join(FIXTURE, 'config.json'), join(other, 'config.json'));
    writeFileSync(join(other, 'pytorch_model.bin'), 'x');
    expect((await hyb('run', other)).error).toMatch(
      /help: pytorch_model\.bin cannot be read: hyb reads safetensors/,
    );
    writeFileSync(join(other, 'model.safetensors'), 'version https://git-lfs.github.com/spec/v1\n');
    expect((await hyb('run', other)).error).toMatch(/is a pointer of Git LFS[^]*git lfs pull/);
  });

  test('that no model fits names the source that lies in it', async () => {
    const { error } = await hyb('run', 'examples/samba-stories');
    expect(error).toMatch(/hyb run examples\/samba-stories\/samba\.hyb --weights examples\/samba-stories/);
    expect((await hyb('run', 'no-such-folder')).error).toMatch(/there is no file or folder no-such-folder/);
  });

  test('needs a config or weights', async () => {
    const empty = await hyb('import', 'docs');
    expect(empty).toMatchObject({ code: 1, out: '' });
    expect(empty.error).toMatch(/docs is no folder with a config\.json or \.safetensors files/);
  });
});

function readJson(path: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof value !== 'object' || value === null) throw new Error(`${path} is no object`);
  return { ...value };
}
