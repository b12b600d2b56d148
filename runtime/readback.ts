// Reading GPU memory: once as a whole, or tokens again and again through staging buffers made beforehand.
import { bufferAt } from './dispatch-list.ts';
import type { ModelParts } from './model-parts.ts';
import { createBuffers } from './buffers.ts';
import { CONTROL } from './plan.ts';
import { BUFFER_COPY_DST, BUFFER_MAP_READ, MAP_READ } from './webgpu-flags.ts';

/** Bytes mapped at once when a large buffer is read. */
const STAGING_BYTES = 32 << 20;
/** Most tokens that one readback can hold. */
export const MOST_TOKENS_PER_READBACK = 64;
const READBACK_USAGE = BUFFER_MAP_READ | BUFFER_COPY_DST;

/** Copies `bytes` (a multiple of 4) of a buffer to memory. */
export async function readBuffer(
  parts: ModelParts,
  source: GPUBuffer,
  byteOffset: number,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { device } = parts;
  const result = new Uint8Array(bytes);
  const size = Math.min(bytes, STAGING_BYTES);
  if (size === 0) return result;
  const wish = { label: 'readback', bytes: size, usage: READBACK_USAGE };
  const [staging] = await createBuffers(device, [wish], 'a readback');
  if (staging === undefined) throw new Error('internal: no staging buffer was made');
  try {
    for (let at = 0; at < bytes; at += size) {
      const length = Math.min(size, bytes - at);
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, byteOffset + at, staging, 0, length);
      device.queue.submit([encoder.finish()]);
      await mapForReading(parts, staging, length);
      result.set(new Uint8Array(staging.getMappedRange(0, length)), at);
      staging.unmap();
    }
  } finally {
    staging.destroy();
  }
  return result;
}

/** Reads drawn tokens and the `broken` word. Two staging buffers take turns; nothing is created after `createTokenReader`. */
export class TokenReader {
  readonly #parts: ModelParts;
  readonly #sampled: GPUBuffer;
  readonly #control: GPUBuffer;
  readonly #staging: readonly GPUBuffer[];
  /** Most tokens of one read. */
  readonly most: number;
  #turn = 0;

  constructor(
    parts: ModelParts,
    buffers: readonly (GPUBuffer | null)[],
    staging: readonly GPUBuffer[],
    most: number,
  ) {
    this.#parts = parts;
    this.#sampled = bufferAt(buffers, parts.plan.io.sampled);
    this.#control = bufferAt(buffers, parts.plan.io.control);
    this.#staging = staging;
    this.most = most;
  }

  /** Encodes the copies of `count` tokens, the first of which was draw number `first`, and of `broken` behind them. */
  encodeCopies(encoder: GPUCommandEncoder, first: number, count: number): void {
    const staging = bufferAt(this.#staging, this.#turn);
    const ring = this.#parts.plan.io.sampledRing;
    const start = first % ring;
    const head = Math.min(count, ring - start);
    encoder.copyBufferToBuffer(this.#sampled, start * 4, staging, 0, head * 4);
    if (head < count) encoder.copyBufferToBuffer(this.#sampled, 0, staging, head * 4, (count - head) * 4);
    encoder.copyBufferToBuffer(this.#control, CONTROL.broken * 4, staging, count * 4, 4);
  }

  /** Waits for the copies; `count` tokens, or null where `broken` is set. */
  async read(count: number): Promise<readonly number[] | null> {
    const staging = bufferAt(this.#staging, this.#turn);
    await mapForReading(this.#parts, staging, (count + 1) * 4);
    const words = new Uint32Array(staging.getMappedRange(0, (count + 1) * 4));
    const tokens = words[count] === 0 ? [...words.subarray(0, count)] : null;
    staging.unmap();
    this.#turn = (this.#turn + 1) % this.#staging.length;
    return tokens;
  }

  destroy(): void {
    for (const buffer of this.#staging) buffer.destroy();
  }
}

/** A reader for one session's buffers. */
export async function createTokenReader(
  parts: ModelParts,
  buffers: readonly (GPUBuffer | null)[],
): Promise<TokenReader> {
  const most = Math.min(parts.plan.io.sampledRing, MOST_TOKENS_PER_READBACK);
  const wish = { label: 'drawn tokens', bytes: (most + 1) * 4, usage: READBACK_USAGE };
  const staging = await createBuffers(parts.device, [wish, wish], 'readbacks');
  return new TokenReader(parts, buffers, staging, most);
}

async function mapForReading(
  { device, health }: ModelParts,
  buffer: GPUBuffer,
  bytes: number,
): Promise<void> {
  health.check();
  try {
    const mapped = buffer.mapAsync(MAP_READ, 0, bytes);
    await (needsNudge() ? nudged(mapped, device.queue) : mapped);
  } catch (cause) {
    throw await health.explain(cause);
  }
  health.check();
}

/** Firefox looks for finished work only now and then (about every 100 ms), and whenever something is submitted. */
function needsNudge(): boolean {
  return typeof navigator !== 'undefined' && /\bFirefox\//.test(navigator.userAgent ?? '');
}

async function nudged(mapped: Promise<undefined>, queue: GPUQueue): Promise<void> {
  const done = mapped.then(() => true);
  do queue.submit([]);
  while (!(await Promise.race([done, soon()])));
}

function soon(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), 1);
  });
}
