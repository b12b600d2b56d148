// Loading: the plan is read, the weights' headers are compared with it, and only then is the GPU asked for anything.
import { createBuffers, isShared, wishFor } from './buffers.ts';
import { readBundle } from './bundle.ts';
import type { Bundle } from './bundle.ts';
import { loadDerived } from './derived/load.ts';
import type { DerivedWork } from './derived/load.ts';
import { chooseDevice } from './device.ts';
import type { DeviceChoice } from './device.ts';
import { bufferAt } from './dispatch-list.ts';
import { throwIfAborted, weightsNotGiven } from './errors.ts';
import { Health } from './health.ts';
import { LoadedModel } from './model.ts';
import type { ModelParts } from './model-parts.ts';
import { createKernels } from './pipelines.ts';
import type { DerivedPlan, Plan } from './plan.ts';
import { openCheckpoint } from './weights/checkpoint.ts';
import type { Checkpoint, WeightsInput } from './weights/checkpoint.ts';
import { matchWeights } from './weights/match-weights.ts';
import type { MatchedWeight } from './weights/match-weights.ts';
import { uploadWeights, WINDOW_BYTES } from './weights/upload-weights.ts';
import type { UploadTarget } from './weights/upload-weights.ts';
import { WeightSample } from './weights/weight-sample.ts';

export interface LoadProgress {
  readonly stage: 'kernels' | 'weights' | 'derived';
  /** Kernels compiled, bytes of weights on the GPU, or floating-point operations done on what is derived from weights. */
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
  if (options.weights === undefined && plan.weights.some(({ optional }) => !optional))
    throw weightsNotGiven();
  const checkpoint = await openWeights(options.weights, signal);
  try {
    const weights = matchAll(plan, checkpoint.tensors);
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

/** What the GPU's buffers and each derived program read. */
interface MatchedPlan {
  readonly uploaded: readonly MatchedWeight[];
  readonly derived: readonly DerivedWork[];
}

/** All of the plan's weights are matched together, so that every disagreement with the file is told. */
function matchAll(plan: Plan, tensors: Checkpoint['tensors']): MatchedPlan {
  const all = [plan, ...plan.derived];
  const matched = matchWeights(
    {
      weights: all.flatMap(({ weights }): readonly MatchedWeight['plan'][] => weights),
      otherwise: all.flatMap(({ otherwise = [] }): readonly MatchedWeight['plan'][] => otherwise),
      ignored: plan.ignored,
    },
    tensors,
  );
  const of = ({ weights, otherwise = [] }: Pick<Plan | DerivedPlan, 'weights' | 'otherwise'>) => {
    const own = new Set<MatchedWeight['plan']>([...weights, ...otherwise]);
    return matched.filter((weight) => own.has(weight.plan));
  };
  return { uploaded: of(plan), derived: plan.derived.map((each) => ({ plan: each, weights: of(each) })) };
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
  weights: MatchedPlan,
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
    await health.settle();
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
  weights: MatchedPlan,
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
  const sample = new WeightSample();
  const report =
    (stage: LoadProgress['stage']) =>
    (done: number, total: number): void =>
      options.onProgress?.({ stage, done, total });
  await uploadWeights(weights.uploaded, target, signal, report('weights'), WINDOW_BYTES, sample);
  for (const { buffer, byteOffset, values } of plan.constants)
    if (values.length > 0)
      device.queue.writeBuffer(bufferAt(shared, buffer), byteOffset, Float32Array.from(values));
  await loadDerived(weights.derived, target, sample, signal, report('derived'));
  return sample.text();
}
