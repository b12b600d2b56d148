// One sequence through a model that is asked for all that it gives, rather than for the next token.
import { type DispatchList, encode, fit } from './dispatch-list.ts';
import { clearStates } from './clear-states.ts';
import { checkedLength, outputsOf, type SequenceInput, widthOf } from './ends.ts';
import {
  badOption,
  destroyed,
  encoderBusy,
  notFinite,
  throwIfAborted,
  tooLong,
  wholeOnly,
} from './errors.ts';
import { addBuffers, bindProgram, stateBuffers, withValidation } from './session-memory.ts';
import type { ModelParts } from './model-parts.ts';
import { CONTROL, type OutputPlan, type ValuePlace } from './plan.ts';
import { isShared } from './buffers.ts';
import { bufferAt } from './dispatch-list.ts';
import { readBuffer } from './readback.ts';

export interface EncodeOptions {
  /** The outputs that are wanted; all unless given. */
  readonly outputs?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** f32 values with their shape: [positions, …axes], or [...axes] of an output per sequence. */
export interface EncodedValue {
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/** By the output's name. */
export type Encoded = Readonly<Record<string, EncodedValue>>;

interface Programs {
  readonly prefill: DispatchList;
  readonly all: DispatchList;
  readonly settle: DispatchList;
  readonly decode: DispatchList;
}

/**
 * One sequence with its own state, which goes on run by run where the model is causal. Calls are made one after the other; a call while
 * another is under way throws `session_busy`. Free it with destroy().
 */
export class Encoder {
  readonly #parts: ModelParts;
  readonly #buffers: readonly (GPUBuffer | null)[];
  readonly #programs: Programs;
  #position = 0;
  /** Where `settle` ran last, and whether the state has come about otherwise than by `decode` since; see the plan's Programs. */
  #settledAt = 0;
  #unsettled = false;
  #busy = false;
  #destroyed = false;

  constructor(parts: ModelParts, buffers: readonly (GPUBuffer | null)[], programs: Programs) {
    this.#parts = parts;
    this.#buffers = buffers;
    this.#programs = programs;
    this.reset();
  }

  /** Positions of the sequence so far. */
  get position(): number {
    return this.#position;
  }

  /** Begins a new sequence. */
  reset(): void {
    const { plan } = this.#parts;
    clearStates(this.#parts, (index) => bufferAt(this.#buffers, index));
    [this.#position, this.#settledAt, this.#unsettled] = [0, 0, false];
    const prefix = plan.prefix ?? 0;
    for (let done = 0; done < prefix; done += plan.chunk) {
      const count = Math.min(plan.chunk, prefix - done);
      this.#write(done, new Float32Array(count * widthOf(plan)));
      this.#submit(this.#programs.prefill, count);
      this.#unsettled = true;
    }
  }

  /**
   * Goes on by these positions and gives what the model makes of them; what it gives per sequence is as if the sequence ended here.
   * Throws `empty_prompt`, `token_out_of_range`, `bad_features`, `capacity_exceeded`, `bad_option`, `not_finite` or `aborted`.
   */
  async run(input: SequenceInput, options: EncodeOptions = {}): Promise<Encoded> {
    if (this.#destroyed) throw destroyed('encoder');
    if (this.#busy) throw encoderBusy();
    const { plan } = this.#parts;
    const wanted = chosenOutputs(outputsOf(plan), options.outputs);
    const positions = checkedLength(plan, input);
    this.#checkRoom(positions);
    const values = Float64Array.from(input);
    this.#busy = true;
    try {
      return await this.#runAll(values, positions, wanted, options.signal);
    } finally {
      this.#busy = false;
    }
  }

  #checkRoom(positions: number): void {
    const { plan } = this.#parts;
    const room = plan.capacity === null ? Infinity : plan.capacity - (plan.prefix ?? 0);
    if (plan.readsAhead !== undefined && this.#position > 0) throw wholeOnly(plan.name, plan.readsAhead);
    if (this.#position + positions > room) throw tooLong(this.#position + positions, room);
  }

  async #runAll(
    values: Float64Array,
    positions: number,
    wanted: readonly OutputPlan[],
    signal: AbortSignal | undefined,
  ): Promise<Encoded> {
    const { plan } = this.#parts;
    const width = widthOf(plan);
    const parts = new Map<string, Float32Array<ArrayBuffer>[]>(wanted.map(({ name }) => [name, []]));
    const single = positions === 1 && plan.programs.decode.length > 0;
    for (let done = 0; done < positions; done += plan.chunk) {
      throwIfAborted(signal);
      const count = Math.min(plan.chunk, positions - done);
      if (single) this.#settle();
      this.#write((plan.prefix ?? 0) + this.#position, values.subarray(done * width, (done + count) * width));
      if (single) this.#submit(this.#programs.decode, 1);
      else this.#submitRun(count);
      this.#position += count;
      this.#unsettled ||= !single;
      const isLast = done + count === positions;
      for (const output of wanted)
        if (output.per === 'position' || isLast)
          parts.get(output.name)?.push(await this.#read(output, count, single));
    }
    return Object.fromEntries(
      wanted.map((output) => [output.name, joined(output, parts.get(output.name) ?? [])]),
    );
  }

  /** Brings the state to where a single position can go on from it. */
  #settle(): void {
    const { settle } = this.#programs;
    if (!this.#unsettled || settle.dispatches.length === 0) return;
    [this.#settledAt, this.#unsettled] = [(this.#parts.plan.prefix ?? 0) + this.#position, false];
    this.#control(this.#settledAt, 1);
    this.#submit(settle, 1);
  }

  #submitRun(count: number): void {
    const { prefill, all } = this.#programs;
    this.#submit(prefill, count);
    this.#submit(all, count);
  }

  #submit(list: DispatchList, count: number): void {
    const { device } = this.#parts;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    fit(list, count);
    encode(list, pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** Writes what the programs read of a run. */
  #write(position: number, values: Float64Array | Float32Array): void {
    const { plan, device } = this.#parts;
    const { tokens, features } = plan.io;
    const target = bufferAt(this.#buffers, features ?? tokens);
    const data = features === undefined ? Uint32Array.from(values) : Float32Array.from(values);
    device.queue.writeBuffer(target, 0, data);
    this.#control(position, values.length / widthOf(plan));
  }

  #control(position: number, count: number): void {
    const { plan, device } = this.#parts;
    const words = new Uint32Array(CONTROL.words);
    words[CONTROL.position] = position;
    words[CONTROL.count] = count;
    words[CONTROL.settled] = this.#settledAt;
    device.queue.writeBuffer(bufferAt(this.#buffers, plan.io.control), 0, words);
  }

  async #read(output: OutputPlan, count: number, single: boolean): Promise<Float32Array<ArrayBuffer>> {
    const place: ValuePlace = (single ? output.one : undefined) ?? output.rows;
    const row = 4 * output.elements;
    const skipped = output.per === 'sequence' ? count - 1 : 0;
    const source = bufferAt(this.#buffers, place.buffer);
    const bytes = await readBuffer(
      this.#parts,
      source,
      place.byteOffset + skipped * row,
      (count - skipped) * row,
    );
    const values = new Float32Array(bytes.buffer);
    if (!values.every(Number.isFinite)) throw notFinite(`the values of \`${output.name}\` are`);
    return values;
  }

  /** Frees the sequence's memory. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    for (const [index, { use }] of this.#parts.plan.buffers.entries())
      if (!isShared(use)) this.#buffers[index]?.destroy();
  }
}

/** A new sequence. Throws `out_of_memory`. */
export async function createEncoder(parts: ModelParts): Promise<Encoder> {
  const { plan } = parts;
  const { prefill, all, settle, decode } = plan.programs;
  const buffers = [...parts.shared];
  const { control, tokens, features } = plan.io;
  const own = [control, features ?? tokens, ...stateBuffers(plan)];
  await addBuffers(parts, buffers, [...prefill, ...all, ...settle, ...decode], own);
  const groups = new Map<string, GPUBindGroup>();
  const programs = await withValidation(parts, () => ({
    prefill: bindProgram(parts, prefill, buffers, groups),
    all: bindProgram(parts, all, buffers, groups),
    settle: bindProgram(parts, settle, buffers, groups),
    decode: bindProgram(parts, decode, buffers, groups),
  }));
  return new Encoder(parts, buffers, programs);
}

function chosenOutputs(
  outputs: readonly OutputPlan[],
  names: readonly string[] | undefined,
): readonly OutputPlan[] {
  if (names === undefined) return outputs;
  return names.map((name) => {
    const found = outputs.find((output) => output.name === name);
    if (found !== undefined) return found;
    const all = outputs.map((output) => `\`${output.name}\``).join(', ');
    throw badOption(`the model gives no \`${name}\`: it gives ${all}`);
  });
}

/** One output of all chunks. */
function joined(
  { axes, elements, per }: OutputPlan,
  parts: readonly Float32Array<ArrayBuffer>[],
): EncodedValue {
  const own = axes.map(({ size }) => size);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { data, shape: per === 'sequence' ? own : [data.length / elements, ...own] };
}
