// What a device must offer to run a plan, beyond WebGPU's default limits.
import type { BufferPlan, KernelPlan, Requirements } from '../../runtime/plan.ts';

/** WebGPU's defaults, by their own names. */
const DEFAULTS = {
  maxStorageBufferBindingSize: 134_217_728,
  maxBufferSize: 268_435_456,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
} as const;

export function requirementsOf(kernels: readonly KernelPlan[], buffers: readonly BufferPlan[]): Requirements {
  const needed: Readonly<Record<keyof typeof DEFAULTS, number>> = {
    maxStorageBufferBindingSize: largest(
      kernels.flatMap((kernel) => kernel.bindings.map((binding) => binding.bytes)),
    ),
    maxBufferSize: largest(buffers.map((buffer) => buffer.bytes)),
    maxStorageBuffersPerShaderStage: largest(kernels.map((kernel) => kernel.bindings.length)),
    maxComputeInvocationsPerWorkgroup: largest(
      kernels.map((kernel) => kernel.workgroup.reduce((product, size) => product * size, 1)),
    ),
  };
  const limits = Object.entries(DEFAULTS)
    .filter(([name, value]) => needed[name as keyof typeof DEFAULTS] > value) // The entries' names are those of DEFAULTS.
    .map(([name]) => [name, needed[name as keyof typeof DEFAULTS]] as const);
  const features = [...new Set(kernels.flatMap((kernel) => kernel.features))].toSorted();
  return { features, limits: Object.fromEntries(limits) };
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
