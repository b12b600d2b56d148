// Loading: the plan is read, the weights' headers are compared with it, and only then is the GPU asked for anything.
import { createBuffers, isShared, wishFor } from './buffers.ts';
import { readBundle } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import { chooseDevice } from './device.ts';
import type { DeviceChoice } from './device.ts';
import { createDispatchList, encode, bufferAt } from './dispatch-list.ts';
import { throwIfAborted } from './errors.ts';
import { Health } from './health.ts';
import { LoadedModel } from './model.ts';
import type { ModelParts } from './model-parts.ts';
import { createKernels } from './pipelines.ts';
import type { Plan } from './plan.ts';
import { addBuffers } from './session-memory.ts';
import { openCheckpoint } from './weights/checkpoint.ts';
import type { Checkpoint, WeightsInput } from './weights/checkpoint.ts';
import { matchWeights } from './weights/match-weights.ts';
import type { MatchedWeight } from './weights/match-weights.ts';
import { uploadWeights } from './weights/upload-weights.ts';
import type { UploadTarget } from './weights/upload-weights.ts';

export interface LoadProgress {
  readonly stage: 'kernels' | 'weights';
  /** Kernels compiled, or bytes of weights on the GPU. */
  readonly done: number;
  readonly total: number;
}

export interface LoadOptions extends DeviceChoice {
  /** May be left out for a plan that has none. */
  readonly weights?: WeightsInput | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes a model ready to run. Throws a HybError; nothing is left on the GPU then. */
export async function load(bundle: Bundle, options: LoadOptions = {}): Promise<LoadedModel> {
  const { signal } = options;
  throwIfAborted(signal);
  const plan = await readBundle(bundle, signal);
  const checkpoint = await openWeights(options.weights, signal);
  try {
    const weights = matchWeights(plan, checkpoint.tensors);
    const { device, adapter } = await chooseDevice(plan, options);
    try {
      return new LoadedModel(await prepareParts(plan, weights, device, options), adapter);
    } catch (cause) {
      if (adapter !== null) device.destroy();
      throw cause;
    }
  } finally {
    await checkpoint.close();
  }
}

async function openWeights(
  weights: WeightsInput | undefined,
  signal: AbortSignal | undefined,
): Promise<Checkpoint> {
  if (weights !== undefined) return openCheckpoint(weights, signal);
  return { tensors: new Map(), close: () => Promise.resolve() };
}

async function prepareParts(
  plan: Plan,
  weights: readonly MatchedWeight[],
  device: GPUDevice,
  options: LoadOptions,
): Promise<ModelParts> {
  const health = new Health(device);
  const shared = await createShared(plan, device);
  // Both run to their end even where one fails, so that nothing uses the buffers after they are freed.
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const raise = (cause: unknown): never => {
    stop.abort(cause);
    throw cause;
  };
  const uploading = upload(plan, weights, { device, shared, health }, options, signal).catch(raise);
  const compiling = createKernels(device, plan.kernels, (done, total) =>
    options.onProgress?.({ stage: 'kernels', done, total }),
  ).catch(raise);
  try {
    await Promise.allSettled([uploading, compiling]);
    if (stop.signal.aborted) throw stop.signal.reason;
    const kernels = await compiling;
    const parts: ModelParts = { plan, device, kernels, shared, weights: await uploading, health };
    await runPrepare(parts);
    return parts;
  } catch (cause) {
    health.close();
    for (const buffer of shared) buffer?.destroy();
    throw cause;
  }
}

async function createShared(plan: Plan, device: GPUDevice): Promise<readonly (GPUBuffer | null)[]> {
  const wanted = plan.buffers.filter(({ use }) => isShared(use));
  const made = await createBuffers(device, wanted.map(wishFor), 'the weights');
  return plan.buffers.map((buffer) => (isShared(buffer.use) ? (made[wanted.indexOf(buffer)] ?? null) : null));
}

async function upload(
  plan: Plan,
  weights: readonly MatchedWeight[],
  { device, shared, health }: Pick<ModelParts, 'device' | 'shared' | 'health'>,
  options: LoadOptions,
  signal: AbortSignal,
): Promise<string> {
  const target: UploadTarget = {
    write: (buffer, byteOffset, bytes) => {
      device.queue.writeBuffer(bufferAt(shared, buffer), byteOffset, bytes);
    },
    flush: () => {
      // What is written waits for a submission, be it empty.
      device.queue.submit([]);
      return health.settle();
    },
  };
  const sample = await uploadWeights(weights, target, signal, (done, total) =>
    options.onProgress?.({ stage: 'weights', done, total }),
  );
  for (const { buffer, byteOffset, values } of plan.constants)
    if (values.length > 0)
      device.queue.writeBuffer(bufferAt(shared, buffer), byteOffset, Float32Array.from(values));
  return sample;
}

/** Runs the prepare program, once; what it needs besides the shared buffers is freed afterwards. */
async function runPrepare(parts: ModelParts): Promise<void> {
  const { plan, device, shared, kernels, health } = parts;
  if (plan.programs.prepare.length > 0) {
    const buffers = [...shared];
    await addBuffers(parts, buffers, plan.programs.prepare, []);
    const list = createDispatchList(device, plan.programs.prepare, kernels, buffers, new Map());
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(list, pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await health.settle();
    for (const [index, buffer] of buffers.entries()) if (shared[index] === null) buffer?.destroy();
  }
  await health.settle();
}
