// A second set of a session's state on the GPU, to and from which it is copied.
import { createBuffers } from './buffers.ts';
import type { ModelParts } from './model-parts.ts';
import type { SessionMemory } from './session-memory.ts';
import { BUFFER_COPY_DST, BUFFER_COPY_SRC } from './webgpu-flags.ts';

/** One buffer for each of SessionMemory's `kept`, of equal size. */
export type StateCopy = readonly GPUBuffer[];

export async function createStateCopy(parts: ModelParts, memory: SessionMemory): Promise<StateCopy> {
  const wishes = memory.kept.map(({ bytes }, index) => ({
    label: `snapshot ${index}`,
    bytes,
    usage: BUFFER_COPY_SRC | BUFFER_COPY_DST,
  }));
  return createBuffers(parts.device, wishes, 'a snapshot');
}

/** Encodes state → copy. */
export function encodeSave(encoder: GPUCommandEncoder, memory: SessionMemory, copy: StateCopy): void {
  for (const [i, { buffer, bytes }] of memory.kept.entries()) {
    const target = copy[i];
    if (target !== undefined) encoder.copyBufferToBuffer(buffer, 0, target, 0, bytes);
  }
}

/** Encodes copy → state. */
export function encodeLoad(encoder: GPUCommandEncoder, memory: SessionMemory, copy: StateCopy): void {
  for (const [i, { buffer, bytes }] of memory.kept.entries()) {
    const source = copy[i];
    if (source !== undefined) encoder.copyBufferToBuffer(source, 0, buffer, 0, bytes);
  }
}
