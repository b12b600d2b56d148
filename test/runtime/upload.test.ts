// Streaming weights into buffers: against the plain permutation, with windows and pieces of every size.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { halfFromSingleBits } from '../../runtime/half.ts';
import { openCheckpoint } from '../../runtime/index.ts';
import type { WeightEncoding, WeightPlan } from '../../runtime/plan.ts';
import { boxesBySource } from '../../runtime/weights/box.ts';
import { type MatchedWeight, matchWeights } from '../../runtime/weights/match-weights.ts';
import { uploadWeights } from '../../runtime/weights/upload-weights.ts';
import { writeSafetensors } from './write-safetensors.ts';

const BUFFER_BYTES = 8192;

async function upload(
  weights: readonly WeightPlan[],
  tensors: Parameters<typeof writeSafetensors>[0],
  windowBytes: number,
): Promise<Uint8Array> {
  const checkpoint = await openCheckpoint(new Blob([writeSafetensors(tensors)]), undefined);
  const matched: MatchedWeight[] = weights.flatMap((plan) => {
    const tensor = checkpoint.tensors.get(plan.tensors[0] ?? '');
    return tensor === undefined ? [] : [{ plan, tensor }];
  });
  const memory = new Uint8Array(BUFFER_BYTES);
  const target = {
    write: (_: number, offset: number, bytes: Uint8Array) => {
      if (offset % 4 !== 0 || bytes.length % 4 !== 0) throw new Error('a write is not made of words');
      memory.set(bytes, offset);
    },
    flush: () => Promise.resolve(),
  };
  await uploadWeights(matched, target, undefined, () => undefined, windowBytes);
  return memory;
}

function weight(changes: Partial<WeightPlan>): WeightPlan {
  return {
    name: 'w',
    tensors: ['w'],
    shape: [],
    sourceOffset: 0,
    buffer: 0,
    targetByteOffset: 0,
    encoding: 'f32',
    dimensions: [],
    fold: [],
    optional: false,
    ...changes,
  };
}

/** One element after the other. */
function plain(weights: readonly WeightPlan[], values: readonly number[]): Uint8Array {
  const memory = new Uint8Array(BUFFER_BYTES);
  const view = new DataView(memory.buffer);
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  for (const { dimensions, sourceOffset, targetByteOffset, encoding, fold } of weights) {
    const visit = (level: number, source: number, target: number): void => {
      const dimension = dimensions[level];
      if (dimension !== undefined) {
        for (let i = 0; i < dimension.size; i++)
          visit(level + 1, source + i * dimension.source, target + i * dimension.target);
        return;
      }
      const value = values[source] ?? NaN;
      single[0] = fold.length === 0 ? value : -Math.exp(value);
      if (encoding === 'f32') view.setFloat32(targetByteOffset + target * 4, single[0] ?? 0, true);
      else view.setUint16(targetByteOffset + target * 2, halfFromSingleBits(bits[0] ?? 0), true);
    };
    visit(0, sourceOffset, 0);
  }
  return memory;
}

/** The first byte that differs: faster to look for than two arrays are to compare by toEqual. */
function difference(found: Uint8Array, wanted: Uint8Array): string | null {
  const at = found.findIndex((byte, i) => byte !== wanted[i]);
  return at < 0 ? null : `byte ${at} is ${found[at]}, not ${wanted[at]}`;
}

const sizes = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 7 }),
);

test('any order, slice, padding, fold, encoding and window gives the plain permutation', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      fc.constantFrom<WeightEncoding>('f32', 'f16'),
      fc.constantFrom<'F32' | 'F16' | 'BF16'>('F32', 'F16', 'BF16'),
      fc.record({ pad: fc.nat(3), skip: fc.nat(2), offset: fc.nat(9), fold: fc.boolean() }),
      fc.constantFrom(16, 64, 100, 1 << 20),
      async (shape, order, encoding, dtype, { pad, skip, offset, fold }, window) => {
        const [a, b, c] = shape;
        const count = a * b * c;
        const values = Array.from({ length: count }, (_, i) => ((i * 7) % 64) / 16 - 2);
        const source = [b * c, c, 1];
        const first = Math.min(skip, a - 1);
        const read = [a - first, b, c];
        const target = [0, 0, 0];
        let stride = 1;
        for (const axis of order) {
          target[axis] = stride;
          stride *= (read[axis] ?? 1) + pad;
        }
        const dimensions = read.map((size, i) => ({ size, source: source[i] ?? 0, target: target[i] ?? 0 }));
        const plan = weight({
          shape,
          encoding,
          sourceOffset: first * b * c,
          targetByteOffset: offset * (encoding === 'f16' ? 2 : 4),
          dimensions,
          fold: fold ? ['exp', 'neg'] : [],
        });
        const found = await upload([plan], { w: { dtype, shape, values } }, window);
        expect(difference(found, plain([plan], values))).toBeNull();
      },
    ),
    { numRuns: 400 },
  );
});

test('weights that interleave in one buffer leave each other alone', async () => {
  const values = Array.from({ length: 24 }, (_, i) => i + 1);
  for (const encoding of ['f32', 'f16'] as const) {
    const bytes = encoding === 'f16' ? 2 : 4;
    const parts = [0, 1, 2].map((part) =>
      weight({
        name: `part ${part}`,
        shape: [24],
        encoding,
        sourceOffset: part * 8,
        targetByteOffset: part * bytes,
        dimensions: [{ size: 8, source: 1, target: 3 }],
      }),
    );
    const found = await upload(parts, { w: { dtype: 'F32', shape: [24], values } }, 16);
    expect(difference(found, plain(parts, values))).toBeNull();
  }
});

test('a value beyond half precision is an error that names the weight', async () => {
  const plan = weight({
    name: 'layers.3.big',
    encoding: 'f16',
    dimensions: [{ size: 2, source: 1, target: 1 }],
  });
  await expect(upload([plan], { w: { dtype: 'F32', shape: [2], values: [1, 7e4] } }, 64)).rejects.toThrow(
    /`layers.3.big` holds 70000/,
  );
});

test('source pieces never reach further than asked, and hold every element once', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          size: fc.integer({ min: 1, max: 6 }),
          source: fc.integer({ min: 1, max: 20 }),
          target: fc.integer({ min: 1, max: 20 }),
        }),
        { maxLength: 3 },
      ),
      fc.integer({ min: 1, max: 30 }),
      (dimensions, most) => {
        const whole = dimensions.reduce((product, { size }) => product * size, 1);
        let count = 0;
        for (const part of boxesBySource({ source: 0, target: 0, dimensions }, most)) {
          expect(part.dimensions.reduce((sum, d) => sum + (d.size - 1) * d.source, 1)).toBeLessThanOrEqual(
            most,
          );
          count += part.dimensions.reduce((product, { size }) => product * size, 1);
        }
        expect(count).toBe(whole);
      },
    ),
  );
});

test('tensors that are read as one, cut anywhere and in any order of the file', async () => {
  const plan = weight({
    tensors: ['a + b + c'],
    shape: [6, 2],
    dimensions: [
      { size: 2, source: 1, target: 6 },
      { size: 6, source: 2, target: 1 },
    ],
  });
  const tensors = {
    c: { dtype: 'F32' as const, shape: [3, 2], values: [7, 8, 9, 10, 11, 12] },
    a: { dtype: 'F32' as const, shape: [1, 2], values: [1, 2] },
    b: { dtype: 'F32' as const, shape: [2, 2], values: [3, 4, 5, 6] },
  };
  const checkpoint = await openCheckpoint(new Blob([writeSafetensors(tensors)]), undefined);
  const read = new Uint8Array(48);
  const matched = matchWeights({ weights: [plan], ignored: [] }, checkpoint.tensors);
  const target = {
    write: (_: number, offset: number, bytes: Uint8Array) => read.set(bytes, offset),
    flush: () => Promise.resolve(),
  };
  await uploadWeights(matched, target, undefined, () => undefined, 16);
  expect([...new Float32Array(read.buffer)]).toEqual([1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12]);
  const longer = { ...plan, shape: [7, 2] };
  expect(() => matchWeights({ weights: [longer], ignored: [] }, checkpoint.tensors)).toThrow(/a \+ b \+ c/);
});
