// Long convolutions of many lengths against f64: primes, filters shorter and longer than the run, runs that go on, both directions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksForm, fourStepForm, windowForm } from '../../compiler/kernels/fft/forms.ts';
import type { ConvForm } from '../../compiler/kernels/fft/problem.ts';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { type ConvCase, dataOf, directSum, relativeError, runConv, transformedSum } from './conv-case.ts';

let software: TestDevice;
beforeAll(async () => {
  software = await openSoftwareDevice();
});
afterAll(() => software.close());

/** A whole sequence of one or two channels with filters of so many taps. */
function sequence(length: number, taps: number, channels = 2, count = channels): ConvCase {
  const filters = { inner: 1, count };
  return { channels, filters, back: taps - 1, ahead: 0, maximum: length, start: 0, count: length };
}

const window = (it: ConvCase) => windowForm(it, DEFAULT_TARGET, 'radix');
const matrices = (it: ConvCase) => windowForm(it, DEFAULT_TARGET, 'monarch');
const blocks = (it: ConvCase) => blocksForm(it, DEFAULT_TARGET, 'radix', 512);
const planes = (it: ConvCase) => blocksForm(it, DEFAULT_TARGET, 'radix', 2048);
const fourStep = (it: ConvCase) => fourStepForm(it, DEFAULT_TARGET, 'radix');
const wide = (it: ConvCase) => fourStepForm(it, DEFAULT_TARGET, 'monarch');

type Make = (it: ConvCase) => ConvForm | undefined;
const CASES: readonly (readonly [name: string, it: ConvCase, makes: readonly Make[]])[] = [
  ['1009 positions', sequence(1009, 1009), [window, blocks]],
  ['2048 positions, parts exchanged by turns', sequence(2048, 2048), [window, matrices]],
  ['2039 positions, 100 taps', sequence(2039, 100, 1), [blocks]],
  ['300 positions, 1500 taps', sequence(300, 1500), [matrices, planes]],
  ['10007 positions', sequence(10_007, 10_007), [blocks, fourStep]],
  ['4999 positions to 9998', { ...sequence(5000, 9998, 1), start: 4999, count: 4999 }, [planes, wide]],
  ['16384 positions both ways', { ...sequence(16_384, 16_384), ahead: 16_383 }, [fourStep, planes]],
  ['65537 positions, one filter', sequence(65_537, 65_537, 2, 1), [fourStep]],
  ['131072 positions', sequence(131_072, 131_072), [fourStep]],
  ['131071 positions, 3001 taps', sequence(131_071, 3001, 1), [planes]],
];

describe.each(CASES)('%s', (_, it, makes) => {
  const data = dataOf(it);
  const expected = transformedSum(it, data);
  test.each(makes.map((make) => [make(it)?.kind ?? 'none', make] as const))('%s', async (__, make) => {
    const form = make(it);
    if (form === undefined) throw new Error('no such form');
    expect(relativeError(await runConv(software.device, it, form, data), expected)).toBeLessThan(1e-5);
  });
});

test('transforms in f64 give the defining sum', () => {
  for (const it of [
    sequence(37, 20),
    { ...sequence(100, 100), ahead: 99 },
    { ...sequence(9, 40), start: 50 },
  ]) {
    const data = dataOf(it);
    expect(relativeError(Float32Array.from(transformedSum(it, data)), directSum(it, data))).toBeLessThan(
      1e-7,
    );
  }
});
