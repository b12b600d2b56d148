// Sets the states of one sequence to what they are before its first position.
import type { ModelParts } from './model-parts.ts';

/** f32 numbers that are written at once. */
const PIECE = 1 << 18;

/** `buffer` gives the sequence's buffers by the plan's indices. */
export function clearStates(
  { plan, device }: Pick<ModelParts, 'plan' | 'device'>,
  buffer: (index: number) => GPUBuffer,
): void {
  const encoder = device.createCommandEncoder();
  for (const [index, { use }] of plan.buffers.entries())
    if (use === 'state') encoder.clearBuffer(buffer(index));
  device.queue.submit([encoder.finish()]);
  for (const state of plan.states)
    if (state.initial !== 0) fill(device, buffer(state.buffer), state.byteOffset, state.bytes, state.initial);
}

function fill(device: GPUDevice, buffer: GPUBuffer, byteOffset: number, bytes: number, value: number): void {
  const piece = new Float32Array(Math.min(bytes / 4, PIECE)).fill(value);
  for (let at = 0; at < bytes; at += piece.byteLength) {
    const length = Math.min(piece.length, (bytes - at) / 4);
    device.queue.writeBuffer(buffer, byteOffset + at, piece, 0, length);
  }
}
