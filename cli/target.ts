// What the compiler may use on a device.
import { DEFAULT_TARGET, type Target } from '../compiler/kernels/template.ts';

/** The features to ask an adapter for, where it has them. */
export const WANTED_FEATURES: readonly string[] = ['subgroups', 'shader-f16', 'timestamp-query'];

/** The target that this device allows. */
export function targetOf(device: GPUDevice): Target {
  const { limits, features } = device;
  return {
    ...DEFAULT_TARGET,
    subgroups: features.has('subgroups'),
    shaderF16: features.has('shader-f16'),
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    maxSharedBytes: limits.maxComputeWorkgroupStorageSize,
    maxWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
  };
}
