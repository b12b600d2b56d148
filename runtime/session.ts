// A session: one sequence of tokens going through a loaded model.
import { badOption, capacityExceeded, destroyed, emptyPrompt, noLogits, notFinite } from './errors.ts';
import { sessionBusy, sessionChanged, throwIfAborted, tokenOutOfRange } from './errors.ts';
import { Drawing } from './drawing.ts';
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
import { runForLogits, runTokens } from './run-tokens.ts';
import { Sequence } from './sequence.ts';
import { createSessionMemory } from './session-memory.ts';
import { takeSnapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { copyToGoBack, createStateCopy, destroyCopy } from './state-copy.ts';
import type { StateCopy } from './state-copy.ts';
import { readState, writeState } from './state-values.ts';

/** Token ids: a list or a typed array. */
export type Tokens = ArrayLike<number>;

/** What `edit` did. */
export interface Edited {
  /** Tokens at the start that stayed. */
  readonly kept: number;
  /** Tokens that ran: those that are new, and those of the others that had to run again. */
  readonly ran: number;
}

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
    await this.#exclusive(() => this.#prefill(tokens, options.signal));
  }

  /** The same, and the logits of every position: [token, vocab], row by row. */
  async prefillAll(tokens: Tokens, options: RunOptions = {}): Promise<Float32Array> {
    return this.#exclusive(() => this.#prefillAll(tokens, options.signal));
  }

  /** Appends one token, or the one that sample() drew last. */
  async decode(token?: number): Promise<void> {
    await this.#exclusive(async () => {
      const next = token ?? this.#drawn;
      if (next === null) throw badOption('decode needs a token: give one, or call sample first');
      this.#checkTokens([next], 1);
      this.#sequence.flush();
      this.#sequence.decode(next);
      this.#changed();
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
      if (tokens.length === 0) throw emptyPrompt();
      this.#checkTokens(tokens, tokens.length);
      this.#sequence.flush();
      this.#changed();
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
   * Sets one of `plan.states`, for a beginning that was learned or computed elsewhere; the position stays, and the logits are those of
   * the next token that runs. Throws `no_such_state`, or `bad_option` where there are not as many values as the state has.
   */
  async setState(name: string, values: ArrayLike<number>): Promise<void> {
    await this.#exclusive(async () => {
      const sequence = this.#sequence;
      sequence.flush();
      writeState(sequence, name, values);
      sequence.mark = { ...sequence.mark, ready: false };
      this.#changed();
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
      const { history } = this.#sequence;
      const kept = history.commonPrefix(tokens);
      this.#checkIds(tokens);
      const room = this.#sequence.room();
      if (tokens.length > room) throw capacityExceeded(tokens.length, room, 0);
      this.#drawn = null;
      const rest = Array.from(tokens).slice(kept);
      if (kept === 0 && history.length > 0) startAgain(this.#sequence);
      const again = await rollBack(this.#sequence, history.length - kept, options.signal);
      if (rest.length > 0) await this.#prefill(rest, options.signal);
      return { kept, ran: again + rest.length };
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

  #changed(): void {
    this.#drawn = null;
    this.#sequence.version++;
  }

  /** All tokens are looked at before anything runs. */
  #checkTokens(tokens: Tokens, more: number): void {
    this.#checkIds(tokens);
    const { mark } = this.#sequence;
    this.#sequence.checkRoom(more + (mark.waiting === null ? 0 : 1));
  }

  #checkIds(tokens: Tokens): void {
    const { vocab } = this.#sequence.parts.plan;
    for (let i = 0; i < tokens.length; i++) {
      const token: unknown = tokens[i];
      if (typeof token !== 'number' || !Number.isInteger(token) || token < 0 || token >= vocab)
        throw tokenOutOfRange(token, i, vocab);
    }
  }

  async #prefill(tokens: Tokens, signal: AbortSignal | undefined): Promise<void> {
    if (tokens.length === 0) throw emptyPrompt();
    this.#checkTokens(tokens, tokens.length);
    throwIfAborted(signal);
    const sequence = this.#sequence;
    const { waiting } = sequence.mark;
    const run = waiting === null ? tokens : [waiting, ...Array.from(tokens)];
    await sequence.keep(false);
    throwIfAborted(signal);
    sequence.mark = { ...sequence.mark, waiting: null };
    this.#changed();
    await runTokens(sequence, run, 'last', signal);
  }

  async #prefillAll(tokens: Tokens, signal: AbortSignal | undefined): Promise<Float32Array> {
    if (tokens.length === 0) throw emptyPrompt();
    this.#checkTokens(tokens, tokens.length);
    const sequence = this.#sequence;
    sequence.flush();
    await sequence.keep(false);
    this.#changed();
    const first = sequence.mark.ran;
    const logits = await runForLogits(sequence, tokens, signal);
    checkFinite(logits, sequence.parts.plan.vocab, first);
    return logits;
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
    if (prompt.length > 0) await this.#prefill(prompt, generation.signal);
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

/** `first` is the position of the first row. */
function checkFinite(logits: Float32Array, vocab: number, first: number): void {
  const index = logits.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) throw notFinite(`the logits after position ${first + Math.floor(index / vocab)} are`);
}
