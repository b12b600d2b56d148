// A snapshot: all state of a sequence as one object on the GPU, or as bytes that outlive the device.
import { badSnapshot, destroyed } from './errors.ts';
import type { ModelParts } from './model-parts.ts';
import { readBuffer } from './readback.ts';
import type { Sampling } from './sampling.ts';
import type { Mark, Sequence } from './sequence.ts';
import { createStateCopy, destroyCopy, wholeCopy } from './state-copy.ts';
import type { CopyLayout, StateCopy } from './state-copy.ts';
import { readSnapshotFile, writeSnapshotFile } from './snapshot-file.ts';
import type { SnapshotModel } from './snapshot-file.ts';
import type { HistoryRecord } from './token-history.ts';

/** Where a sequence stood, beside its state. */
export interface Moment {
  readonly mark: Mark;
  readonly sampling: Sampling;
  readonly history: HistoryRecord;
}

/** Made by `session.snapshot()`; belongs to the model whose sessions it can set. Free it with destroy(). */
export class Snapshot {
  readonly #parts: ModelParts;
  readonly #copy: StateCopy;
  readonly #moment: Moment;
  #destroyed = false;

  constructor(parts: ModelParts, copy: StateCopy, moment: Moment) {
    this.#parts = parts;
    this.#copy = copy;
    this.#moment = moment;
  }

  /** Tokens of the sequence. */
  get position(): number {
    const { first, tokens } = this.#moment.history;
    return first + tokens.length;
  }

  /** Bytes of GPU memory. */
  get bytes(): number {
    return this.#copy.layout.bytes;
  }

  /** Sets `sequence` to this snapshot. Throws `bad_snapshot` where it belongs to another model. */
  load(sequence: Sequence): void {
    if (this.#destroyed) throw destroyed('snapshot');
    if (sequence.parts !== this.#parts)
      throw badSnapshot('it belongs to another loaded model: use toBytes() and snapshotFromBytes()');
    sequence.load(this.#copy);
    setMoment(sequence, this.#moment);
  }

  /** All of it, to keep or send; `model.snapshotFromBytes` reads it. */
  async toBytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#destroyed) throw destroyed('snapshot');
    const { buffers, layout } = this.#copy;
    const state = new Uint8Array(layout.bytes);
    let at = 0;
    for (const [i, buffer] of buffers.entries()) {
      const bytes = await readBuffer(this.#parts, buffer, 0, layout.buffers[i] ?? 0);
      state.set(bytes, at);
      at += bytes.length;
    }
    return writeSnapshotFile(modelOf(this.#parts), this.#moment, state);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    destroyCopy(this.#copy);
  }
}

/** Copies the state of `sequence`. Throws `out_of_memory`. */
export async function takeSnapshot(sequence: Sequence): Promise<Snapshot> {
  const { parts, mark, sampling, history } = sequence;
  const copy = await createStateCopy(parts, wholeCopy(parts.plan, mark.ran));
  sequence.save(copy);
  return new Snapshot(parts, copy, { mark, sampling, history: history.record() });
}

/** Puts a snapshot's bytes back into a sequence of an equal model. Throws `bad_snapshot`. */
export function loadBytes(sequence: Sequence, bytes: Uint8Array): void {
  const { parts, memory } = sequence;
  const layoutFor = (positions: number): CopyLayout => wholeCopy(parts.plan, positions);
  const { moment, state, layout } = readSnapshotFile(modelOf(parts), layoutFor, bytes);
  if (moment.mark.ran > sequence.room())
    throw badSnapshot(`it has ${moment.mark.ran} positions, and the caches hold ${sequence.room()}`);
  const begin = layout.buffers.map((_, i) => layout.buffers.slice(0, i).reduce((sum, size) => sum + size, 0));
  for (const { buffer, byteOffset, bytes: size, target, targetOffset } of layout.pieces) {
    const from = (begin[target] ?? 0) + targetOffset;
    parts.device.queue.writeBuffer(memory.buffer(buffer), byteOffset, state.slice(from, from + size));
  }
  setMoment(sequence, moment);
}

/** What is kept for going back stays as far as the old tokens and the new ones are the same. */
function setMoment(sequence: Sequence, { mark, sampling, history }: Moment): void {
  const comparable = history.first === 0 && history.beginsEmpty && sequence.history.beginsEmpty;
  const same = comparable ? sequence.history.commonPrefix(history.tokens) : -1;
  sequence.history.replace(history);
  sequence.ring.dropAfter(same);
  sequence.moveTo(mark);
  sequence.sampling = sampling;
}

function modelOf({ plan, weights }: ModelParts): SnapshotModel {
  const states = plan.states.map(({ name, bytes }) => [name, bytes] as const);
  return { name: plan.name, identity: plan.identity, weights, vocab: plan.vocab, states };
}
