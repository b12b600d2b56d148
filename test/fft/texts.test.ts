// The kernels of the Fourier forms: within the default limits, and accepted by Dawn and by wgpu's Naga, for every size.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksForm, fourStepForm, windowForm } from '../../compiler/kernels/fft/forms.ts';
import { mostPoints } from '../../compiler/kernels/fft/shape.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { openNullDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { askNaga, nagaMissing } from '../support/naga.ts';
import { skipFor } from '../support/needs.ts';
import { type ConvCase, convKernels } from './conv-case.ts';

function sequence(length: number, channels: number, count: number, ahead = 0): ConvCase {
  const filters = { inner: 1, count };
  return { channels, filters, back: length - 1, ahead, maximum: length, start: 0, count: length };
}

const WAYS = ['radix', 'monarch'] as const;
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];

const KERNELS = WAYS.flatMap((way) => [
  ...SIZES.flatMap((length) => {
    const it = sequence(length, 33, length % 3 === 0 ? 1 : 33);
    return convKernels(it, windowForm(it, DEFAULT_TARGET, way)!);
  }),
  ...[16, 512, 2048].flatMap((block) => {
    const it = sequence(5000, 7, block === 16 ? 1 : 7, block === 512 ? 4999 : 0);
    return convKernels(it, blocksForm(it, DEFAULT_TARGET, way, block)!);
  }),
  ...[100, 100_000].flatMap((length) =>
    [1, 5].flatMap((count) => {
      const it = sequence(length, 5, count);
      return convKernels(it, fourStepForm(it, DEFAULT_TARGET, way)!);
    }),
  ),
]);

test('the kernels are within the default limits', () => {
  expect(mostPoints(DEFAULT_TARGET)).toBe(4096);
  expect(mostPoints({ ...DEFAULT_TARGET, maxSharedBytes: 32_768 })).toBe(8192);
  for (const { made } of KERNELS) {
    const bytes = made.body.shared.reduce((sum, variable) => sum + variable.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(DEFAULT_TARGET.maxSharedBytes);
    expect(made.body.workgroup[0]).toBeLessThanOrEqual(DEFAULT_TARGET.maxInvocations);
    for (const extent of made.grid)
      if (typeof extent === 'number')
        expect(extent).toBeLessThanOrEqual(DEFAULT_TARGET.maxWorkgroupsPerDimension);
  }
});

test('channels come in tiles where one binding cannot hold them all', () => {
  const it = sequence(2 ** 20, 20, 20);
  const form = fourStepForm(it, DEFAULT_TARGET, 'radix')!;
  // 2²¹ points of 8 bytes, and twice that for the spectra: three pairs to 128 MiB, as the turns need some of it.
  expect(form.tiles).toEqual([
    { first: 0, pairs: 3 },
    { first: 3, pairs: 3 },
    { first: 6, pairs: 3 },
    { first: 9, pairs: 1 },
  ]);
  expect(convKernels(it, form).map(({ name }) => name)).toEqual(
    ['columns of tile 1', 'rows of tile 1', 'results of tile 1'].concat(
      ['columns of tile 2', 'rows of tile 2', 'results of tile 2'],
      ['columns of tile 3', 'rows of tile 3', 'results of tile 3'],
      ['columns of tile 4', 'rows of tile 4', ''],
    ),
  );
});

describe('Dawn', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openNullDevice();
  });
  afterAll(() => opened.close());

  test('accepts every kernel', async () => {
    for (const { wgsl } of KERNELS) expect(await shaderErrors(opened.device, wgsl), wgsl).toEqual([]);
  });
});

const missing = nagaMissing();

describe.skipIf(skipFor(missing))(`Naga (${missing ?? 'installed'})`, () => {
  test('accepts every kernel', async () => {
    const verdicts = await askNaga(KERNELS.map(({ name, wgsl }, i) => ({ name: `${i}: ${name}`, wgsl })));
    expect(verdicts.filter(({ errors }) => errors.length > 0)).toEqual([]);
    expect(verdicts.length).toBe(KERNELS.length);
  });
});
