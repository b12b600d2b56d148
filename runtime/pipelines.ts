// Compute pipelines of all kernels, compiled in parallel; kernels with equal bindings share one layout.
import { kernelRefused, reasonOf } from './errors.ts';
import type { KernelPlan } from './plan.ts';
import { STAGE_COMPUTE } from './webgpu-flags.ts';

export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Called whenever a kernel is ready, with its name. */
export type KernelProgress = (done: number, total: number, name: string) => void;

/** One Kernel for each plan, in order. Throws `kernel_refused`. */
export async function createKernels(
  device: GPUDevice,
  plans: readonly KernelPlan[],
  progress: KernelProgress,
): Promise<readonly Kernel[]> {
  const layouts = new Map<string, GPUBindGroupLayout>();
  let done = 0;
  return Promise.all(
    plans.map(async (plan) => {
      const kernel = await createKernel(device, plan, layouts);
      progress(++done, plans.length, plan.name);
      return kernel;
    }),
  );
}

async function createKernel(
  device: GPUDevice,
  plan: KernelPlan,
  layouts: Map<string, GPUBindGroupLayout>,
): Promise<Kernel> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: plan.name, code: plan.wgsl });
  const layout = layoutFor(device, plan, layouts);
  const pipeline = device
    .createComputePipelineAsync({
      label: plan.name,
      layout: device.createPipelineLayout({ label: plan.name, bindGroupLayouts: [layout] }),
      compute: { module },
    })
    .catch((cause: unknown) => reasonOf(cause));
  const refused = await device.popErrorScope();
  const made = await pipeline;
  if (typeof made !== 'string' && refused === null) return { pipeline: made, layout };
  const messages = await compileErrors(module);
  const fallback = [refused?.message, typeof made === 'string' ? made : undefined].find(
    (text) => text !== undefined && text !== '',
  );
  throw kernelRefused(plan.name, messages.length > 0 ? messages : [fallback ?? 'no reason given']);
}

function layoutFor(
  device: GPUDevice,
  plan: KernelPlan,
  layouts: Map<string, GPUBindGroupLayout>,
): GPUBindGroupLayout {
  const key = plan.bindings.map(({ access, bytes }) => `${access} ${bytes}`).join(', ');
  const known = layouts.get(key);
  if (known !== undefined) return known;
  const layout = device.createBindGroupLayout({
    label: key,
    entries: plan.bindings.map(({ access, bytes }, binding) => ({
      binding,
      visibility: STAGE_COMPUTE,
      buffer: { type: access === 'read' ? 'read-only-storage' : 'storage', minBindingSize: bytes },
    })),
  });
  layouts.set(key, layout);
  return layout;
}

async function compileErrors(module: GPUShaderModule): Promise<readonly string[]> {
  const information = await module.getCompilationInfo().catch(() => null);
  return (information?.messages ?? [])
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, linePos, message }) => `line ${lineNum}:${linePos}: ${message}`);
}
