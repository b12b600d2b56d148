// A session: one sequence of tokens going through a loaded model.
import { badOption, capacityExceeded, destroyed, emptyPrompt, noLogits } from './errors.ts';
import { sessionBusy, sessionChanged, throwIfAborted } from './errors.ts';
import { appendForLogits, appendTokens, checkFinite, checkTokens } from './append.ts';
import { Drawing } from './drawing.ts';
import { editTokens } from './edit.ts';
import type { Edited } from './edit.ts';
import { measureSequence } from './measure.ts';
import type { KernelTime, MeasureOptions } from './measure.ts';
import { type TracedValue, traceSequence, type TraceOptions } from './trace.ts';
import type { ModelParts } from './model-parts.ts';
import { readBuffer } from './readback.ts';
import { generationOf, samplingOf } from './sampling.ts';
import type { GenerateOptions, Generation, SamplingOptions } from './sampling.ts';
import { rollBack, startAgain } from './rollback.ts';
import { rollbackOf } from './rollback-options.ts';
import type { Rollback, SessionOptions } from './rollback-options.ts';
import { Sequence } from './sequence.ts';
import { createSessionMemory } from './session-memory.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { copyToGoBack, createStateCopy, destroyCopy } from './state-copy.ts';
import type { StateCopy } from './state-copy.ts';
import { readState, writeState } from './state-values.ts';

/** Token ids: a list or a typed array. */
export type Tokens = ArrayLike<number>;

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * One sequence. Calls are made one after the other; a call while another is under way throws `session_busy`.
 * Every call can throw `device_lost`, `gpu_error` or `destroyed`.
 */
export class Session {
  readonly #sequence: Sequence;
  readonly #drawing: Drawing;
  #busy = false;
  #destroyed = false;
  /** The token of the last sample(), which decode() runs unless it is given another. */
  #drawn: number | null = null;
  /** Where the state is kept while several tokens are drawn ahead; made when first wanted. */
  #ahead: StateCopy | null = null;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
    this.#drawing = new Drawing(sequence);
  }

  /** Tokens of the sequence so far. */
  get position(): number {
    return this.#sequence.history.length;
  }

  /** The sequence's tokens, as far back as they are remembered; see RollbackOptions. */
  get tokens(): Uint32Array {
    const { history } = this.#sequence;
    return history.slice(history.first, history.length);
  }

  /**
   * Appends tokens, chunk by chunk; the logits are then those of the token after them. On abort, whole chunks have run and
   * `position` says how many. Throws `empty_prompt`, `token_out_of_range`, `capacity_exceeded` or `aborted`.
   */
  async prefill(tokens: Tokens, options: RunOptions = {}): Promise<void> {
    await this.#exclusive(() => {
      this.#drawn = null;
      return appendTokens(this.#sequence, tokens, options.signal);
    });
  }

  /** The same, and the logits of every position: [token, vocab], row by row. */
  async prefillAll(tokens: Tokens, options: RunOptions = {}): Promise<Float32Array> {
    return this.#exclusive(() => {
      this.#drawn = null;
      return appendForLogits(this.#sequence, tokens, options.signal);
    });
  }

  /** Appends one token, or the one that sample() drew last. */
  async decode(token?: number): Promise<void> {
    await this.#exclusive(async () => {
      const next = token ?? this.#drawn;
      if (next === null) throw badOption('decode needs a token: give one, or call sample first');
      checkTokens(this.#sequence, [next]);
      this.#sequence.flush();
      this.#sequence.decode(next);
      this.#sequence.version++;
      this.#drawn = null;
    });
  }

  /** f32 [vocab]: what follows the sequence. Throws `no_logits`, or `not_finite` where one is not a number. */
  async logits(): Promise<Float32Array> {
    return this.#exclusive(async () => {
      const { parts, memory } = this.#sequence;
      this.#sequence.flush();
      if (!this.#sequence.mark.ready) throw noLogits();
      const bytes = await readBuffer(parts, memory.buffer(parts.plan.io.logits), 0, parts.plan.vocab * 4);
      const logits = new Float32Array(bytes.buffer);
      checkFinite(logits, parts.plan.vocab, this.#sequence.mark.ran - 1);
      return logits;
    });
  }

  /** Appends tokens kernel call by kernel call, and shows every value that one leaves in memory. Slow: for checks. */
  async trace(
    tokens: Tokens,
    visit: (traced: TracedValue) => void,
    options: TraceOptions = {},
  ): Promise<void> {
    await this.#exclusive(async () => {
      checkTokens(this.#sequence, tokens);
      this.#sequence.flush();
      this.#sequence.version++;
      this.#drawn = null;
      await traceSequence(this.#sequence, tokens, options, visit);
    });
  }

  /** Draws a token from the logits without appending it; options that are left out stay as they were. */
  async sample(options: SamplingOptions = {}): Promise<number> {
    return this.#exclusive(async () => {
      const sequence = this.#sequence;
      const sampling = samplingOf(options, sequence.sampling);
      sequence.flush();
      this.#drawing.choose(sampling, sampling.seed !== sequence.sampling.seed);
      this.#drawn = await this.#drawing.draw();
      return this.#drawn;
    });
  }

  /**
   * Appends the prompt (which may be empty where the sequence is not) and then token after token, giving each. However it
   * ends — by `maxTokens`, a stop token, `break`, an error — the sequence is exactly what it was, the prompt and the tokens given.
   * Throws as prefill does, and `not_finite`, `bad_option`, `session_changed`.
   */
  async *generate(prompt: Tokens, options: GenerateOptions = {}): AsyncGenerator<number, void, void> {
    const sequence = this.#sequence;
    const generation = generationOf(options, sequence.memory.tokens.most);
    const most = await this.#exclusive(() => this.#begin(prompt, generation));
    const { version } = sequence;
    try {
      for (let given = 0; given < most;) {
        const count = Math.min(generation.tokensPerReadback, most - given);
        const batch = await this.#exclusive(() => this.#drawBatch(count, version, generation));
        for (const token of batch) {
          throwIfAborted(generation.signal);
          if (!this.#drawing.confirm(batch)) break;
          given++;
          yield token;
          if (sequence.version !== version) throw sessionChanged();
          if (generation.stop.has(token)) return;
        }
      }
    } finally {
      if (sequence.version === version && !this.#destroyed) this.#drawing.settle();
    }
  }

  /** Copies all state on the GPU. Free it with `snapshot.destroy()`. */
  async snapshot(): Promise<Snapshot> {
    return this.#exclusive(() => takeSnapshot(this.#sequence));
  }

  /** Sets everything back to the snapshot, which may be another session's of the same model. */
  async restore(snapshot: Snapshot): Promise<void> {
    await this.#exclusive(async () => {
      snapshot.load(this.#sequence);
      this.#drawn = null;
    });
  }

  /** f32: one of `plan.states` by name, in the order of its axes. Throws `no_such_state`. */
  async state(name: string): Promise<Float32Array> {
    return this.#exclusive(() => {
      this.#sequence.flush();
      return readState(this.#sequence, name);
    });
  }

  /**
   * Sets one of `plan.states`, for a beginning that was learned or computed elsewhere; the position stays, the logits are those of
   * the next token that runs, and going back ends here. Throws `no_such_state`, or `bad_option` where there are not as many values as the state has.
   */
  async setState(name: string, values: ArrayLike<number>): Promise<void> {
    await this.#exclusive(async () => {
      const sequence = this.#sequence;
      sequence.flush();
      writeState(sequence, name, values);
      this.#drawn = null;
      await sequence.forget();
    });
  }

  /** A second session that stands where this one does. */
  async fork(): Promise<Session> {
    return this.#exclusive(async () => {
      const snapshot = await takeSnapshot(this.#sequence);
      try {
        const { parts, rollback } = this.#sequence;
        const session = await createSession(parts, { rollback });
        await session.restore(snapshot);
        return session;
      } finally {
        snapshot.destroy();
      }
    });
  }

  /** Back to the empty sequence. */
  async reset(): Promise<void> {
    await this.#exclusive(async () => {
      startAgain(this.#sequence);
      this.#drawn = null;
    });
  }

  /**
   * Takes the last `count` tokens off, as if they had never been, and says how many of the others had to run again for it: those
   * behind the nearest copy of the state (see RollbackOptions). On abort, the sequence is the part of the others that has run, and
   * has no logits before more runs.
   * Throws `rollback_too_far`, `bad_option` or `aborted`.
   */
  async rollback(count: number, options: RunOptions = {}): Promise<number> {
    return this.#exclusive(async () => {
      this.#drawn = null;
      return rollBack(this.#sequence, count, options.signal);
    });
  }

  /**
   * Makes the sequence exactly `tokens`: goes back to what both have in common at the start, and runs the rest. On abort, the
   * sequence is a part of `tokens` or of what was in common. Throws as `prefill` and `rollback` do.
   */
  async edit(tokens: Tokens, options: RunOptions = {}): Promise<Edited> {
    return this.#exclusive(async () => {
      this.#drawn = null;
      return editTokens(this.#sequence, tokens, options.signal);
    });
  }

  /** Times of every kernel call of a program; null where the device has no timestamps. The sequence stays as it is. */
  async measure(options: MeasureOptions = {}): Promise<readonly KernelTime[] | null> {
    return this.#exclusive(() => measureSequence(this.#sequence, options));
  }

  /** Frees the session's GPU memory, as soon as a call that is under way has ended. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    if (!this.#busy) this.#free();
  }

  #free(): void {
    this.#sequence.memory.destroy();
    this.#sequence.ring.destroy();
    if (this.#ahead !== null) destroyCopy(this.#ahead);
  }

  /** Runs `act` alone, after undoing what a generation has drawn ahead. */
  async #exclusive<T>(act: () => Promise<T>): Promise<T> {
    if (this.#destroyed) throw destroyed('session');
    if (this.#busy) throw sessionBusy();
    this.#sequence.parts.health.check();
    this.#busy = true;
    try {
      this.#drawing.settle();
      return await act();
    } finally {
      this.#busy = false;
      if (this.#destroyed) this.#free();
    }
  }

  /** Runs the prompt and says how many tokens may be drawn. */
  async #begin(prompt: Tokens, generation: Generation): Promise<number> {
    const sequence = this.#sequence;
    const { waiting } = sequence.mark;
    if (prompt.length === 0 && waiting === null && !sequence.mark.ready) throw emptyPrompt();
    // A token that is drawn last does not run, so one more can be drawn than there is room for.
    const ran = sequence.mark.ran + prompt.length + (waiting === null ? 0 : 1);
    const most = sequence.room() - ran + 1;
    if (generation.maxTokens !== null && generation.maxTokens > Math.max(0, most))
      throw capacityExceeded(
        ran - sequence.mark.ran + generation.maxTokens - 1,
        sequence.room(),
        sequence.mark.ran,
      );
    if (prompt.length > 0) await appendTokens(sequence, prompt, generation.signal);
    await sequence.keep(false);
    this.#drawing.choose(generation.sampling, generation.restart);
    if (generation.tokensPerReadback > 1)
      this.#ahead ??= await createStateCopy(
        sequence.parts,
        copyToGoBack(sequence.parts.plan, sequence.memory.tokens.most),
      );
    this.#drawn = null;
    const bounded = sequence.parts.plan.capacity !== null;
    return generation.maxTokens ?? (bounded ? Math.max(0, most) : Infinity);
  }

  async #drawBatch(count: number, version: number, { signal }: Generation): Promise<readonly number[]> {
    if (this.#sequence.version !== version) throw sessionChanged();
    throwIfAborted(signal);
    if (this.#sequence.ring.isDue(this.#sequence.mark.ran, true)) await this.#sequence.keep(true);
    return this.#drawing.drawBatch(count, count > 1 ? this.#ahead : null);
  }
}

/** A session with an empty sequence. Throws `out_of_memory`. */
export async function createSession(parts: ModelParts, options: SessionOptions): Promise<Session> {
  return new Session(await createSequence(parts, rollbackOf(options.rollback)));
}

/** The engine of a session, with every state at its initial value. */
export async function createSequence(parts: ModelParts, rollback: Rollback): Promise<Sequence> {
  parts.health.check();
  const sequence = new Sequence(parts, await createSessionMemory(parts), rollback);
  sequence.clear();
  return sequence;
}

/** The same as `session.measure(options)`. */
export function measure(
  session: Session,
  options: MeasureOptions = {},
): Promise<readonly KernelTime[] | null> {
  return session.measure(options);
}
