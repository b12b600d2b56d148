// The engine of a session: one sequence's place in time, and the submissions that move it on.
import { type DispatchList, encode, encodeOne, fit } from './dispatch-list.ts';
import { capacityExceeded, noLogits, notFinite } from './errors.ts';
import type { ModelParts } from './model-parts.ts';
import { CONTROL } from './plan.ts';
import { GREEDY } from './sampling.ts';
import type { Sampling } from './sampling.ts';
import type { SessionMemory } from './session-memory.ts';
import { encodeLoad, encodeSave } from './state-copy.ts';
import type { StateCopy } from './state-copy.ts';

/** Positions are u32 on the GPU. */
const MOST_POSITIONS = 2 ** 32 - 1;

/** Where a sequence stands. */
export interface Mark {
  /** Tokens that the state has seen. */
  readonly ran: number;
  /** The sequence's last token, where it was drawn but not run yet. */
  readonly waiting: number | null;
  /** Tokens drawn, which numbers the random stream. */
  readonly drawn: number;
  /** Whether the logits are those after the last token that ran. */
  readonly ready: boolean;
}

/** Tokens drawn together; those not confirmed are as if they had never been drawn. */
interface Batch {
  readonly start: Mark;
  readonly tokens: readonly number[];
  /** The state at `start`, where more than one token was drawn. */
  readonly copy: StateCopy | null;
  confirmed: number;
}

/** Everything here but reading back is synchronous: the queue keeps the order. */
export class Sequence {
  readonly parts: ModelParts;
  readonly memory: SessionMemory;
  mark: Mark = { ran: 0, waiting: null, drawn: 0, ready: false };
  sampling: Sampling = GREEDY;
  /** Changes whenever tokens enter or leave the sequence other than by generation. */
  version = 0;
  #batch: Batch | null = null;
  /** Whether control and tokens on the GPU already hold what the next drawing step needs. */
  #chained = false;
  readonly #words = new Uint32Array(CONTROL.words);
  readonly #floats = new Float32Array(this.#words.buffer);
  readonly #tokens: Uint32Array<ArrayBuffer>;
  /** One list for all submissions, so that a step allocates none. */
  readonly #submission: GPUCommandBuffer[] = [];

  constructor(parts: ModelParts, memory: SessionMemory) {
    this.parts = parts;
    this.memory = memory;
    this.#tokens = new Uint32Array(parts.plan.chunk);
  }

  /** All tokens of the sequence: those that ran, the one that waits, and of a batch those that are confirmed. */
  get length(): number {
    const { ran, waiting } = this.#batch?.start ?? this.mark;
    return ran + (waiting === null ? 0 : 1) + (this.#batch?.confirmed ?? 0);
  }

  /** Throws where `more` tokens that run would not fit behind those that ran. */
  checkRoom(more: number): void {
    const capacity = this.room();
    if (this.mark.ran + more > capacity) throw capacityExceeded(more, capacity, this.mark.ran);
  }

  /** Most positions there can be. */
  room(): number {
    return this.parts.plan.capacity ?? MOST_POSITIONS;
  }

  /** Empties the sequence and sets every state to its initial value. */
  reset(): void {
    const { plan, device } = this.parts;
    const encoder = device.createCommandEncoder();
    for (const [index, { use }] of plan.buffers.entries())
      if (use === 'state') encoder.clearBuffer(this.memory.buffer(index));
    this.#submit(encoder);
    for (const { buffer, byteOffset, bytes, initial } of plan.states)
      if (initial !== 0) this.#fill(this.memory.buffer(buffer), byteOffset, bytes, initial);
    this.moveTo({ ran: 0, waiting: null, drawn: 0, ready: false });
  }

  /** Runs one chunk of `tokens`; `then` says whether the next token's logits follow. */
  prefillChunk(tokens: ArrayLike<number>, from: number, count: number, then: 'nothing' | 'last'): void {
    const { prefill, last } = this.memory.programs;
    this.#writeRun(this.mark.ran, tokens, from, count);
    const encoder = this.parts.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    fit(prefill, count);
    encode(prefill, pass);
    if (then === 'last') encode(last, pass);
    pass.end();
    this.#submit(encoder);
    this.#ran(count, then === 'last');
  }

  /** Runs one chunk with the logits of every position, in the plan's `allLogits` until the next run. */
  async prefillAllChunk(tokens: ArrayLike<number>, from: number, count: number): Promise<void> {
    const { prefill } = this.memory.programs;
    const { plan, device } = this.parts;
    const all = await this.memory.all();
    this.#writeRun(this.mark.ran, tokens, from, count);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    fit(prefill, count);
    fit(all, count);
    encode(prefill, pass);
    encode(all, pass);
    pass.end();
    const row = plan.vocab * 4;
    const rows = this.memory.buffer(plan.io.allLogits);
    const logits = this.memory.buffer(plan.io.logits);
    if (rows !== logits) encoder.copyBufferToBuffer(rows, (count - 1) * row, logits, 0, row);
    this.#submit(encoder);
    this.#ran(count, true);
  }

  /** Runs one token. */
  decode(token: number): void {
    this.#writeRun(this.mark.ran, [token], 0, 1);
    const encoder = this.parts.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(this.memory.programs.decode, pass);
    pass.end();
    this.#submit(encoder);
    this.#ran(1, true);
  }

  /** Writes what the programs read of a run of tokens; `runOne` and `closeRun` follow. */
  openRun(tokens: ArrayLike<number>, from: number, count: number): void {
    this.#writeRun(this.mark.ran, tokens, from, count);
  }

  /** One dispatch of a list, in a submission of its own. */
  runOne(list: DispatchList, index: number): void {
    const encoder = this.parts.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeOne(list, index, pass);
    pass.end();
    this.#submit(encoder);
  }

  /** Counts the run's tokens as seen; `ready` where the logits are those after it. */
  closeRun(count: number, ready: boolean): void {
    this.#ran(count, ready);
  }

  /** Runs the token that waits, so that the logits are those after the whole sequence. */
  flush(): void {
    const { waiting } = this.mark;
    if (waiting === null) return;
    this.checkRoom(1);
    this.decode(waiting);
    this.mark = { ...this.mark, waiting: null };
  }

  /** Draws one token from the logits without making it part of the sequence. Throws `not_finite`. */
  async draw(): Promise<number> {
    if (!this.mark.ready) throw noLogits();
    this.#prepareStep();
    this.#chained = false;
    this.#step(false, null, this.mark.drawn, 1);
    const [token] = await this.#read(1);
    this.mark = { ...this.mark, drawn: (this.mark.drawn + 1) >>> 0 };
    return token ?? 0;
  }

  /**
   * Draws `count` tokens, each from the logits after the one before; the last one waits. With `copy`, which more than one
   * token needs, the state before is kept there. Until all are confirmed, `settle` undoes the rest.
   */
  async drawBatch(count: number, copy: StateCopy | null): Promise<readonly number[]> {
    const start = this.mark;
    if (start.waiting === null && !start.ready) throw noLogits();
    if (!this.#chained) this.#prepareStep();
    this.#chained = true;
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
    this.mark = { ran, waiting: null, drawn: (start.drawn + count) >>> 0, ready: true };
    const tokens = await this.#read(count);
    this.#batch = { start, tokens, copy, confirmed: 0 };
    return tokens;
  }

  /** Makes the next token of the batch part of the sequence; false where another call has settled it meanwhile. */
  confirm(tokens: readonly number[]): boolean {
    const batch = this.#batch;
    if (batch === null || batch.tokens !== tokens) return false;
    batch.confirmed++;
    if (batch.confirmed === tokens.length) {
      this.mark = { ...this.mark, waiting: tokens.at(-1) ?? null };
      this.#batch = null;
    }
    return true;
  }

  /** Whether tokens of `tokens` are still to be confirmed. */
  awaits(tokens: readonly number[]): boolean {
    return this.#batch?.tokens === tokens;
  }

  /** Undoes what was drawn but not confirmed: back to the batch's start, and again through the confirmed tokens. */
  settle(): void {
    const batch = this.#batch;
    if (batch === null) return;
    this.#batch = null;
    this.#chained = false;
    const { start, copy, tokens, confirmed } = batch;
    const drawn = (start.drawn + confirmed) >>> 0;
    if (copy === null) {
      // One token, not confirmed: what it was drawn from has run, and it has not.
      this.mark = { ...this.mark, drawn };
      return;
    }
    this.#load(copy);
    const again = [...(start.waiting === null ? [] : [start.waiting]), ...tokens.slice(0, confirmed)];
    this.mark = { ...start, waiting: null };
    for (const token of again.slice(0, -1)) this.decode(token);
    this.mark = { ...this.mark, waiting: again.at(-1) ?? null, drawn };
  }

  /** Copies the state to `copy`. */
  save(copy: StateCopy): void {
    const encoder = this.parts.device.createCommandEncoder();
    encodeSave(encoder, this.memory, copy);
    this.#submit(encoder);
  }

  /** Sets the state to `copy`, which stands at `mark`. */
  load(copy: StateCopy, mark: Mark): void {
    this.#load(copy);
    this.moveTo(mark);
  }

  /** Writes what kernels need to be timed on a run of `tokens` tokens behind those that ran; all of them are token 0. */
  measureFrom(tokens: number): void {
    const position = Math.max(0, Math.min(this.mark.ran, this.room() - tokens));
    this.#writeRun(position, new Uint32Array(tokens), 0, tokens);
    this.#chained = false;
  }

  /** Undoes a measurement: the sequence is unchanged, so that a generation can go on. */
  putBack(copy: StateCopy, mark: Mark): void {
    this.#load(copy);
    this.mark = mark;
  }

  /** Says where the sequence stands, after its state was replaced. */
  moveTo(mark: Mark): void {
    this.#batch = null;
    this.#chained = false;
    this.mark = mark;
    this.version++;
  }

  /** Sets how tokens are drawn from now on; `restart` begins the random stream again. */
  choose(sampling: Sampling, restart: boolean): void {
    this.sampling = sampling;
    this.#chained = false;
    if (restart) this.mark = { ...this.mark, drawn: 0 };
  }

  /** One drawing step in one pass and one submission: the token that waits is run, the next one drawn. */
  #step(runs: boolean, copy: StateCopy | null, firstRead: number, read: number): void {
    const encoder = this.parts.device.createCommandEncoder();
    if (copy !== null) encodeSave(encoder, this.memory, copy);
    const pass = encoder.beginComputePass();
    if (runs) encode(this.memory.programs.decode, pass);
    encode(this.memory.programs.sample, pass);
    pass.end();
    if (read > 0) this.memory.tokens.encodeCopies(encoder, firstRead, read);
    this.#submit(encoder);
  }

  async #read(count: number): Promise<readonly number[]> {
    const tokens = await this.memory.tokens.read(count);
    if (tokens === null) throw notFinite('a logit is');
    return tokens;
  }

  /** Writes control and token for a drawing step: `sample` takes the run's first position and count from there. */
  #prepareStep(): void {
    const { ran, waiting } = this.mark;
    if (waiting === null) this.#writeControl(ran - 1, 1);
    else this.#writeRun(ran, [waiting], 0, 1);
  }

  #writeRun(position: number, tokens: ArrayLike<number>, from: number, count: number): void {
    for (let i = 0; i < count; i++) this.#tokens[i] = tokens[from + i] ?? 0;
    const target = this.memory.buffer(this.parts.plan.io.tokens);
    this.parts.device.queue.writeBuffer(target, 0, this.#tokens, 0, count);
    this.#writeControl(position, count);
  }

  #writeControl(position: number, count: number): void {
    const words = this.#words;
    words[CONTROL.position] = position;
    words[CONTROL.count] = count;
    words[CONTROL.drawn] = this.mark.drawn;
    words[CONTROL.seed] = this.sampling.seed;
    words[CONTROL.topK] = this.sampling.topK;
    words[CONTROL.broken] = 0;
    this.#floats[CONTROL.temperature] = this.sampling.temperature;
    this.#floats[CONTROL.topP] = this.sampling.topP;
    this.parts.device.queue.writeBuffer(this.memory.buffer(this.parts.plan.io.control), 0, words);
  }

  #ran(count: number, ready: boolean): void {
    this.#chained = false;
    this.mark = { ...this.mark, ran: this.mark.ran + count, ready };
  }

  #load(copy: StateCopy): void {
    const encoder = this.parts.device.createCommandEncoder();
    encodeLoad(encoder, this.memory, copy);
    this.#submit(encoder);
  }

  #fill(buffer: GPUBuffer, byteOffset: number, bytes: number, value: number): void {
    const piece = new Float32Array(Math.min(bytes / 4, 1 << 18)).fill(value);
    for (let at = 0; at < bytes; at += piece.byteLength) {
      const length = Math.min(piece.length, (bytes - at) / 4);
      this.parts.device.queue.writeBuffer(buffer, byteOffset + at, piece, 0, length);
    }
  }

  #submit(encoder: GPUCommandEncoder): void {
    this.#submission[0] = encoder.finish();
    this.parts.device.queue.submit(this.#submission);
  }
}
