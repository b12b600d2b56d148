// Checkpoints that are corrupt, cut off, mislabelled or made to harm: each gives one clear error, and nothing of the size it claims is allocated.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hyb } from './support.ts';

const SOUND = 'test/fixtures/llama';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hyb-hostile-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;

/** What is done to a sound checkpoint in a folder of its own, and what is said of it. */
type Case = readonly [name: string, harm: (folder: string) => void, said: RegExp];

const NORM = 'model.norm.weight';
const EMBED = 'model.embed_tokens.weight';

const WEIGHTS: readonly Case[] = [
  ['no bytes', (folder) => writeFileSync(weights(folder), ''), /has only 0 bytes/],
  ['half of the file', (folder) => cut(folder, 0.5), /ends at byte \d+ of the data/],
  ['a cut inside the header', (folder) => cut(folder, 0.005), /more than the file/],
  ['a header of 2⁶³ bytes', (folder) => setLength(folder, 2n ** 63n), /more than 100 MB/],
  [
    'a tensor of 2⁶² elements',
    (folder) => edit(folder, (all) => resize(all, NORM, [2 ** 31, 2 ** 31])),
    /should have/,
  ],
  [
    'tensors that overlap',
    (folder) => edit(folder, (all) => move(all, NORM, EMBED)),
    /overlaps|belong to none/,
  ],
  ['a dtype of no meaning', (folder) => edit(folder, (all) => retype(all, NORM, 'F7')), /unknown dtype `F7`/],
  [
    'integers for weights',
    (folder) => edit(folder, (all) => retype(all, NORM, 'I32')),
    /is I32, and only F32/,
  ],
  ['another shape', (folder) => edit(folder, (all) => resize(all, NORM, [4, 8])), /is \[4, 8\] in the file/],
  [
    'another name',
    (folder) => edit(folder, (all) => rename(all, NORM, 'model.nrom.weight')),
    /missing: `model\.norm\.weight`/,
  ],
  ['a name twice', (folder) => text(folder, `"${NORM}"`, `"${EMBED}"`), /is given twice/],
  [
    'a shard that is not there',
    (folder) => index(folder, 'model-00002-of-00002.safetensors'),
    /there is no .*model-00002/,
  ],
  [
    'a shard outside the folder',
    (folder) => index(folder, '../other.safetensors'),
    /does not lie in a file of its folder/,
  ],
  [
    'a shard at an address',
    (folder) => index(folder, 'https://example.org/a'),
    /does not lie in a file of its folder/,
  ],
  ['an index that errs', (folder) => index(folder, 'golden.safetensors'), /which does not have it/],
];

const CONFIGS: readonly Case[] = [
  [
    'no JSON',
    (folder) => writeFileSync(config(folder), '{"hidden_size": '),
    /The config file ends too early/,
  ],
  ['a list', (folder) => writeFileSync(config(folder), '[1, 2]'), /holds no JSON object/],
  ['JSON of great depth', (folder) => writeFileSync(config(folder), '{"a":'.repeat(50_000)), /config file/],
  ['2⁴⁰ tokens', (folder) => say(folder, { vocab_size: 2 ** 40 }), /vocab must be a positive whole number/],
  ['a billion layers', (folder) => say(folder, { num_hidden_layers: 1e9 }), /layers/],
  ['no layers', (folder) => say(folder, { num_hidden_layers: 0 }), /at least once|positive|one layer/],
  ['a width of 2²⁰', (folder) => say(folder, { hidden_size: 2 ** 20, head_dim: 8 }), /in the file, and \[/],
  ['heads that do not divide', (folder) => say(folder, { num_key_value_heads: 3 }), /4 \/ 3|whole number/],
  ['text for a number', (folder) => say(folder, { hidden_size: 'large' }), /width must be/],
  [
    'no architecture that is known',
    (folder) => say(folder, { architectures: ['Strange'], model_type: 'odd' }),
    /no model of the library fits/,
  ],
  [
    'names that are no names',
    (folder) => say(folder, { architectures: 7, model_type: ['llama'] }),
    /no model of the library fits/,
  ],
  [
    'another architecture',
    (folder) => say(folder, { architectures: ['Qwen3ForCausalLM'] }),
    /missing: .*q_norm/,
  ],
];

describe.each([
  ['weights', WEIGHTS],
  ['a config', CONFIGS],
] as const)('%s with', (_, cases) => {
  test.each(cases)('%s', async (name, harm, said) => {
    const folder = join(root, name.replaceAll(/\W+/g, '_'));
    mkdirSync(folder);
    cpSync(SOUND, folder, { recursive: true });
    harm(folder);
    const before = process.memoryUsage().rss;
    const { code, out, error } = await hyb('verify', folder, '--device', 'reference', '--quiet');
    expect(error).toMatch(said);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(error.match(/^error:/gm)).toHaveLength(1);
    expect(error).not.toMatch(/internal|\n\s+at /);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30);
  });
});

function weights(folder: string): string {
  return join(folder, 'model.safetensors');
}

function config(folder: string): string {
  return join(folder, 'config.json');
}

function say(folder: string, fields: object): void {
  const said: object = JSON.parse(readFileSync(config(folder), 'utf8'));
  writeFileSync(config(folder), JSON.stringify({ ...said, ...fields }));
}

function cut(folder: string, share: number): void {
  const bytes = readFileSync(weights(folder));
  writeFileSync(weights(folder), bytes.subarray(0, Math.floor(bytes.length * share)));
}

function setLength(folder: string, length: bigint): void {
  const bytes = readFileSync(weights(folder));
  bytes.writeBigUInt64LE(length);
  writeFileSync(weights(folder), bytes);
}

/** Rewrites the header; the data stays. */
function rewrite(folder: string, change: (header: string) => string): void {
  const bytes = readFileSync(weights(folder));
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = Buffer.from(change(bytes.subarray(8, end).toString('utf8')));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(weights(folder), Buffer.concat([length, header, bytes.subarray(end)]));
}

function text(folder: string, from: string, to: string): void {
  rewrite(folder, (header) => header.replace(from, to));
}

function edit(folder: string, change: (header: Header) => void): void {
  rewrite(folder, (json) => {
    const header: Header = JSON.parse(json);
    change(header);
    return JSON.stringify(header);
  });
}

function entryOf(header: Header, name: string): Header[string] {
  const entry = header[name];
  if (entry === undefined) throw new Error(`${SOUND} has no ${name}`);
  return entry;
}

function resize(header: Header, name: string, shape: number[]): void {
  entryOf(header, name).shape = shape;
}

function retype(header: Header, name: string, dtype: string): void {
  entryOf(header, name).dtype = dtype;
}

/** Lays one tensor over another, at its beginning. */
function move(header: Header, name: string, over: string): void {
  const [from = 0, to = 0] = entryOf(header, name).data_offsets;
  const [start = 0] = entryOf(header, over).data_offsets;
  entryOf(header, name).data_offsets = [start, start + to - from];
}

function rename(header: Header, name: string, to: string): void {
  header[to] = entryOf(header, name);
  delete header[name];
}

/** An index in the place of the one file, with one of its tensors elsewhere. */
function index(folder: string, shard: string): void {
  const first = 'model-00001-of-00002.safetensors';
  cpSync(weights(folder), join(folder, first));
  rmSync(weights(folder));
  const map = { [EMBED]: first, [NORM]: shard };
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
}
