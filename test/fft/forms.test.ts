// The Fourier forms of long convolutions against the defining sum, on a device.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksForm, fourStepForm, windowForm } from '../../compiler/kernels/fft/forms.ts';
import type { ConvForm } from '../../compiler/kernels/fft/problem.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { type ConvCase, dataOf, directSum, relativeError, runConv } from './conv-case.ts';

let software: TestDevice;
beforeAll(async () => {
  software = await openSoftwareDevice();
});
afterAll(() => software.close());

const own = (channels: number) => ({ inner: 1, count: channels });
const shared = { inner: 1, count: 1 };

/** A whole sequence in one run with a filter as long. */
function whole(length: number, channels: number, filters = own(channels)): ConvCase {
  return { channels, filters, back: length - 1, ahead: 0, maximum: length, start: 0, count: length };
}

const CASES: Readonly<Record<string, ConvCase>> = {
  'one position': whole(1, 1),
  'two positions, one channel': whole(2, 1),
  'a prime length': whole(37, 3),
  'a filter for all': whole(61, 5, shared),
  'a filter for each head': { ...whole(50, 12), filters: { inner: 4, count: 3 } },
  'filters that repeat': { ...whole(50, 12), filters: { inner: 1, count: 4 } },
  'a filter of odd groups': { ...whole(50, 9), filters: { inner: 3, count: 3 } },
  'a short filter': { ...whole(100, 4), back: 6 },
  'a run in the middle': { ...whole(90, 3), start: 70, count: 33, maximum: 40, back: 89 },
  'a run with a short filter': { ...whole(90, 2), start: 41, count: 17, maximum: 20, back: 9 },
  'both ways': { ...whole(53, 3), ahead: 52 },
  'both ways, one filter': { ...whole(64, 3, shared), ahead: 20 },
  'ahead alone': { ...whole(40, 2), back: 0, ahead: 39 },
};

const FORMS: Readonly<Record<string, (it: ConvCase) => ConvForm | undefined>> = {
  window: (it) => windowForm(it, DEFAULT_TARGET, 'radix'),
  'window, matrices': (it) => windowForm(it, DEFAULT_TARGET, 'monarch'),
  'blocks of 16': (it) => blocksForm(it, DEFAULT_TARGET, 'radix', 16),
  'blocks of 32, matrices': (it) => blocksForm(it, DEFAULT_TARGET, 'monarch', 32),
  'four steps': (it) => fourStepForm(it, DEFAULT_TARGET, 'radix'),
  'four steps, matrices': (it) => fourStepForm(it, DEFAULT_TARGET, 'monarch'),
};

// Each case in two forms, each form in several cases.
describe.each(Object.entries(CASES).map(([name, it], i) => [name, it, i] as const))('%s', (_, it, i) => {
  const data = dataOf(it);
  const expected = directSum(it, data);
  const forms = Object.entries(FORMS).filter((__, f) => (f + i) % 3 === 0);
  test.each(forms)('%s', async (__, make) => {
    const form = make(it);
    if (form === undefined) throw new Error('no such form');
    expect(relativeError(await runConv(software.device, it, form, data), expected)).toBeLessThan(2e-6);
  });
});
