// Attention of a run of tokens against f64, for many shapes, on the software adapter.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attendPrefill, type AttendPrefillSpec } from '../../compiler/kernels/attend-prefill.ts';
import { DEFAULT_TARGET, type Templated } from '../../compiler/kernels/template.ts';
import { printKernel, type Binding } from '../../compiler/kernels/wgsl.ts';
import {
  openNullDevice,
  openSoftwareDevice,
  runKernel,
  shaderErrors,
  type TestDevice,
} from '../support/device.ts';
import {
  attendInputs,
  attendReference,
  biasHook,
  cacheBindings,
  cacheReader,
  control,
  fillCache,
  largestDifference,
  sinkText,
  WEIGH_TEXT,
  type AttendCase,
} from './attend-cases.ts';

function specOf(test: AttendCase): AttendPrefillSpec {
  const head = (token: string, group: string, per: string): string =>
    `(${token} * ${test.groups}u + ${group}) * ${test.per}u + ${per}`;
  return {
    ...test,
    ...cacheReader(test),
    tokens: { maximum: test.tokens, count: 'control[1]' },
    position: 'control[0]',
    query: (_, token, group, per, d) => `query[(${head(token, group, per)}) * ${test.key}u + ${d}]`,
    ...(test.sinks && {
      sink: (_: unknown, _token: string, group: string, per: string) =>
        sinkText(test, `${group} * ${test.per}u + ${per}`),
    }),
    ...biasHook(test),
    finish: (code, token, group, per, d, value) =>
      code.line(`result[(${head(token, group, per)}) * ${test.value}u + ${d}] = ${value};`),
    reserved: ['control', 'query', 'cache_k', 'cache_v', 'result'],
  };
}

function floats(name: string, access: Binding['access'], count: number): Binding {
  return { name, access, type: `array<f32, ${count}>`, bytes: 4 * count };
}

function print(test: AttendCase, made: Templated): string {
  const heads = test.tokens * test.groups * test.per;
  const bindings = [
    { name: 'control', access: 'read', type: 'array<u32, 16>', bytes: 64 } as const,
    floats('query', 'read', heads * test.key),
    ...cacheBindings(test, 'read'),
    floats('result', 'read_write', heads * test.value),
  ];
  const functions = test.weigh === undefined ? [] : [WEIGH_TEXT];
  return printKernel(['Attention of a run'], bindings, { ...made.body, functions });
}

function gridOf(made: Templated, tokens: number): readonly [number, number, number] {
  const [x, y, z] = made.grid.map((extent) =>
    typeof extent === 'number' ? extent : extent.times * Math.ceil(tokens / extent.tile),
  );
  return [x ?? NaN, y ?? NaN, z ?? NaN];
}

const base: AttendCase = {
  groups: 2,
  per: 3,
  key: 8,
  value: 8,
  slots: 128,
  scale: 8 ** -0.5,
  position: 0,
  tokens: 33,
  quads: true,
};
const windowed = (
  window: number,
  position: number,
  tokens: number,
  more: Partial<AttendCase> = {},
): AttendCase => ({
  ...base,
  groups: 1,
  window,
  slots: window + tokens,
  position,
  tokens,
  ...more,
});

const CASES: Readonly<Record<string, AttendCase>> = {
  'one token': { ...base, tokens: 1, position: 5 },
  '15 tokens, one head': { ...base, groups: 1, per: 1, tokens: 15 },
  '16 tokens, 4 heads': { ...base, groups: 3, per: 4, tokens: 16, key: 4, value: 12 },
  '17 tokens after 40': { ...base, tokens: 17, position: 40 },
  '33 tokens': base,
  '65 tokens, one head': { ...base, per: 1, tokens: 65, key: 32, value: 32 },
  'key 33, value 5': { ...base, key: 33, value: 5, tokens: 17 },
  'key 12 by element, value 64 in quads': { ...base, key: 12, value: 64, tokens: 17, quads: false },
  'key 64': { ...base, groups: 1, key: 64, value: 64, tokens: 33, position: 3 },
  'key 128': { ...base, groups: 1, per: 4, key: 128, value: 128, tokens: 16 },
  'key 256': { ...base, groups: 1, per: 2, key: 256, value: 256, tokens: 17 },
  'key 40, value 300': { ...base, groups: 1, per: 1, key: 40, value: 300, tokens: 5 },
  '40 heads': { ...base, groups: 1, per: 40, tokens: 3 },
  softcap: { ...base, softcap: 1.5, position: 7 },
  sinks: { ...base, sinks: 'near', position: 7 },
  'sinks above all': { ...base, sinks: 'far', tokens: 17 },
  'window 1': windowed(1, 9, 17),
  'window 6 from the start': windowed(6, 0, 33),
  'window 6 around the ring': windowed(6, 37, 33),
  'window 64 around the ring': windowed(64, 90, 65, { per: 1 }),
  'window 64 before the wrap': windowed(64, 63, 33, { per: 1 }),
  'window 64 at the wrap': windowed(64, 64, 33, { per: 1 }),
  'pinned 3, window 6': windowed(6, 0, 33, { pinned: 3, slots: 42 }),
  'pinned 3, window 6, late': windowed(6, 50, 17, { pinned: 3, slots: 26 }),
  biased: { ...base, biased: true, position: 7 },
  'biased, softcap, sinks, 40 heads': {
    ...base,
    groups: 1,
    per: 40,
    tokens: 3,
    position: 4,
    biased: true,
    softcap: 1.5,
    sinks: 'near',
  },
  'blocks of 9': { ...base, chunk: 9, slots: 9 + 33, position: 0 },
  'blocks of 9, within one': { ...base, chunk: 9, slots: 9 + 33, position: 13, biased: true },
  'blocks of 50 around the ring': { ...base, chunk: 50, slots: 83, position: 90, groups: 1 },
  'blocks of 20, window 6': windowed(6, 37, 33, { chunk: 20, perVisible: true }),
  'weighed by the count': { ...base, weigh: 'op_weigh', perVisible: true, position: 5, scale: 1 },
  'weighed, window 6 by the count': windowed(6, 3, 17, { weigh: 'op_weigh', perVisible: true, scale: 1 }),
  'weighed, blocks of 7, biased': {
    ...base,
    weigh: 'op_weigh',
    chunk: 7,
    biased: true,
    slots: 40,
    position: 9,
  },
  'weighed, softcap, value 300': {
    ...base,
    groups: 1,
    per: 1,
    key: 40,
    value: 300,
    tokens: 5,
    weigh: 'op_weigh',
    softcap: 0.9,
  },
  'both directions': { ...base, ahead: true },
  'both directions, biased': { ...base, ahead: true, biased: true, tokens: 70, groups: 1 },
  'both directions, window 6': windowed(6, 0, 33, { ahead: true, biased: true }),
  'both directions, blocks of 9': { ...base, ahead: true, chunk: 9, perVisible: true },
  'both directions, blocks of 20, window 6, weighed by the count': windowed(6, 0, 33, {
    ahead: true,
    chunk: 20,
    weigh: 'op_weigh',
    perVisible: true,
    scale: 1,
  }),
};

describe('attention of a run of tokens', () => {
  let opened: TestDevice;
  let compiling: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
    compiling = await openNullDevice();
  });
  afterAll(() => {
    opened.close();
    compiling.close();
  });

  for (const [name, test] of Object.entries(CASES))
    it(name, async () => {
      const inputs = attendInputs(test, 11);
      const made = attendPrefill(specOf(test), DEFAULT_TARGET);
      const positions = test.position + test.tokens;
      const result = new Float32Array(test.tokens * test.groups * test.per * test.value).fill(1e30);
      const after = await runKernel(
        opened.device,
        print(test, made),
        [
          { access: 'read', data: control(test.position, test.tokens) },
          { access: 'read', data: inputs.query },
          { access: 'read', data: fillCache(test, inputs.keys, test.key, positions) },
          { access: 'read', data: fillCache(test, inputs.values, test.value, positions) },
          { access: 'read_write', data: result },
        ],
        gridOf(made, test.tokens),
      );
      const actual = new Float32Array(after[4] ?? new ArrayBuffer(0));
      expect(largestDifference(actual, attendReference(test, inputs))).toBeLessThan(2e-5);
    });

  it('fits workgroup memory and is accepted by the null backend', async () => {
    for (const per of [1, 3, 16])
      for (const key of [33, 64, 128, 256]) {
        const test: AttendCase = { ...base, per, key, value: key };
        const made = attendPrefill(specOf(test), DEFAULT_TARGET);
        const bytes = made.body.shared.reduce((sum, variable) => sum + variable.bytes, 0);
        expect(bytes).toBeLessThanOrEqual(16_384);
        expect(await shaderErrors(compiling.device, print(test, made))).toEqual([]);
      }
  });
});
