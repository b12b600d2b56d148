// A loaded model: weights and pipelines on one device, from which sessions are made.
import { createEncoder, type Encoded, type EncodeOptions, type Encoder } from './encoder.ts';
import { checkGenerates, type SequenceInput } from './ends.ts';
import { destroyed, type HybError } from './errors.ts';
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
  /** What `encode` runs on, made when first wanted, and its call that was made last. */
  #encoder: Encoder | null = null;
  #encoding: Promise<unknown> = Promise.resolve();

  /** `adapter` is that of a device which ends with the model; null where the device is the caller's. */
  constructor(parts: ModelParts, adapter: GPUAdapter | null) {
    this.plan = parts.plan;
    this.device = parts.device;
    this.lost = parts.health.lost;
    this.#parts = parts;
    this.#adapter = adapter;
  }

  /**
   * All that the model gives for one whole sequence: token ids, or features, the numbers of one position after those of another. Calls
   * wait for each other. Throws what `Encoder.run` does.
   */
  encode(input: SequenceInput, options: EncodeOptions = {}): Promise<Encoded> {
    const run = async (): Promise<Encoded> => {
      this.#encoder ??= await this.encoder();
      this.#encoder.reset();
      return this.#encoder.run(input, options);
    };
    const result = this.#encoding.then(run, run);
    this.#encoding = result.catch(() => undefined);
    return result;
  }

  /** A new, empty sequence of which all is asked that the model gives, run by run where it is causal. Throws `out_of_memory`. */
  encoder(): Promise<Encoder> {
    if (this.#destroyed) return Promise.reject(destroyed('model'));
    return createEncoder(this.#parts);
  }

  /** A new, empty sequence with its own state. Throws `no_decode`, `out_of_memory` or `bad_option`. */
  async session(options: SessionOptions = {}): Promise<Session> {
    checkGenerates(this.plan);
    return createSession(this.#parts, options);
  }

  /** A session that stands where the snapshot was taken. Throws `bad_snapshot`, `out_of_memory` or `bad_option`. */
  async sessionFromBytes(bytes: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    checkGenerates(this.plan);
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
    this.#encoder?.destroy();
    this.#parts.health.close();
    for (const buffer of this.#parts.shared) buffer?.destroy();
    if (this.#adapter !== null) this.device.destroy();
  }
}
