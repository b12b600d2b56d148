// A snapshot: all state of a sequence as one object on the GPU, or as bytes that outlive the device.
import { createStateCopy } from './state-copy.ts';
import type { StateCopy } from './state-copy.ts';
import { badSnapshot, destroyed } from './errors.ts';
import type { ModelParts } from './model-parts.ts';
import type { Plan } from './plan.ts';
import { readBuffer } from './readback.ts';
import type { Sampling } from './sampling.ts';
import type { Mark, Sequence } from './sequence.ts';

/** What a snapshot says of itself; stored in front of the bytes. */
export interface SnapshotHeader {
  readonly model: string;
  readonly mark: Mark;
  readonly sampling: Sampling;
  /** Bytes of each buffer, in order. */
  readonly buffers: readonly number[];
  /** Names and sizes of the states, so that another model's snapshot is refused. */
  readonly states: readonly (readonly [string, number])[];
}

/** Made by `session.snapshot()`; belongs to the model whose sessions it can set. Free it with destroy(). */
export class Snapshot {
  readonly #parts: ModelParts;
  readonly #copy: StateCopy;
  readonly #header: SnapshotHeader;
  #destroyed = false;

  constructor(parts: ModelParts, copy: StateCopy, header: SnapshotHeader) {
    this.#parts = parts;
    this.#copy = copy;
    this.#header = header;
  }

  /** Tokens of the sequence. */
  get position(): number {
    const { ran, waiting } = this.#header.mark;
    return ran + (waiting === null ? 0 : 1);
  }

  /** Bytes of GPU memory. */
  get bytes(): number {
    return this.#header.buffers.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Sets `sequence` to this snapshot. Throws `bad_snapshot` where it belongs to another model. */
  load(sequence: Sequence): void {
    if (this.#destroyed) throw destroyed('snapshot');
    if (sequence.parts !== this.#parts)
      throw badSnapshot('it belongs to another loaded model: use toBytes() and snapshotFromBytes()');
    sequence.load(this.#copy, this.#header.mark);
    sequence.sampling = this.#header.sampling;
  }

  /** All of it, to keep or send; `model.snapshotFromBytes` reads it. */
  async toBytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#destroyed) throw destroyed('snapshot');
    const header = new TextEncoder().encode(JSON.stringify(this.#header));
    const start = 16 + Math.ceil(header.length / 16) * 16;
    const result = new Uint8Array(start + this.bytes);
    result.set(new TextEncoder().encode(MAGIC));
    new DataView(result.buffer).setUint32(8, header.length, true);
    result.set(header, 16);
    let at = start;
    for (const [i, buffer] of this.#copy.entries()) {
      const bytes = this.#header.buffers[i] ?? 0;
      result.set(await readBuffer(this.#parts, buffer, 0, bytes), at);
      at += bytes;
    }
    return result;
  }

  destroy(): void {
    this.#destroyed = true;
    for (const buffer of this.#copy) buffer.destroy();
  }
}

const MAGIC = 'hybsnap1';

/** Copies the state of `sequence`. Throws `out_of_memory`. */
export async function takeSnapshot(sequence: Sequence): Promise<Snapshot> {
  const { parts, memory } = sequence;
  const copy = await createStateCopy(parts, memory);
  sequence.save(copy);
  return new Snapshot(parts, copy, headerOf(sequence));
}

function headerOf({ parts, memory, mark, sampling }: Sequence): SnapshotHeader {
  const { name, states } = parts.plan;
  return {
    model: name,
    mark,
    sampling,
    buffers: memory.kept.map(({ bytes }) => bytes),
    states: statesOf(states),
  };
}

function statesOf(states: Plan['states']): SnapshotHeader['states'] {
  return states.map(({ name, bytes }) => [name, bytes] as const);
}

/** Puts a snapshot's bytes back into a sequence of an equal model. Throws `bad_snapshot`. */
export function loadBytes(sequence: Sequence, bytes: Uint8Array): void {
  const { header, start } = readHeader(bytes);
  const own = headerOf(sequence);
  if (layoutOf(header) !== layoutOf(own))
    throw badSnapshot(`it is of the model \`${header.model}\`, or of another version of \`${own.model}\``);
  const total = own.buffers.reduce((sum, size) => sum + size, 0);
  if (bytes.length !== start + total)
    throw badSnapshot(`it has ${bytes.length} bytes and should have ${start + total}`);
  let at = start;
  for (const { buffer, bytes: size } of sequence.memory.kept) {
    sequence.parts.device.queue.writeBuffer(buffer, 0, bytes.slice(at, at + size));
    at += size;
  }
  sequence.moveTo(header.mark);
  sequence.sampling = header.sampling;
}

function layoutOf({ model, buffers, states }: SnapshotHeader): string {
  return JSON.stringify([model, buffers, states]);
}

function readHeader(bytes: Uint8Array): { readonly header: SnapshotHeader; readonly start: number } {
  if (bytes.length < 16 || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC)
    throw badSnapshot('it does not begin as a snapshot does');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  if (length > bytes.length - 16) throw badSnapshot('it ends inside its header');
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(16, 16 + length)));
    if (isHeader(header)) return { header, start: 16 + Math.ceil(length / 16) * 16 };
  } catch {
    // Told below: what is not JSON is not a header either.
  }
  throw badSnapshot('its header cannot be read');
}

function isHeader(value: unknown): value is SnapshotHeader {
  if (typeof value !== 'object' || value === null || !('mark' in value) || !('sampling' in value))
    return false;
  const { mark, sampling } = value;
  return (
    isRecordOf(mark, { ran: 'number', drawn: 'number', ready: 'boolean' }) &&
    isRecordOf(sampling, { temperature: 'number', topK: 'number', topP: 'number', seed: 'number' })
  );
}

function isRecordOf(value: unknown, types: Readonly<Record<string, string>>): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(types).every(([key, type]) => typeof Reflect.get(value, key) === type)
  );
}
