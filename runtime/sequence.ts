// The engine of a session: one sequence's place in time, and the submissions that move it on.
import { clearStates } from './clear-states.ts';
import { type DispatchList, encode, encodeOne, fit } from './dispatch-list.ts';
import { capacityExceeded } from './errors.ts';
import type { ModelParts } from './model-parts.ts';
import { CONTROL } from './plan.ts';
import type { Rollback } from './rollback-options.ts';
import { GREEDY } from './sampling.ts';
import type { Sampling } from './sampling.ts';
import type { SessionMemory } from './session-memory.ts';
import { SnapshotRing } from './snapshot-ring.ts';
import { encodeLoad, encodeSave } from './state-copy.ts';
import type { StateCopy } from './state-copy.ts';
import { TokenHistory } from './token-history.ts';

/** Positions are u32 on the GPU. */
const MOST_POSITIONS = 2 ** 32 - 1;

/** Where a sequence stands. */
export interface Mark {
  /** Tokens that the state has seen. */
  readonly ran: number;
  /** The sequence's last token, where it is not run yet. */
  readonly waiting: number | null;
  /** Tokens drawn, which numbers the random stream. */
  readonly drawn: number;
  /** Whether the logits are those after the last token that ran. */
  readonly ready: boolean;
  /** Most positions that the state has seen before it was last set as a whole: a window's ring holds the last of those. */
  readonly written: number;
}

export const START: Mark = { ran: 0, waiting: null, drawn: 0, ready: false, written: 0 };

/** Everything here but making memory is synchronous: the queue keeps the order. */
export class Sequence {
  readonly parts: ModelParts;
  readonly memory: SessionMemory;
  /** All tokens of the sequence, the one that waits and those of a batch that are confirmed. */
  readonly history: TokenHistory;
  readonly ring: SnapshotRing;
  readonly rollback: Rollback;
  mark: Mark = START;
  sampling: Sampling = GREEDY;
  /** Changes whenever tokens enter or leave the sequence other than by generation. */
  version = 0;
  /** Whether control and tokens on the GPU already hold what the next drawing step needs. */
  chained = false;
  /** Where `settle` ran last, and whether the state has come about otherwise than by `decode` since; see Programs. */
  #settledAt = 0;
  #unsettled = false;
  readonly #words = new Uint32Array(CONTROL.words);
  readonly #floats = new Float32Array(this.#words.buffer);
  readonly #tokens: Uint32Array<ArrayBuffer>;
  /** One list for all submissions, so that a step allocates none. */
  readonly #submission: GPUCommandBuffer[] = [];

  constructor(parts: ModelParts, memory: SessionMemory, rollback: Rollback) {
    this.parts = parts;
    this.memory = memory;
    this.rollback = rollback;
    this.history = new TokenHistory(rollback.tokens);
    this.ring = new SnapshotRing(parts, rollback);
    this.#tokens = new Uint32Array(parts.plan.chunk);
  }

  /** Throws where `more` tokens that run would not fit behind those that ran. */
  checkRoom(more: number): void {
    const capacity = this.room();
    if (this.mark.ran + more > capacity) throw capacityExceeded(more, capacity, this.mark.ran);
  }

  /** Most positions there can be. */
  room(): number {
    return (this.parts.plan.capacity ?? MOST_POSITIONS) - this.prefix();
  }

  /** Learned positions in front of the first token. */
  prefix(): number {
    return this.parts.plan.prefix ?? 0;
  }

  /** Sets every state to what it is before the first token. Tokens and copies are the caller's. */
  clear(): void {
    clearStates(this.parts, (index) => this.memory.buffer(index));
    this.#runPrefix();
    this.moveTo(START);
    // Empty memories are as `settle` would leave them.
    if (this.prefix() === 0) [this.#settledAt, this.#unsettled] = [0, false];
  }

  /** Runs one chunk of `tokens`; `then` says whether the next token's logits follow. */
  prefillChunk(tokens: ArrayLike<number>, from: number, count: number, then: 'nothing' | 'last'): void {
    const { prefill, last } = this.memory.programs;
    this.writeRun(this.mark.ran, tokens, from, count);
    const encoder = this.parts.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    fit(prefill, count);
    encode(prefill, pass);
    if (then === 'last') encode(last, pass);
    pass.end();
    this.submit(encoder);
    this.#ran(tokens, from, count, then === 'last');
  }

  /** Runs one chunk with the logits of every position, in the plan's `allLogits` until the next run. */
  async prefillAllChunk(tokens: ArrayLike<number>, from: number, count: number): Promise<void> {
    const { prefill } = this.memory.programs;
    const { plan, device } = this.parts;
    const all = await this.memory.all();
    this.writeRun(this.mark.ran, tokens, from, count);
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
    this.submit(encoder);
    this.#ran(tokens, from, count, true);
  }

  /** Brings the state to where `decode` can go on from it. */
  settle(): void {
    const { settle } = this.memory.programs;
    if (!this.#unsettled || settle.dispatches.length === 0) return;
    [this.#settledAt, this.#unsettled] = [this.prefix() + this.mark.ran, false];
    this.writeControl(this.mark.ran, 1);
    const encoder = this.parts.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(settle, pass);
    pass.end();
    this.submit(encoder);
  }

  /** Runs one token. */
  decode(token: number): void {
    this.settle();
    const tokens = [token];
    this.writeRun(this.mark.ran, tokens, 0, 1);
    const encoder = this.parts.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(this.memory.programs.decode, pass);
    pass.end();
    this.submit(encoder);
    this.#ran(tokens, 0, 1, true, true);
  }

  /** Writes what the programs read of a run of tokens; `runOne` and `closeRun` follow. */
  openRun(tokens: ArrayLike<number>, from: number, count: number): void {
    this.writeRun(this.mark.ran, tokens, from, count);
  }

  /** One dispatch of a list, in a submission of its own. */
  runOne(list: DispatchList, index: number): void {
    const encoder = this.parts.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeOne(list, index, pass);
    pass.end();
    this.submit(encoder);
  }

  /** Counts the run's tokens as seen; `decoded` where `decode` ran them, whose logits are those after them. */
  closeRun(tokens: ArrayLike<number>, from: number, count: number, decoded: boolean): void {
    this.#ran(tokens, from, count, decoded, decoded);
  }

  /** Runs the token that waits, so that the logits are those after the whole sequence. */
  flush(): void {
    const { waiting } = this.mark;
    if (waiting === null) return;
    this.checkRoom(1);
    this.decode(waiting);
    this.mark = { ...this.mark, waiting: null };
  }

  /** Copies the state to `copy`. */
  save(copy: StateCopy): void {
    const encoder = this.parts.device.createCommandEncoder();
    encodeSave(encoder, this.memory, copy);
    this.submit(encoder);
  }

  /** Sets the state to `copy`, without saying where it stands. */
  load(copy: StateCopy): void {
    this.#unsettled = true;
    const encoder = this.parts.device.createCommandEncoder();
    encodeLoad(encoder, this.memory, copy);
    this.submit(encoder);
  }

  /** Keeps a copy of the state, for going back, where one is due; see `SnapshotRing.isDue`. */
  async keep(far: boolean): Promise<void> {
    if (this.ring.isDue(this.mark.ran, far)) await this.#keepNow();
  }

  async #keepNow(): Promise<void> {
    const copy = await this.ring.memory();
    if (copy === null) return;
    this.save(copy);
    const { ran, written, ready } = this.mark;
    this.ring.add({ ran, written, ready, copy });
  }

  /** The state was set from outside: what came before can neither be run again nor gone back to, so this is where going back ends. */
  async forget(): Promise<void> {
    this.#unsettled = true;
    this.history.forget();
    this.ring.clear();
    this.mark = { ...this.mark, ready: false };
    this.version++;
    await this.#keepNow();
  }

  /** Writes what kernels need to be timed on a run of `tokens` tokens behind those that ran; all of them are token 0. */
  measureFrom(tokens: number): void {
    const position = Math.max(0, Math.min(this.mark.ran, this.room() - tokens));
    this.writeRun(position, new Uint32Array(tokens), 0, tokens);
    this.chained = false;
  }

  /** Says where the sequence stands, after its state was replaced. */
  moveTo(mark: Mark): void {
    this.#unsettled = true;
    this.chained = false;
    this.mark = mark;
    this.version++;
  }

  writeRun(position: number, tokens: ArrayLike<number>, from: number, count: number): void {
    for (let i = 0; i < count; i++) this.#tokens[i] = tokens[from + i] ?? 0;
    const target = this.memory.buffer(this.parts.plan.io.tokens);
    this.parts.device.queue.writeBuffer(target, 0, this.#tokens, 0, count);
    this.writeControl(position, count);
  }

  writeControl(position: number, count: number): void {
    const words = this.#words;
    words[CONTROL.position] = this.prefix() + position;
    words[CONTROL.count] = count;
    words[CONTROL.drawn] = this.mark.drawn;
    words[CONTROL.seed] = this.sampling.seed;
    words[CONTROL.topK] = this.sampling.topK;
    words[CONTROL.broken] = 0;
    words[CONTROL.settled] = this.#settledAt;
    this.#floats[CONTROL.temperature] = this.sampling.temperature;
    this.#floats[CONTROL.topP] = this.sampling.topP;
    this.#floats[CONTROL.repetitionPenalty] = this.sampling.repetitionPenalty;
    this.#floats[CONTROL.minP] = this.sampling.minP;
    this.parts.device.queue.writeBuffer(this.memory.buffer(this.parts.plan.io.control), 0, words);
  }

  submit(encoder: GPUCommandEncoder): void {
    this.#submission[0] = encoder.finish();
    this.parts.device.queue.submit(this.#submission);
  }

  /** Tokens that the sequence has had before, because they waited or run again, are in the history. */
  #ran(tokens: ArrayLike<number>, from: number, count: number, ready: boolean, decoded = false): void {
    const { mark, history } = this;
    this.#unsettled ||= !decoded;
    for (let i = 0; i < count; i++)
      if (mark.ran + i === history.length) history.push(tokens[from + i] ?? 0, mark.drawn);
    const ran = mark.ran + count;
    this.chained = false;
    this.mark = { ...mark, ran, ready, written: Math.max(mark.written, ran) };
  }

  /** Its positions lie before 0; their vectors are learned, so the tokens do not matter. */
  #runPrefix(): void {
    const { prefill } = this.memory.programs;
    const { chunk } = this.parts.plan;
    for (let left = this.prefix(); left > 0; left -= chunk) {
      const count = Math.min(chunk, left);
      this.writeRun(-left, new Uint32Array(count), 0, count);
      const encoder = this.parts.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      fit(prefill, count);
      encode(prefill, pass);
      pass.end();
      this.submit(encoder);
    }
  }
}
