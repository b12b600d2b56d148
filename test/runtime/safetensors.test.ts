// The safetensors reader: what it accepts, what it refuses and how it says so.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { halfFromSingleBits, singleBitsFromHalf } from '../../runtime/half.ts';
import { openCheckpoint, readTensor } from '../../runtime/index.ts';
import type { WeightsInput } from '../../runtime/index.ts';
import { fuzzHeaders } from '../fuzz/fuzz-safetensors.ts';
import { assemble, writeSafetensors } from './write-safetensors.ts';

const FOREIGN = new URL('../../../shared/data/foreign/', import.meta.url);

const open = (input: WeightsInput) => openCheckpoint(input, undefined);
const tensor = (dtype: string, shape: readonly number[], offsets: readonly number[]) => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const file = (header: unknown, dataBytes: number) =>
  assemble(typeof header === 'string' ? header : JSON.stringify(header), [new Uint8Array(dataBytes)]);

describe('halves', () => {
  test('every half survives, and singles round to the nearest, ties to even', () => {
    const single = new Float32Array(1);
    const bits = new Uint32Array(single.buffer);
    const toHalf = (value: number) => {
      single[0] = value;
      return halfFromSingleBits(bits[0] ?? 0);
    };
    const toSingle = (half: number) => {
      bits[0] = singleBitsFromHalf(half);
      return single[0] ?? 0;
    };
    for (let half = 0; half < 0x10000; half++) {
      const nan = (half & 0x7fff) > 0x7c00;
      if (nan) expect(toSingle(half)).toBeNaN();
      else if (toHalf(toSingle(half)) !== half) throw new Error(`half ${half} changed`);
    }
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (toSingle(half) + toSingle(half + 1)) / 2;
      const even = half % 2 === 0 ? half : half + 1;
      const found = [middle * (1 - 2 ** -20), middle, middle * (1 + 2 ** -20)].map(toHalf);
      if (found.join() !== [half, even, half + 1].join())
        throw new Error(`around half ${half}: ${found.join()}`);
    }
    expect([65504, 65519.9, 65520, Infinity, -Infinity, -0].map(toHalf)).toEqual([
      0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x8000,
    ]);
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hyb-safetensors-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const values = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { maxLength: 12 });
  test('what is written is read, in all dtypes, from every kind of input', async () => {
    const dtypes = fc.constantFrom('F32', 'F16', 'BF16');
    const tensors = fc.dictionary(fc.string({ minLength: 1 }), fc.tuple(dtypes, values), { maxKeys: 5 });
    await fc.assert(
      fc.asyncProperty(tensors, async (wanted) => {
        const entries = Object.entries(wanted).filter(([name]) => name !== '__metadata__');
        const bytes = writeSafetensors(
          Object.fromEntries(
            entries.map(([name, [dtype, list]]) => [name, { dtype, shape: [list.length], values: list }]),
          ),
        );
        const path = join(folder, 'model.safetensors');
        await writeFile(path, bytes);
        for (const input of [bytes, bytes.buffer, new Blob([bytes]), path, folder, [bytes]]) {
          const checkpoint = await open(input);
          expect(checkpoint.tensors.size).toBe(entries.length);
          for (const [name, [dtype, list]] of entries) {
            const found = checkpoint.tensors.get(name);
            if (found === undefined) throw new Error(`${name} is not there`);
            const error = { F32: 0, F16: 2 ** -11, BF16: 2 ** -7 }[dtype];
            for (const [i, value] of (await readTensor(found)).entries())
              expect(Math.abs(value - (list[i] ?? 0))).toBeLessThanOrEqual(
                error * Math.abs(list[i] ?? 0) + (error === 0 ? 0 : 2 ** -25),
              );
          }
          await checkpoint.close();
        }
      }),
      { numRuns: 25 },
    );
  });

  test('shards by index, list and name', async () => {
    const one = writeSafetensors({ a: { dtype: 'F32', shape: [1], values: [1] } });
    const two = writeSafetensors({ b: { dtype: 'F32', shape: [1], values: [2] } });
    const shards = join(folder, 'shards');
    await mkdir(shards);
    await writeFile(join(shards, 'one.safetensors'), one);
    await writeFile(join(shards, 'two.safetensors'), two);
    const index = join(shards, 'model.safetensors.index.json');
    const write = (map: object) => writeFile(index, JSON.stringify({ metadata: {}, weight_map: map }));
    await write({ a: 'one.safetensors', b: 'two.safetensors' });
    for (const input of [shards, index, [one, two], { one, two: new Blob([two]) }]) {
      const checkpoint = await open(input);
      expect([...checkpoint.tensors.keys()]).toEqual(['a', 'b']);
      await checkpoint.close();
    }
    await expect(open([one, one])).rejects.toMatchObject({ code: 'bad_weights_input' });
    await write({ a: 'two.safetensors', b: 'two.safetensors' });
    await expect(open(shards)).rejects.toThrow(/says that `a` is in two.safetensors/);
    await write({ a: '../one.safetensors' });
    await expect(open(shards)).rejects.toMatchObject({ code: 'bad_index' });
    await write({ a: 'three.safetensors' });
    await expect(open(shards)).rejects.toMatchObject({ code: 'file_not_found' });
    await writeFile(index, '{"weight_map": {"a": "one.safetensors", "a": "two.safetensors"}}');
    await expect(open(shards)).rejects.toThrow(/`a` is given twice/);
    await expect(open(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'file_not_found' });
    await expect(open([])).rejects.toMatchObject({ code: 'bad_weights_input' });
  });
});

describe('refusals', () => {
  const f32 = tensor('F32', [2], [0, 8]);
  const length = (value: bigint) => {
    const bytes = file({ a: f32 }, 8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return bytes;
  };
  test.each<readonly [string, Uint8Array<ArrayBuffer>, RegExp]>([
    ['an empty file', new Uint8Array(0), /only 0 bytes/],
    ['7 bytes', new Uint8Array(7), /only 7 bytes/],
    ['a web page', new TextEncoder().encode('<!doctype html>'), /it is a web page: is the address right/],
    ['a pointer of Git LFS', new TextEncoder().encode('version https://git-lfs'), /git lfs pull/],
    [
      'an archive of PyTorch',
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0),
      /zip archive, as PyTorch writes/,
    ],
    ['a header of 2⁶³ bytes', length(2n ** 63n), /more than 100 MB/],
    ['a header longer than the file', length(1000n), /more than the file/],
    ['no header', length(0n), /does not begin with/],
    ['not UTF-8', assemble(Uint8Array.of(0x7b, 0xff, 0x7d), []), /not UTF-8/],
    ['a list', file('[]', 0), /does not begin with/],
    ['half an object', file('{"a":', 0), /not JSON/],
    ['text behind', file('{}}', 0), /text after the end/],
    ['deep JSON', file(`{"a":${'['.repeat(100_000)}`, 0), /nested deeper/],
    [
      'a tensor twice',
      file(`{"a":${JSON.stringify(f32)},"a":${JSON.stringify(f32)}}`, 8),
      /`a` is given twice/,
    ],
    ['metadata with numbers', file({ __metadata__: { a: 1 } }, 0), /table of texts/],
    ['an unknown dtype', file({ a: tensor('Q4_0', [2], [0, 8]) }, 8), /unknown dtype `Q4_0`/],
    ['a dtype of another object', file({ a: tensor('toString', [2], [0, 8]) }, 8), /unknown dtype/],
    ['a negative size', file({ a: tensor('F32', [-2], [0, 8]) }, 8), /not a list of sizes/],
    [
      'a huge size',
      file(`{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}`, 8),
      /not a list of sizes/,
    ],
    ['sizes that overflow', file({ a: tensor('F32', [2 ** 40, 2 ** 40], [0, 8]) }, 8), /should have/],
    ['three offsets', file({ a: tensor('F32', [2], [0, 8, 8]) }, 8), /not two positions/],
    ['an end before the beginning', file({ a: tensor('F32', [2], [8, 0]) }, 8), /before it begins/],
    ['an end outside the file', file({ a: tensor('F32', [2], [0, 8]) }, 7), /which has 7/],
    [
      'another size than the shape',
      file({ a: tensor('F32', [3], [0, 8]) }, 8),
      /should have 12 bytes, but has 8/,
    ],
    ['an overlap', file({ a: f32, b: tensor('F32', [2], [4, 12]) }, 12), /`b` overlaps/],
    ['a gap', file({ a: f32, b: tensor('F32', [2], [12, 20]) }, 20), /4 bytes before tensor `b`/],
    ['bytes behind', file({ a: f32 }, 13), /5 bytes follow/],
  ])('%s', async (_, bytes, message) => {
    await expect(open(bytes)).rejects.toThrow(message);
    await expect(open(new Blob([bytes]))).rejects.toMatchObject({ code: 'bad_safetensors' });
  });

  test('ten thousand mutated headers: each opens or is refused', async () => {
    const result = await fuzzHeaders({ count: 10_000, seed: 1 });
    expect(result.faults).toEqual([]);
    expect(result.opened).toBeGreaterThan(300);
    expect(result.refused).toBeGreaterThan(5000);
  });
});

describe.skipIf(!existsSync(FOREIGN))('files by other programs (skipped where shared/data is absent)', () => {
  test("burn's MNIST opens", async () => {
    const checkpoint = await open(new URL('burn_mnist.safetensors', FOREIGN));
    const bias = checkpoint.tensors.get('conv1.bias');
    expect(bias?.shape).toEqual([8]);
    if (bias !== undefined) expect((await readTensor(bias)).every(Number.isFinite)).toBe(true);
    await checkpoint.close();
  });

  test('a file with bytes behind its last tensor is refused', async () => {
    await expect(open(new URL('las7_tiny.safetensors', FOREIGN))).rejects.toThrow(/5 bytes follow/);
  });
});
