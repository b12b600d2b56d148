// One long convolution as the tests of the Fourier forms have it: data, the f64 reference, and running a form on a device.
import { printConv } from '../../compiler/kernels/fft/print.ts';
import { type ConvForm, type ConvHooks, type ConvProblem } from '../../compiler/kernels/fft/problem.ts';
import { printKernel, type Binding } from '../../compiler/kernels/wgsl.ts';
import type { Templated } from '../../compiler/kernels/template.ts';
import { fourierOf } from '../../runtime/functions/fourier.ts';
import { spectraOf } from '../support/spectra.ts';
import { control, noise } from '../kernels/attend-cases.ts';
import { runKernel } from '../support/device.ts';
import { turnValues } from '../../runtime/derived/turns.ts';

/** A problem and the run of it that is computed: positions start … start + count − 1. */
export interface ConvCase extends ConvProblem {
  readonly start: number;
  readonly count: number;
}

export interface ConvData {
  /** [position][channel] */
  readonly x: Float32Array<ArrayBuffer>;
  /** [filter][lag], from lag −ahead on. */
  readonly taps: Float32Array<ArrayBuffer>;
}

export function dataOf(it: ConvCase, seed = 1): ConvData {
  const lags = it.back + it.ahead + 1;
  return {
    x: noise((it.start + it.count) * it.channels, seed),
    taps: noise(it.filters.count * lags, seed + 1).map((value) => value / Math.sqrt(lags)),
  };
}

function filterOf({ filters }: ConvProblem, channel: number): number {
  return Math.floor(channel / filters.inner) % filters.count;
}

/** [token][channel] in f64: the defining sum. */
export function directSum(it: ConvCase, { x, taps }: ConvData): Float64Array {
  const lags = it.back + it.ahead + 1;
  const end = it.start + it.count;
  const result = new Float64Array(it.count * it.channels);
  for (let token = 0; token < it.count; token++)
    for (let channel = 0; channel < it.channels; channel++) {
      const t = it.start + token;
      const row = filterOf(it, channel) * lags;
      let sum = 0;
      for (let s = Math.max(0, t - it.back); s < Math.min(end, t + it.ahead + 1); s++)
        sum += taps[row + t - s + it.ahead]! * x[s * it.channels + channel]!;
      result[token * it.channels + channel] = sum;
    }
  return result;
}

/** The same by transforms in f64, for sums that would take too long. */
export function transformedSum(it: ConvCase, { x, taps }: ConvData): Float64Array {
  const lags = it.back + it.ahead + 1;
  const end = it.start + it.count;
  const size = 2 ** Math.ceil(Math.log2(end + lags));
  const fourier = fourierOf(size);
  const result = new Float64Array(it.count * it.channels);
  for (let channel = 0; channel < it.channels; channel++) {
    const [re, im] = [new Float64Array(size), new Float64Array(size)];
    const [hRe, hIm] = [new Float64Array(size), new Float64Array(size)];
    for (let t = 0; t < end; t++) re[t] = x[t * it.channels + channel]!;
    for (let lag = 0; lag < lags; lag++) hRe[lag] = taps[filterOf(it, channel) * lags + lag]!;
    fourier.forward(re, im);
    fourier.forward(hRe, hIm);
    for (let k = 0; k < size; k++) {
      const [a, b] = [re[k]!, im[k]!];
      re[k] = a * hRe[k]! - b * hIm[k]!;
      im[k] = a * hIm[k]! + b * hRe[k]!;
    }
    fourier.inverse(re, im);
    for (let token = 0; token < it.count; token++)
      result[token * it.channels + channel] = re[it.start + token + it.ahead]!;
  }
  return result;
}

const NAMES = ['control', 'x', 'spectra', 'turns', 'partials', 'result'];

const HOOKS = (it: ConvProblem, tileOffsets: readonly number[]): ConvHooks => ({
  readX: (_, channel, position) => `x[${position} * ${it.channels}u + ${channel}]`,
  finish: (code, token, channel, value) =>
    void code.line(`result[${token} * ${it.channels}u + ${channel}] = ${value};`),
  start: 'control[0]',
  count: 'control[1]',
  end: '(control[0] + control[1])',
  spectrum: (tile, index) => `spectra[${tileOffsets[tile] === 0 ? '' : `${tileOffsets[tile]}u + `}${index}]`,
  turn: (index) => `turns[${index}]`,
  scratch: 'partials',
  reserved: NAMES,
});

/** Kernel texts of a form, with the sizes of what they bind. */
export function convKernels(
  it: ConvCase,
  form: ConvForm,
): readonly { readonly wgsl: string; readonly made: Templated; readonly name: string }[] {
  const sizes = sizesOf(it, form);
  const bindings = NAMES.map((name, i): Binding => {
    const count = sizes[i]!;
    const type = i === 0 ? 'u32' : name === 'x' || name === 'result' ? 'f32' : 'vec2<f32>';
    const access = i > 3 ? 'read_write' : 'read';
    return { name, access, type: `array<${type}, ${count}>`, bytes: count * (type === 'vec2<f32>' ? 8 : 4) };
  });
  const parts = form.spectra.differences ? 2 : 1;
  const points = form.spectra.radices.reduce((all, radix) => all * radix, 1);
  const perRow = parts * points * form.spectra.segments.length;
  const offsets = form.tiles.map(({ first }) => first * perRow);
  return printConv(form, HOOKS(it, offsets)).map(([name, made]) => ({
    name,
    made,
    wgsl: printKernel([`A long convolution: ${form.kind} ${name}`.trim()], bindings, made.body),
  }));
}

function sizesOf(it: ConvCase, form: ConvForm): readonly number[] {
  const points = form.spectra.radices.reduce((all, radix) => all * radix, 1);
  const { segments, rows, differences } = form.spectra;
  return [
    16,
    (it.start + it.count) * it.channels,
    points * segments.length * rows.length * (differences ? 2 : 1),
    form.turns.reduce((sum, { count }) => sum + count, 0),
    Math.max(1, form.scratch),
    it.maximum * it.channels,
  ];
}

/** [token][channel], as the device computes it. */
export async function runConv(
  device: GPUDevice,
  it: ConvCase,
  form: ConvForm,
  { x, taps }: ConvData,
): Promise<Float32Array> {
  const plan = spectraOf(form.spectra, { values: taps, first: -it.ahead, lags: it.back + it.ahead + 1 });
  let partials = new Float32Array(2 * Math.max(1, form.scratch)).fill(NaN);
  let result = new Float32Array(it.maximum * it.channels).fill(-7);
  for (const { wgsl, made } of convKernels(it, form)) {
    const grid = made.grid.map((extent) =>
      typeof extent === 'number' ? extent : extent.times * Math.ceil(it.count / extent.tile),
    );
    const data = [control(it.start, it.count), x, plan, Float32Array.from(turnValues(form.turns))];
    const after = await runKernel(
      device,
      wgsl,
      [
        ...data.map((values) => ({ access: 'read' as const, data: values })),
        { access: 'read_write', data: partials },
        { access: 'read_write', data: result },
      ],
      [grid[0]!, grid[1]!, grid[2]!],
    );
    partials = new Float32Array(after[4]!);
    result = new Float32Array(after[5]!);
  }
  const rest = result.subarray(it.count * it.channels);
  if (rest.some((value) => value !== -7)) throw new Error('rows past the run were written');
  return result.subarray(0, it.count * it.channels);
}

/** max|Δ| / max|reference| */
export function relativeError(actual: Float32Array, expected: Float64Array): number {
  let [difference, largest] = [0, 1e-30];
  expected.forEach((value, i) => {
    const own = Math.abs(actual[i]! - value);
    difference = Number.isNaN(own) ? Infinity : Math.max(difference, own);
    largest = Math.max(largest, Math.abs(value));
  });
  return difference / largest;
}
