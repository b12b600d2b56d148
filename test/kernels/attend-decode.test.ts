// One-token attention against f64, for many shapes, split and unsplit, on the software adapter.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attendDecode,
  type AttendDecode,
  type AttendDecodeSpec,
} from '../../compiler/kernels/attend-decode.ts';
import { DEFAULT_TARGET, type Target, type Templated } from '../../compiler/kernels/template.ts';
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
  type AttendInputs,
} from './attend-cases.ts';

const SUBGROUPS: Target = { ...DEFAULT_TARGET, subgroups: true };

interface DecodeCase extends AttendCase {
  readonly visible: number;
  /** Whether the kernel appends the current token's key and value. */
  readonly appends: boolean;
}

function specOf(test: DecodeCase): AttendDecodeSpec {
  const write = (name: string, size: number): NonNullable<AttendDecodeSpec['store']>['writeKey'] => {
    const quads = test.quads && size % 4 === 0;
    return (code, group, slot, d, value) => {
      const at = code.let('at', `(${slot} * ${test.groups}u + ${group}) * ${size}u + ${d}`);
      code.line(quads ? `${name}[${at} / 4u][${at} % 4u] = ${value};` : `${name}[${at}] = ${value};`);
    };
  };
  return {
    ...test,
    ...cacheReader(test),
    position: 'control[0]',
    query: (_, group, per, d) => `query[(${group} * ${test.per}u + ${per}) * ${test.key}u + ${d}]`,
    ...(test.appends
      ? {
          newKey: (_, group, d) => `fresh[${group} * ${test.key}u + ${d}]`,
          newValue: (_, group, d) => `fresh[${test.groups * test.key}u + ${group} * ${test.value}u + ${d}]`,
          store: { writeKey: write('cache_k', test.key), writeValue: write('cache_v', test.value) },
        }
      : {}),
    ...(test.sinks && {
      sink: (_: unknown, group: string, per: string) => sinkText(test, `${group} * ${test.per}u + ${per}`),
    }),
    ...biasHook(test),
    finish: (code, group, per, d, value) =>
      code.line(`result[(${group} * ${test.per}u + ${per}) * ${test.value}u + ${d}] = ${value};`),
    writePartial: (code, index, value) => code.line(`partials[${index}] = ${value};`),
    readPartial: (_, index) => `partials[${index}]`,
    reserved: ['control', 'query', 'fresh', 'cache_k', 'cache_v', 'partials', 'result'],
  };
}

interface Run {
  readonly result: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

const floats = (name: string, access: Binding['access'], count: number): Binding => ({
  name,
  access,
  type: `array<f32, ${count}>`,
  bytes: 4 * count,
});

function printSplit(test: DecodeCase, made: AttendDecode): string {
  const heads = test.groups * test.per;
  const last =
    made.reduce === undefined
      ? floats('result', 'read_write', heads * test.value)
      : floats('partials', 'read_write', made.partials);
  const bindings = [
    { name: 'control', access: 'read', type: 'array<u32, 16>', bytes: 64 } as const,
    floats('query', 'read', heads * test.key),
    floats('fresh', 'read', test.groups * (test.key + test.value)),
    ...cacheBindings(test, 'read_write'),
    last,
  ];
  const functions = test.weigh === undefined ? [] : [WEIGH_TEXT];
  return printKernel(['One-token attention'], bindings, { ...made.split.body, functions });
}

function printReduce(test: DecodeCase, made: AttendDecode & { readonly reduce: Templated }): string {
  const bindings = [
    { name: 'control', access: 'read', type: 'array<u32, 16>', bytes: 64 } as const,
    floats('partials', 'read', made.partials),
    floats('result', 'read_write', test.groups * test.per * test.value),
  ];
  return printKernel(['Joins the splits'], bindings, made.reduce.body);
}

function fixed(grid: Templated['grid']): readonly [number, number, number] {
  const [x, y, z] = grid.map((extent) => (typeof extent === 'number' ? extent : NaN));
  return [x ?? NaN, y ?? NaN, z ?? NaN];
}

async function run(device: GPUDevice, test: DecodeCase, target: Target, inputs: AttendInputs): Promise<Run> {
  const made = attendDecode(specOf(test), target);
  const heads = test.groups * test.per;
  const cached = test.position + (test.appends ? 0 : 1);
  const fresh = [
    ...inputs.keys.subarray(test.position * test.groups * test.key),
    ...inputs.values.subarray(test.position * test.groups * test.value),
  ];
  const result = new Float32Array(heads * test.value).fill(1e30);
  const words = control(test.position, 1);
  const partials = new Float32Array(made.partials).fill(1e30);
  const after = await runKernel(
    device,
    printSplit(test, made),
    [
      { access: 'read', data: words },
      { access: 'read', data: inputs.query },
      { access: 'read', data: Float32Array.from(fresh) },
      { access: 'read_write', data: fillCache(test, inputs.keys, test.key, cached) },
      { access: 'read_write', data: fillCache(test, inputs.values, test.value, cached) },
      { access: 'read_write', data: made.reduce === undefined ? result : partials },
    ],
    fixed(made.split.grid),
  );
  const [, , , keys, values, last] = after.map((buffer) => new Float32Array(buffer));
  if (keys === undefined || values === undefined || last === undefined)
    throw new Error('a binding is missing');
  const { reduce } = made;
  if (reduce === undefined) return { result: last, keys, values };
  const joined = await runKernel(
    device,
    printReduce(test, { ...made, reduce }),
    [
      { access: 'read', data: words },
      { access: 'read', data: last },
      { access: 'read_write', data: result },
    ],
    fixed(reduce.grid),
  );
  return { result: new Float32Array(joined[2] ?? new ArrayBuffer(0)), keys, values };
}

const base: DecodeCase = {
  groups: 2,
  per: 3,
  key: 8,
  value: 8,
  slots: 64,
  visible: 64,
  scale: 8 ** -0.5,
  position: 10,
  tokens: 1,
  quads: true,
  appends: true,
};
const windowed = (window: number, position: number, more: Partial<DecodeCase> = {}): DecodeCase => ({
  ...base,
  window,
  visible: window,
  slots: window,
  position,
  ...more,
});

const CASES: Readonly<Record<string, DecodeCase>> = {
  'first position': { ...base, position: 0 },
  'cache already appended': { ...base, appends: false },
  'key 4, value 12, one head': { ...base, groups: 1, per: 1, key: 4, value: 12 },
  'key 32, 3 groups of 4': { ...base, groups: 3, per: 4, key: 32, value: 32, position: 63 },
  'key 33, value 5': { ...base, key: 33, value: 5, position: 40 },
  'key 12 by element, value 64 in quads': { ...base, key: 12, value: 64, quads: false },
  'key 64': { ...base, key: 64, value: 64, position: 33 },
  'key 128': { ...base, groups: 1, per: 4, key: 128, value: 128, position: 20 },
  'key 256, 16 heads': { ...base, groups: 1, per: 16, key: 256, value: 256, position: 50 },
  'value 300 by element': { ...base, groups: 1, per: 2, value: 301, position: 9 },
  softcap: { ...base, softcap: 1.5, position: 30 },
  sinks: { ...base, sinks: 'near', position: 30 },
  'sinks above all': { ...base, sinks: 'far', position: 30 },
  'split, sinks': { ...base, sinks: 'near', slots: 600, visible: 600, position: 599 },
  'window 1': windowed(1, 5),
  'window 6 before the wrap': windowed(6, 5),
  'window 6 at the wrap': windowed(6, 6),
  'window 6 after the wrap': windowed(6, 7),
  'window 6 twice around': windowed(6, 12),
  'window 6 in a larger ring': windowed(6, 40, { slots: 17 }),
  'window 64 at the wrap': windowed(64, 64, { per: 1 }),
  'pinned 3, window 6': windowed(6, 30, { pinned: 3, slots: 9 }),
  'pinned 3, window 6, early': windowed(6, 4, { pinned: 3, slots: 9 }),
  'pinned 3, window 6, at the edge': windowed(6, 7, { pinned: 3, slots: 9 }),
  '200 positions in one split': { ...base, slots: 200, visible: 200, position: 180 },
  'split, few positions': { ...base, slots: 600, visible: 600, position: 3 },
  'split, edge of a split': { ...base, slots: 600, visible: 600, position: 127 },
  'split, one past the edge': { ...base, slots: 600, visible: 600, position: 128 },
  'split, all positions': { ...base, groups: 1, slots: 600, visible: 600, position: 599, value: 6 },
  'split, window and ring': windowed(300, 450, { slots: 332, groups: 1, key: 4 }),
  'split, pinned': windowed(300, 450, { slots: 340, pinned: 5, groups: 1, key: 4 }),
  biased: { ...base, biased: true, position: 30 },
  'biased, pinned 3, window 6': windowed(6, 25, { pinned: 3, slots: 9, biased: true, softcap: 2 }),
  'biased, 16 heads in tiles': {
    ...base,
    groups: 1,
    per: 16,
    key: 256,
    value: 256,
    position: 50,
    biased: true,
  },
  'blocks of 9, at the start of one': { ...base, chunk: 9, visible: 9, slots: 9, position: 27 },
  'blocks of 9, at the end of one': { ...base, chunk: 9, visible: 9, slots: 12, position: 26, biased: true },
  'weighed by the count': { ...base, weigh: 'op_weigh', perVisible: true, scale: 1, position: 33 },
  'weighed, value 300 by element': {
    ...base,
    groups: 1,
    per: 2,
    value: 301,
    position: 9,
    weigh: 'op_weigh',
    biased: true,
  },
  'split, blocks of 400, weighed, biased': {
    ...base,
    groups: 1,
    chunk: 400,
    visible: 400,
    slots: 400,
    position: 730,
    weigh: 'op_weigh',
    biased: true,
    perVisible: true,
  },
  'split, blocks of 400, biased': {
    ...base,
    groups: 1,
    chunk: 400,
    visible: 400,
    slots: 440,
    position: 530,
    biased: true,
  },
  'split, several tiles each, weighed': {
    ...base,
    groups: 1,
    per: 2,
    key: 4,
    value: 4,
    slots: 9000,
    visible: 9000,
    position: 1500,
    weigh: 'op_weigh',
  },
  'split, several tiles each': {
    ...base,
    groups: 1,
    per: 2,
    key: 4,
    value: 4,
    slots: 9000,
    visible: 9000,
    position: 1500,
  },
};

/** Cases that between them have every way of finding the highest score with subgroups. */
const WITH_SUBGROUPS: ReadonlySet<string> = new Set([
  'key 33, value 5',
  'key 256, 16 heads',
  'window 6 after the wrap',
  'pinned 3, window 6',
  'weighed by the count',
  '200 positions in one split',
  'split, one past the edge',
  'split, several tiles each',
]);

describe('one-token attention', () => {
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
    for (const target of WITH_SUBGROUPS.has(name) ? [DEFAULT_TARGET, SUBGROUPS] : [DEFAULT_TARGET])
      it(`${name}${target.subgroups ? ', subgroups' : ''}`, async () => {
        const inputs = attendInputs(test, 7);
        const { result, keys, values } = await run(opened.device, test, target, inputs);
        expect(largestDifference(result, attendReference(test, inputs))).toBeLessThan(2e-5);
        expect(keys).toEqual(fillCache(test, inputs.keys, test.key, test.position + 1));
        expect(values).toEqual(fillCache(test, inputs.values, test.value, test.position + 1));
      });

  it('fits workgroup memory and is accepted by the null backend for every number of heads', async () => {
    for (const per of [1, 3, 7, 8, 16])
      for (const key of [33, 64, 256])
        for (const target of [DEFAULT_TARGET, SUBGROUPS]) {
          const test: DecodeCase = { ...base, per, key, value: key, slots: 4096, visible: 4096 };
          const made = attendDecode(specOf(test), target);
          const bytes = made.split.body.shared.reduce((sum, variable) => sum + variable.bytes, 0);
          expect(bytes).toBeLessThanOrEqual(16_384);
          expect(await shaderErrors(compiling.device, printSplit(test, made))).toEqual([]);
        }
  });
});
