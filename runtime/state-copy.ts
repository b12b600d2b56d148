// A second set of a session's state on the GPU, to and from which it is copied: all of it, or the parts that are needed.
import { createBuffers } from './buffers.ts';
import type { ModelParts } from './model-parts.ts';
import type { Plan, StatePlan } from './plan.ts';
import type { SessionMemory } from './session-memory.ts';
import { BUFFER_COPY_DST, BUFFER_COPY_SRC } from './webgpu-flags.ts';

/** Bytes of a buffer of the plan, and where they lie in the copy. */
export interface CopyPiece {
  readonly buffer: number;
  readonly byteOffset: number;
  readonly bytes: number;
  /** Which of the copy's buffers, and the offset in it. */
  readonly target: number;
  readonly targetOffset: number;
}

/** What a copy holds. */
export interface CopyLayout {
  readonly pieces: readonly CopyPiece[];
  /** Bytes of the copy's buffers. */
  readonly buffers: readonly number[];
  readonly bytes: number;
}

export interface StateCopy {
  readonly layout: CopyLayout;
  readonly buffers: readonly GPUBuffer[];
}

type Span = Pick<CopyPiece, 'buffer' | 'byteOffset' | 'bytes'>;

/** Pieces of state begin at multiples of this, and what lies between two is copied along. */
const ALIGNMENT = 256;

/** All state of a sequence of `positions` tokens but what is made from it, and the logits: of what has a row for each position only the rows in use. */
export function wholeCopy(plan: Plan, positions = Infinity): CopyLayout {
  return layoutOf(
    plan,
    plan.states.flatMap((state) => (state.remade === true ? [] : rowsInUse(state, positions))),
  );
}

/** What a sequence cannot go back by `positions` without, and the logits. */
export function copyToGoBack(plan: Plan, positions: number): CopyLayout {
  return layoutOf(
    plan,
    plan.states.filter(({ reach }) => reach !== null && reach < positions),
  );
}

function rowsInUse(state: StatePlan, positions: number): readonly Span[] {
  const { buffer, byteOffset, bytes, rows } = state;
  if (rows === undefined) return [state];
  const stride = bytes / rows.groups;
  const used = Math.min(stride, rows.rowBytes * positions);
  if (used === stride) return [state];
  return Array.from({ length: used === 0 ? 0 : rows.groups }, (_, group) => ({
    buffer,
    byteOffset: byteOffset + group * stride,
    bytes: used,
  }));
}

function layoutOf(plan: Plan, states: readonly Span[]): CopyLayout {
  const logits: Span = { buffer: plan.io.logits, byteOffset: 0, bytes: 4 * plan.vocab };
  const spans = joined([...states, logits]);
  const order = [...new Set(spans.map(({ buffer }) => buffer))];
  const buffers = order.map(() => 0);
  const pieces = spans.map((span): CopyPiece => {
    const target = order.indexOf(span.buffer);
    const targetOffset = buffers[target] ?? 0;
    buffers[target] = targetOffset + span.bytes;
    return { ...span, target, targetOffset };
  });
  return { pieces, buffers, bytes: buffers.reduce((sum, bytes) => sum + bytes, 0) };
}

/** Neighbours in one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const sorted = spans.toSorted((a, b) => a.buffer - b.buffer || a.byteOffset - b.byteOffset);
  const result: Span[] = [];
  for (const { buffer, byteOffset, bytes } of sorted) {
    const last = result.at(-1);
    const end = last === undefined ? 0 : last.byteOffset + last.bytes;
    if (last === undefined || last.buffer !== buffer || byteOffset - end >= ALIGNMENT)
      result.push({ buffer, byteOffset, bytes });
    else result[result.length - 1] = { ...last, bytes: byteOffset + bytes - last.byteOffset };
  }
  return result;
}

/** Throws `out_of_memory`. */
export async function createStateCopy(parts: ModelParts, layout: CopyLayout): Promise<StateCopy> {
  const wishes = layout.buffers.map((bytes, index) => ({
    label: `snapshot ${index}`,
    bytes,
    usage: BUFFER_COPY_SRC | BUFFER_COPY_DST,
  }));
  return { layout, buffers: await createBuffers(parts.device, wishes, 'a snapshot') };
}

export function destroyCopy({ buffers }: StateCopy): void {
  for (const buffer of buffers) buffer.destroy();
}

/** Encodes state → copy. */
export function encodeSave(encoder: GPUCommandEncoder, memory: SessionMemory, copy: StateCopy): void {
  for (const { buffer, byteOffset, bytes, target, targetOffset } of copy.layout.pieces)
    encoder.copyBufferToBuffer(
      memory.buffer(buffer),
      byteOffset,
      bufferOf(copy, target),
      targetOffset,
      bytes,
    );
}

/** Encodes copy → state. */
export function encodeLoad(encoder: GPUCommandEncoder, memory: SessionMemory, copy: StateCopy): void {
  for (const { buffer, byteOffset, bytes, target, targetOffset } of copy.layout.pieces)
    encoder.copyBufferToBuffer(
      bufferOf(copy, target),
      targetOffset,
      memory.buffer(buffer),
      byteOffset,
      bytes,
    );
}

function bufferOf({ buffers }: StateCopy, index: number): GPUBuffer {
  const buffer = buffers[index];
  if (buffer === undefined) throw new Error(`internal: the copy has no buffer ${index}`);
  return buffer;
}
