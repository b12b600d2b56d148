// The GPU device a model runs on: found and set up with what the plan needs, or checked where the caller gives one.
import { checkFeatures, checkLimits, limitOf, neededFeatures, neededLimits } from './device-needs.ts';
import { gpuError, noAdapter, noWebGPU, reasonOf } from './errors.ts';
import type { Plan } from './plan.ts';

/** What the runtime uses of `navigator.gpu`. */
export type GPULike = Pick<GPU, 'requestAdapter'>;

export interface DeviceChoice {
  /** A device to use as it is; it is not destroyed with the model. */
  readonly device?: GPUDevice | undefined;
  /** Where to ask for an adapter; `navigator.gpu` unless given. */
  readonly gpu?: GPULike | undefined;
}

export interface ChosenDevice {
  readonly device: GPUDevice;
  /** Its adapter where the runtime made the device, and so must free it; null where the caller gave it. */
  readonly adapter: GPUAdapter | null;
}

/** Limits that are raised to what the adapter offers, where it offers more than the default. */
const RAISED = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
];

/** Asked for where there, never required: timestamps serve `measure`. */
const WELCOME = ['timestamp-query'];

/** Throws `no_webgpu`, `no_adapter`, `feature_missing` or `limit_missing`. */
export async function chooseDevice(plan: Plan, choice: DeviceChoice): Promise<ChosenDevice> {
  if (choice.device !== undefined) {
    checkFeatures(plan, choice.device.features);
    checkLimits(plan, choice.device.limits);
    return { device: choice.device, adapter: null };
  }
  const adapter = await findAdapter(choice.gpu);
  checkFeatures(plan, adapter.features);
  checkLimits(plan, adapter.limits);
  try {
    return { device: await adapter.requestDevice(descriptor(plan, adapter)), adapter };
  } catch (cause) {
    throw gpuError(reasonOf(cause));
  }
}

async function findAdapter(given: GPULike | undefined): Promise<GPUAdapter> {
  const gpu: GPULike | undefined = given ?? (typeof navigator === 'undefined' ? undefined : navigator.gpu);
  if (gpu === undefined) throw noWebGPU();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw noAdapter();
  return adapter;
}

function descriptor(plan: Plan, adapter: GPUAdapter): GPUDeviceDescriptor {
  const welcome = WELCOME.filter((feature) => adapter.features.has(feature));
  // WebGPU's type lists the feature names it knows; checkFeatures has asked the adapter whether it has these.
  const features = [...new Set([...neededFeatures(plan).keys(), ...welcome])] as GPUFeatureName[];
  const limits: Record<string, number> = {};
  for (const [name, { needed }] of neededLimits(plan)) limits[name] = needed;
  for (const name of RAISED) {
    const offered = limitOf(adapter.limits, name);
    if (offered !== null) limits[name] = offered;
  }
  return { label: plan.name, requiredFeatures: features, requiredLimits: limits };
}
