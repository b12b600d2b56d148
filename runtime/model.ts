// A loaded model: weights and pipelines on one device, from which sessions are made.
import type { HybError } from './errors.ts';
import type { ModelParts } from './model-parts.ts';
import type { Plan } from './plan.ts';
import { rollbackOf } from './rollback-options.ts';
import type { SessionOptions } from './rollback-options.ts';
import { createSequence, createSession, Session } from './session.ts';
import { loadBytes, takeSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/** Made by `load`. Free it with destroy(). */
export class LoadedModel {
  readonly plan: Plan;
  readonly device: GPUDevice;
  /** Resolves when the device is lost: load again then, and go on from the last snapshot's bytes. */
  readonly lost: Promise<HybError>;
  readonly #parts: ModelParts;
  /** Kept because Dawn in Node aborts where an adapter is collected while its device is in use. */
  readonly #adapter: GPUAdapter | null;
  #destroyed = false;

  /** `adapter` is that of a device which ends with the model; null where the device is the caller's. */
  constructor(parts: ModelParts, adapter: GPUAdapter | null) {
    this.plan = parts.plan;
    this.device = parts.device;
    this.lost = parts.health.lost;
    this.#parts = parts;
    this.#adapter = adapter;
  }

  /** A new, empty sequence with its own state. Throws `out_of_memory` or `bad_option`. */
  session(options: SessionOptions = {}): Promise<Session> {
    return createSession(this.#parts, options);
  }

  /** A session that stands where the snapshot was taken. Throws `bad_snapshot`, `out_of_memory` or `bad_option`. */
  async sessionFromBytes(bytes: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const sequence = await createSequence(this.#parts, rollbackOf(options.rollback));
    try {
      loadBytes(sequence, bytes);
      return new Session(sequence);
    } catch (cause) {
      sequence.memory.destroy();
      throw cause;
    }
  }

  /** The snapshot that `snapshot.toBytes()` wrote, perhaps on another device. Throws `bad_snapshot`. */
  async snapshotFromBytes(bytes: Uint8Array): Promise<Snapshot> {
    const sequence = await createSequence(this.#parts, rollbackOf());
    try {
      loadBytes(sequence, bytes);
      return await takeSnapshot(sequence);
    } finally {
      sequence.memory.destroy();
    }
  }

  /** Frees the weights, and the device where `load` made it. Sessions free their own memory, and cannot be used afterwards. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#parts.health.close();
    for (const buffer of this.#parts.shared) buffer?.destroy();
    if (this.#adapter !== null) this.device.destroy();
  }
}
