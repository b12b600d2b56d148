// Tiles of an online convolution by transforms against their sums: every tile size, several blocks, filters that end within them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tileForm } from '../../compiler/kernels/fft/forms.ts';
import { pairsOf } from '../../compiler/kernels/fft/problem.ts';
import { turnValues } from '../../runtime/derived/turns.ts';
import { writeTile } from '../../compiler/kernels/fft/tile.ts';
import { printKernel, Code, type Binding } from '../../compiler/kernels/wgsl.ts';
import { spectraOf } from '../support/spectra.ts';
import { control } from '../kernels/attend-cases.ts';
import { openSoftwareDevice, runKernel, type TestDevice } from '../support/device.ts';
import { type ConvCase, type ConvData, dataOf, relativeError } from './conv-case.ts';

let software: TestDevice;
beforeAll(async () => {
  software = await openSoftwareDevice();
});
afterAll(() => software.close());

const INVOCATIONS = 256;
const WORKERS = 3;
const GROUP_PAIRS = 2;

/** Adds the tile of `size` positions before `now` to rows first … rows − 1 of `pending`. */
async function runTile(
  it: ConvCase & { readonly block: number },
  { x, taps }: ConvData,
  size: number,
  rows: number,
): Promise<Float32Array> {
  const form = tileForm(it, it.block, INVOCATIONS);
  if (form === undefined) throw new Error('no such form');
  const names = ['control', 'x', 'spectra', 'turns', 'pending'];
  const code = new Code().reserve(names);
  const { functions, shared } = writeTile(code, form, {
    readX: (_, channel, position) => `x[${position} * ${it.channels}u + ${channel}]`,
    add: (inner, row, channel, value) =>
      inner.line(`pending[${row} * ${it.channels}u + ${channel}] += ${value};`),
    spectrum: (_, index) => `spectra[${index}]`,
    turn: (index) => `turns[${index}]`,
    reserved: names,
    now: 'control[0]',
    tile: 'control[2]',
    firstRow: '1u',
    rows: 'control[1]',
    worker: 'workgroup_id.y',
    workers: WORKERS,
    firstPair: `workgroup_id.x * ${GROUP_PAIRS}u`,
    pairs: GROUP_PAIRS,
  });
  const words = control(it.start, rows);
  words[2] = size;
  const data = [
    words,
    x,
    spectraOf(form.spectra, { values: taps, first: 0, lags: it.back + 1 }),
    Float32Array.from(turnValues(form.turns)),
    new Float32Array(size * it.channels).fill(0.5),
  ];
  const bindings = names.map((name, i): Binding => {
    const type = ['u32', 'f32', 'vec2<f32>', 'vec2<f32>', 'f32'][i]!;
    const count = type === 'vec2<f32>' ? data[i]!.length / 2 : data[i]!.length;
    const access = name === 'pending' ? 'read_write' : 'read';
    return { name, access, type: `array<${type}, ${count}>`, bytes: data[i]!.byteLength };
  });
  const wgsl = printKernel(['A tile'], bindings, {
    workgroup: [INVOCATIONS, 1, 1],
    shared,
    builtins: ['workgroup_id', 'local_invocation_index'],
    features: [],
    barriers: 0,
    functions,
    code,
  });
  const bound = bindings.map(({ access }, i) => ({ access, data: data[i]! }));
  const groups = Math.ceil(pairsOf(it) / GROUP_PAIRS);
  const after = await runKernel(software.device, wgsl, bound, [groups, WORKERS, 1]);
  return new Float32Array(after[4]!);
}

/** The same in f64. */
function expected(it: ConvCase, { x, taps }: ConvData, size: number, rows: number): Float64Array {
  const result = new Float64Array(size * it.channels).fill(0.5);
  for (let row = 1; row < rows; row++)
    for (let channel = 0; channel < it.channels; channel++)
      for (let back = 1; back <= size && row + back <= it.back; back++) {
        const tap =
          taps[(Math.floor(channel / it.filters.inner) % it.filters.count) * (it.back + 1) + row + back]!;
        result[row * it.channels + channel]! += tap * x[(it.start - back) * it.channels + channel]!;
      }
  return result;
}

const base = { ahead: 0, maximum: 1, count: 0 };
const CASES = {
  'one block, filters of their own': {
    ...base,
    channels: 5,
    filters: { inner: 1, count: 5 },
    back: 200,
    start: 64,
    block: 32,
  },
  'one filter for all': {
    ...base,
    channels: 4,
    filters: { inner: 1, count: 1 },
    back: 500,
    start: 256,
    block: 64,
  },
  'a filter that ends': {
    ...base,
    channels: 3,
    filters: { inner: 1, count: 3 },
    back: 70,
    start: 130,
    block: 32,
  },
} as const;

test.each(Object.entries(CASES))('%s', async (_, it) => {
  const data = dataOf(it);
  for (const [size, rows] of [
    [it.block, it.block],
    [2 * it.block, 2 * it.block - 3],
    [4 * it.block, 4 * it.block],
  ] as const) {
    if (size > it.start) continue;
    const error = relativeError(await runTile(it, data, size, rows), expected(it, data, size, rows));
    expect(error).toBeLessThan(2e-6);
  }
});
