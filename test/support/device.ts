// The WebGPU devices of the tests: the software adapter, one for each test file, and Dawn's null backend, which only compiles.
import { create, globals } from 'webgpu';
import { openDevice } from '../../cli/adapter.ts';
import type { BindingAccess } from '../../runtime/plan.ts';

export interface TestDevice {
  readonly device: GPUDevice;
  /** Lets Node exit; call it in `afterAll`. */
  readonly close: () => void;
}

/** A device on the software adapter with every feature it has (subgroups of 4, timestamps; no shader-f16). */
export async function openSoftwareDevice(): Promise<TestDevice> {
  const { device, close } = await openDevice({ kind: 'software', optionalFeatures: 'all' });
  return { device, close };
}

/** A device that compiles and validates shaders, with subgroups and f16, and runs nothing. */
export async function openNullDevice(): Promise<TestDevice> {
  Object.assign(globalThis, globals);
  const gpu = create(['backend=null']);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('Dawn has no null backend');
  const device = await adapter.requestDevice({ requiredFeatures: ['subgroups', 'shader-f16'] });
  // Dawn aborts when one of these is collected while it is in use.
  const key = Symbol('null device');
  Reflect.set(globalThis, key, [gpu, adapter]);
  const close = (): void => {
    device.destroy();
  };
  return { device, close };
}

/** The errors of a shader, as the compiler words them; empty when it is accepted. */
export async function shaderErrors(device: GPUDevice, wgsl: string): Promise<readonly string[]> {
  device.pushErrorScope('validation');
  const shader = device.createShaderModule({ code: wgsl });
  const messages = (await shader.getCompilationInfo()).messages.map(
    ({ type, message, lineNum }) => `${type} in line ${lineNum}: ${message}`,
  );
  device.createComputePipeline({ layout: 'auto', compute: { module: shader, entryPoint: 'main' } });
  const error = await device.popErrorScope();
  return error === null ? messages : [...messages, error.message];
}

export interface BoundData {
  readonly access: BindingAccess;
  /** What the binding holds at the start. A whole number of words. */
  readonly data: ArrayBufferView;
}

/** Bytes before and after every binding that a kernel must leave alone; also the alignment of a binding's offset. */
const BAND = 256;
const BAND_BYTE = 0xa5;

/**
 * Runs one kernel (`@group(0)`, bindings in order) and returns what every binding holds afterwards. Every binding has guard bands
 * around it; throws where a byte of one has changed, and on any validation error.
 */
export async function runKernel(
  device: GPUDevice,
  wgsl: string,
  bindings: readonly BoundData[],
  grid: readonly [number, number, number],
): Promise<readonly ArrayBuffer[]> {
  device.pushErrorScope('validation');
  const buffers = bindings.map((binding) => banded(device, binding));
  const pipeline = await makePipeline(device, wgsl, bindings);
  const entries = buffers.map((buffer, binding) => ({
    binding,
    resource: { buffer, offset: BAND, size: buffer.size - 2 * BAND },
  }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(...grid);
  pass.end();
  const copies = buffers.map((buffer) => copyBack(device, encoder, buffer));
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(`${error.message}\n${wgsl}`);
  const results = await Promise.all(copies.map((copy, index) => readBanded(copy, index)));
  for (const buffer of [...buffers, ...copies]) buffer.destroy();
  return results;
}

async function makePipeline(
  device: GPUDevice,
  wgsl: string,
  bindings: readonly BoundData[],
): Promise<GPUComputePipeline> {
  const layout = device.createBindGroupLayout({
    entries: bindings.map(({ access }, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
    })),
  });
  const shader = device.createShaderModule({ code: wgsl });
  const descriptor = {
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: shader, entryPoint: 'main' },
  };
  return device.createComputePipelineAsync(descriptor).catch((cause: unknown) => {
    throw new Error(`the kernel is refused: ${String(cause)}\n${wgsl}`, { cause });
  });
}

function banded(device: GPUDevice, { data }: BoundData): GPUBuffer {
  const size = data.byteLength + 2 * BAND;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  const bytes = new Uint8Array(buffer.getMappedRange()).fill(BAND_BYTE);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), BAND);
  buffer.unmap();
  return buffer;
}

function copyBack(device: GPUDevice, encoder: GPUCommandEncoder, buffer: GPUBuffer): GPUBuffer {
  const copy = device.createBuffer({
    size: buffer.size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  return copy;
}

async function readBanded(copy: GPUBuffer, index: number): Promise<ArrayBuffer> {
  await copy.mapAsync(GPUMapMode.READ);
  const bytes = new Uint8Array(copy.getMappedRange().slice(0));
  const inside = bytes.slice(BAND, bytes.length - BAND);
  const bands = [bytes.subarray(0, BAND), bytes.subarray(bytes.length - BAND)];
  if (bands.some((band) => band.some((byte) => byte !== BAND_BYTE)))
    throw new Error(`the kernel wrote outside of binding ${index}`);
  return inside.buffer;
}
