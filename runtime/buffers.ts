// GPU buffers of a plan, made together so that running out of memory is one clear error.
import { gpuError, outOfMemory } from './errors.ts';
import type { BufferPlan, BufferUse } from './plan.ts';
import { BUFFER_COPY_DST, BUFFER_COPY_SRC, BUFFER_STORAGE } from './webgpu-flags.ts';

const USAGE = BUFFER_STORAGE | BUFFER_COPY_DST | BUFFER_COPY_SRC;

/** Uses whose buffers all sessions of a model share. */
const SHARED: readonly BufferUse[] = ['weights', 'constants'];

export function isShared(use: BufferUse): boolean {
  return SHARED.includes(use);
}

export interface BufferWish {
  readonly label: string;
  readonly bytes: number;
  readonly usage: number;
}

/** A wish for a buffer of the plan, which kernels and copies may use. */
export function wishFor(plan: BufferPlan): BufferWish {
  return { label: plan.name, bytes: plan.bytes, usage: USAGE };
}

/** All buffers, zeroed, or `out_of_memory` and none. `what` names them in the message. */
export async function createBuffers(
  device: GPUDevice,
  wishes: readonly BufferWish[],
  what: string,
): Promise<readonly GPUBuffer[]> {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const buffers: GPUBuffer[] = [];
  let thrown: unknown = null;
  try {
    for (const { label, bytes, usage } of wishes)
      buffers.push(device.createBuffer({ label, size: bytes, usage }));
  } catch (cause) {
    thrown = cause;
  }
  const [memory, validation] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  if (memory === null && validation === null && thrown === null) return buffers;
  for (const buffer of buffers) buffer.destroy();
  const bytes = wishes.reduce((sum, wish) => sum + wish.bytes, 0);
  if (memory !== null || thrown instanceof RangeError)
    throw outOfMemory(bytes, what, memory?.message ?? 'too large');
  throw gpuError(validation?.message ?? String(thrown));
}
