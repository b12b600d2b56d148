// Drawing tokens: one at a time, or several ahead of the reader, which are undone where nobody takes them.
import { encode } from './dispatch-list.ts';
import { noLogits, notFinite } from './errors.ts';
import type { Sampling } from './sampling.ts';
import type { Mark, Sequence } from './sequence.ts';
import { encodeSave } from './state-copy.ts';
import type { StateCopy } from './state-copy.ts';

/** Tokens drawn together; those not confirmed are as if they had never been drawn. */
interface Batch {
  readonly start: Mark;
  readonly tokens: readonly number[];
  /** What of the state at `start` has to be put back, where more than one token was drawn. */
  readonly copy: StateCopy | null;
  confirmed: number;
}

/** Everything here but reading back is synchronous: the queue keeps the order. */
export class Drawing {
  readonly #sequence: Sequence;
  /** The bits of `seen`, see IoPlan. */
  readonly #seen: Uint32Array<ArrayBuffer>;
  #batch: Batch | null = null;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
    this.#seen = new Uint32Array(Math.ceil(sequence.parts.plan.vocab / 32));
  }

  /** Sets how tokens are drawn from now on; `restart` begins the random stream again. */
  choose(sampling: Sampling, restart: boolean): void {
    const sequence = this.#sequence;
    sequence.sampling = sampling;
    sequence.chained = false;
    if (restart) sequence.mark = { ...sequence.mark, drawn: 0 };
  }

  /** Draws one token from the logits without making it part of the sequence. Throws `not_finite`. */
  async draw(): Promise<number> {
    const sequence = this.#sequence;
    const { drawn, ready } = sequence.mark;
    if (!ready) throw noLogits();
    this.#prepareStep();
    sequence.chained = false;
    this.#step(false, null, drawn, 1);
    const [token] = await this.#read(1);
    sequence.mark = { ...sequence.mark, drawn: (drawn + 1) >>> 0 };
    return token ?? 0;
  }

  /**
   * Draws `count` tokens, each from the logits after the one before; the last one waits. With `copy`, which more than one
   * token needs, the state before is kept there. Until all are confirmed, `settle` undoes the rest.
   */
  async drawBatch(count: number, copy: StateCopy | null): Promise<readonly number[]> {
    const sequence = this.#sequence;
    const start = sequence.mark;
    if (start.waiting === null && !start.ready) throw noLogits();
    if (!sequence.chained) this.#prepareStep();
    sequence.chained = true;
    for (let i = 0; i < count; i++) {
      const first = i === 0;
      this.#step(
        !first || start.waiting !== null,
        first ? copy : null,
        start.drawn,
        i === count - 1 ? count : 0,
      );
    }
    this.#batch = { start, tokens: [], copy, confirmed: 0 };
    const ran = start.ran + count - (start.waiting === null ? 1 : 0);
    const written = Math.max(start.written, ran);
    sequence.mark = { ran, waiting: null, drawn: (start.drawn + count) >>> 0, ready: true, written };
    const tokens = await this.#read(count);
    this.#batch = { start, tokens, copy, confirmed: 0 };
    return tokens;
  }

  /** Makes the next token of the batch part of the sequence; false where another call has settled it meanwhile. */
  confirm(tokens: readonly number[]): boolean {
    const batch = this.#batch;
    if (batch === null || batch.tokens !== tokens) return false;
    const sequence = this.#sequence;
    const token = tokens[batch.confirmed] ?? 0;
    batch.confirmed++;
    sequence.history.push(token, (batch.start.drawn + batch.confirmed) >>> 0);
    if (batch.confirmed === tokens.length) {
      sequence.mark = { ...sequence.mark, waiting: token };
      this.#batch = null;
    }
    return true;
  }

  /** Undoes what was drawn but not confirmed: back to the batch's start, and again through the confirmed tokens. */
  settle(): void {
    const batch = this.#batch;
    if (batch === null) return;
    this.#batch = null;
    const sequence = this.#sequence;
    sequence.chained = false;
    const { start, copy, tokens, confirmed } = batch;
    const drawn = (start.drawn + confirmed) >>> 0;
    if (copy === null) {
      // One token, not confirmed: what it was drawn from has run, and it has not.
      sequence.mark = { ...sequence.mark, drawn };
      return;
    }
    sequence.load(copy);
    const again = [...(start.waiting === null ? [] : [start.waiting]), ...tokens.slice(0, confirmed)];
    const { written } = sequence.mark;
    sequence.mark = { ...start, waiting: null, written };
    for (const token of again.slice(0, -1)) sequence.decode(token);
    sequence.mark = { ...sequence.mark, waiting: again.at(-1) ?? null, drawn };
  }

  /** One drawing step in one pass and one submission: the token that waits is run, the next one drawn. */
  #step(runs: boolean, copy: StateCopy | null, firstRead: number, read: number): void {
    const { parts, memory } = this.#sequence;
    const encoder = parts.device.createCommandEncoder();
    if (copy !== null) encodeSave(encoder, memory, copy);
    const pass = encoder.beginComputePass();
    if (runs) encode(memory.programs.decode, pass);
    encode(memory.programs.sample, pass);
    pass.end();
    if (read > 0) memory.tokens.encodeCopies(encoder, firstRead, read);
    this.#sequence.submit(encoder);
  }

  async #read(count: number): Promise<readonly number[]> {
    const tokens = await this.#sequence.memory.tokens.read(count);
    if (tokens === null) throw notFinite('a logit is');
    return tokens;
  }

  /** Writes control and token for a drawing step: `sample` takes the run's first position and count from there. */
  #prepareStep(): void {
    const { mark, sampling } = this.#sequence;
    this.#sequence.settle();
    if (sampling.repetitionPenalty !== 1) this.#writeSeen();
    const { ran, waiting } = mark;
    if (waiting === null) this.#sequence.writeControl(ran - 1, 1);
    else this.#sequence.writeRun(ran, [waiting], 0, 1);
  }

  /** Which tokens the sequence has had; `sample` adds those that it draws. */
  #writeSeen(): void {
    const { parts, memory, history } = this.#sequence;
    const words = this.#seen.fill(0);
    for (const token of history.seen) words[token >>> 5] = (words[token >>> 5] ?? 0) | (1 << (token & 31));
    parts.device.queue.writeBuffer(memory.buffer(parts.plan.io.seen), 0, words);
  }
}
