// Times the kernels of a form on a device, from the call to the end of their work: x, filters, spectra and results lie in its memory.
import type { ConvForm } from '../../compiler/kernels/fft/problem.ts';
import { turnValues } from '../../runtime/derived/turns.ts';
import type { FilterSpec, LongConvSpec } from '../../compiler/kernels/longconv/spec.ts';
import type { LongConvPlan } from '../../compiler/kernels/longconv-kernels.ts';
import type { Target } from '../../compiler/kernels/template.ts';
import { type Binding, printKernel } from '../../compiler/kernels/wgsl.ts';
import { spectraSize } from '../../runtime/derived/spectra.ts';
import { spectraOf } from '../../test/support/spectra.ts';
import { repeat } from '../scan/time.ts';
import type { ConvCase } from './cases.ts';

export interface TimedForm {
  /** Milliseconds of each repeat, in order of length. */
  readonly milliseconds: readonly number[];
  /** [token][channel] */
  readonly result: Float32Array;
}

/** Numbers of [−1, 1), the same at every run. */
export function noise(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed * 7919;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export interface ConvData {
  /** [position][channel] */
  readonly x: Float32Array<ArrayBuffer>;
  /** [channel][lag], from lag −ahead on. */
  readonly taps: Float32Array<ArrayBuffer>;
}

export function dataOf({ shape: { channels, maximum, back, ahead } }: ConvCase): ConvData {
  const lags = back + ahead + 1;
  const scale = 1 / Math.sqrt(lags);
  return {
    x: noise(maximum * channels, 1),
    taps: noise(channels * lags, 2).map((value) => scale * value),
  };
}

const NAMES = ['control', 'x', 'taps', 'spectra', 'turns', 'partials', 'result'] as const;

/** A spec whose x, taps and results are plain arrays. */
function specOf({ shape: { channels, maximum, back, ahead } }: ConvCase): LongConvSpec {
  const lags = back + ahead + 1;
  const tap = (zero: string): FilterSpec['tap'] => {
    return (_, channel, index) => `taps[${channel} * ${lags}u + ${zero}(${index})]`;
  };
  const behind: FilterSpec = { size: back + 1, first: 0, ahead: false, tap: tap(`${ahead}u + `) };
  const before: FilterSpec = { size: ahead, first: 1, ahead: true, tap: tap(`${ahead - 1}u - `) };
  return {
    channels,
    filters: ahead > 0 ? [behind, before] : [behind],
    members: 1,
    channelOf: (group) => group,
    readX: (_, channel, position) => `x[(${position}) * ${channels}u + ${channel}]`,
    start: 'control[0]',
    count: 'control[1]',
    end: '(control[0] + control[1])',
    maximum,
    beyond: false,
    finish: (code, token, channel, value) =>
      code.line(`result[(${token}) * ${channels}u + ${channel}] = ${value};`),
    reserved: NAMES,
  };
}

/** Index of the first complex number of each tile's spectra. */
function tileStarts({ spectra: plan, tiles }: ConvForm): readonly number[] {
  const perRow = spectraSize(plan) / plan.rows.length;
  return tiles.map(({ first }) => (plan.rows.length > plan.tile ? first * perRow : 0));
}

export async function timeForm(
  device: GPUDevice,
  it: ConvCase,
  plan: LongConvPlan,
  target: Target,
  { x, taps }: ConvData,
): Promise<TimedForm> {
  const { fourier } = plan;
  const { channels, maximum, ahead, back } = it.shape;
  const control = new Uint32Array(16);
  control[1] = maximum;
  const none = new Float32Array(2);
  const long = { values: taps, first: -ahead, lags: back + ahead + 1 };
  const data = [
    control,
    x,
    fourier === undefined ? taps : none,
    fourier === undefined ? none : spectraOf(fourier.spectra, long),
    fourier === undefined ? none : Float32Array.from(turnValues(fourier.turns)),
    new Float32Array(2 * Math.max(1, fourier?.scratch ?? 0)),
    new Float32Array(maximum * channels),
  ];
  const starts = fourier === undefined ? [] : tileStarts(fourier);
  const made = plan.print(specOf(it), target, () => ({
    spectrum: (tile, index) => `spectra[${starts[tile] === 0 ? '' : `${starts[tile]}u + `}${index}]`,
    turn: (index) => `turns[${index}]`,
    scratch: 'partials',
  }));
  const buffers = data.map((values) => bufferOf(device, values));
  try {
    const layout = device.createBindGroupLayout({
      entries: NAMES.map((_, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: binding < 5 ? 'read-only-storage' : 'storage' },
      })),
    });
    const group = device.createBindGroup({
      layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const bindings = NAMES.map((name, i): Binding => {
      const type = i === 0 ? 'u32' : i > 2 && i < 6 ? 'vec2<f32>' : 'f32';
      const bytes = data[i]!.byteLength;
      const count = bytes / (type === 'vec2<f32>' ? 8 : 4);
      return { name, access: i < 5 ? 'read' : 'read_write', type: `array<${type}, ${count}>`, bytes };
    });
    const pipelines = await Promise.all(
      made.map(([, { body }]) =>
        device.createComputePipelineAsync({
          layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
          compute: {
            module: device.createShaderModule({ code: printKernel([plan.form], bindings, body) }),
            entryPoint: 'main',
          },
        }),
      ),
    );
    const milliseconds = await repeat(async () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setBindGroup(0, group);
      pipelines.forEach((pipeline, i) => {
        const [gx, gy, gz] = made[i]![1].grid.map((extent) =>
          typeof extent === 'number' ? extent : extent.times * Math.ceil(maximum / extent.tile),
        );
        pass.setPipeline(pipeline);
        pass.dispatchWorkgroups(gx!, gy!, gz!);
      });
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    });
    return { milliseconds, result: await readBack(device, buffers[6]!) };
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

function bufferOf(device: GPUDevice, data: Float32Array | Uint32Array): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffer = device.createBuffer({ size: data.byteLength, usage, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  buffer.unmap();
  return buffer;
}

async function readBack(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const copy = device.createBuffer({ size: buffer.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(copy.getMappedRange().slice(0));
  copy.destroy();
  return values;
}
