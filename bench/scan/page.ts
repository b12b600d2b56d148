// Runs in a page: the same prefill by this project's runtime and by ONNX Runtime Web, on the page's own WebGPU. Built by browser.ts.
import type { Plan } from '../../runtime/plan.ts';
import { repeat, timePrefill, type TimedPrefill, type Timing } from './time.ts';

export async function adapterInPage(): Promise<string> {
  const adapter = await navigator.gpu.requestAdapter();
  const { vendor, architecture, description } = (await requireAdapter(adapter)).info;
  return [description, vendor, architecture].filter((text) => text !== '').join(', ');
}

async function requireAdapter(adapter: GPUAdapter | null): Promise<GPUAdapter> {
  if (adapter === null) throw new Error('the browser has no WebGPU adapter');
  return adapter;
}

/** `name` is that of the weights' and the plan's files beside the page. */
export async function timeHyb(name: string, tokens: number, rows: number): Promise<TimedPrefill> {
  const adapter = await requireAdapter(await navigator.gpu.requestAdapter());
  const plan: Plan = await (await fetch(`${name}.json`)).json();
  const weights = new Uint8Array(await (await fetch(`${name}.safetensors`)).arrayBuffer());
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
  });
  try {
    const ids = Array.from({ length: tokens }, (_, i) => i % rows);
    return await timePrefill(plan, weights, device, ids);
  } finally {
    device.destroy();
  }
}

/** As much of ONNX Runtime Web as is used here. */
interface OnnxRuntime {
  readonly env: {
    readonly wasm: { numThreads: number; wasmPaths: string };
    readonly webgpu: { readonly device: Promise<GPUDevice> };
    logLevel: string;
  };
  readonly InferenceSession: {
    readonly create: (model: Uint8Array, options: object) => Promise<OnnxSession>;
  };
  readonly Tensor: {
    fromGpuBuffer(buffer: GPUBuffer, options: { dataType: 'float32'; dims: readonly number[] }): OnnxTensor;
  };
}

interface OnnxSession {
  readonly run: (feeds: Record<string, OnnxTensor>) => Promise<Readonly<Record<string, OnnxTensor>>>;
  readonly release: () => Promise<void>;
}

interface OnnxTensor {
  readonly getData: () => Promise<Float32Array>;
  readonly dispose: () => void;
}

export interface StoredInput {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the inputs' file, in f32 elements. */
  readonly offset: number;
  readonly length: number;
}

export interface TimedOnnx extends Timing {
  /** The last token's result. */
  readonly output: readonly number[];
}

/** Inputs and outputs stay on the GPU. */
export async function timeOnnx(name: string, inputs: readonly StoredInput[]): Promise<TimedOnnx> {
  const address = './ort/ort.webgpu.bundle.min.mjs';
  // The module's own types are not installed.
  const ort = (await import(/* @vite-ignore */ address)) as OnnxRuntime;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL('./ort/', location.href).href;
  ort.env.logLevel = 'error';
  const model = new Uint8Array(await (await fetch(`${name}.onnx`)).arrayBuffer());
  const all = new Float32Array(await (await fetch(`${name}.inputs`)).arrayBuffer());
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['webgpu'],
    preferredOutputLocation: 'gpu-buffer',
    // An operator that WebGPU does not have must fail, and not run on the CPU.
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  });
  const device = await ort.env.webgpu.device;
  const feeds = Object.fromEntries(
    inputs.map((input) => [input.name, onGpu(ort, device, all, input)] as const),
  );
  const once = async (): Promise<void> => {
    const results = await session.run(feeds);
    await device.queue.onSubmittedWorkDone();
    for (const tensor of Object.values(results)) tensor.dispose();
  };
  // The first run compiles.
  const { output } = await session.run(feeds);
  const values = (await output?.getData()) ?? new Float32Array();
  const tokens = inputs[0]?.shape[1] ?? 1;
  const last = [...values.subarray(values.length - values.length / tokens)];
  const milliseconds = await repeat(once);
  await session.release();
  return { milliseconds, output: last };
}

function onGpu(
  ort: OnnxRuntime,
  device: GPUDevice,
  all: Float32Array,
  { shape, offset, length }: StoredInput,
): OnnxTensor {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const size = Math.ceil((length * 4) / 16) * 16;
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).set(all.subarray(offset, offset + length));
  buffer.unmap();
  return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: shape });
}
