// What a command needs of a model that can run: on a GPU, or on the reference executor.
import { joinArrays } from '../compiler/ir/join-arrays.ts';
import { noDecode } from './errors.ts';
import type { Sampling } from './sample.ts';

export interface GenerateRequest extends Sampling {
  readonly maxTokens: number;
  /** Tokens that end the text; the one that is drawn is not given. */
  readonly stop: readonly number[];
  readonly signal?: AbortSignal;
}

/** One sequence that goes on, or is changed. */
export interface Conversation {
  /** Its tokens so far. */
  readonly length: number;
  /** Appends the prompt, and gives the tokens that follow. A stop token that was drawn is part of the sequence. */
  readonly generate: (prompt: readonly number[], request: GenerateRequest) => AsyncIterable<number>;
  /** Makes the sequence exactly these tokens; says how many stayed, and how many had to run. */
  readonly edit: (tokens: readonly number[]) => Promise<{ readonly kept: number; readonly ran: number }>;
  /** Takes tokens off the end. */
  readonly rollback: (count: number) => Promise<void>;
  /** The state as bytes, for `converse`. */
  readonly save: () => Promise<Uint8Array>;
  readonly close: () => void;
}

/** Tokens that may still be generated after a prompt, where a sequence has room for so many positions. */
export function roomAfter(positions: number, prompt: number): number {
  return Math.max(0, positions - prompt + 1);
}

/** What a sequence is made of: token ids; or features, [position, elements]. */
export type SequenceInput = readonly number[] | Float32Array;

/** A value that the model gives. */
export interface EngineOutput {
  readonly name: string;
  /** One for each position, or one for the sequence. */
  readonly per: 'position' | 'sequence';
  /** The sizes of its axes. */
  readonly shape: readonly number[];
}

/** What goes into a model and what comes out. */
export interface EngineEnds {
  /** 0 where it is given features. */
  readonly vocab: number;
  /** What it is given instead of tokens. */
  readonly features?: { readonly name: string; readonly shape: readonly number[] };
  readonly outputs: readonly EngineOutput[];
  /** Why the whole sequence must be one run, where it must: what reads later positions. */
  readonly readsAhead?: string;
}

/** By the output's name: [positions, …shape], or [...shape] per sequence. */
export type EngineValues = Readonly<Record<string, Float32Array | Float64Array>>;

export interface Engine extends EngineEnds {
  /** What a person calls the adapter. */
  readonly name: string;
  /** An empty sequence, or the one whose state was saved. */
  readonly converse: (state?: Uint8Array) => Promise<Conversation>;
  /**
   * Logits of every position, [time, vocab]. The sequence begins anew and goes on in runs of these many tokens; a run of 1 is a decode
   * step, a longer one a prefill.
   */
  readonly logits: (
    tokens: readonly number[],
    runs: readonly number[],
  ) => Promise<Float32Array | Float64Array>;
  /** All that the model gives for a sequence, which begins anew and goes on in runs of these many positions. */
  readonly encode: (input: SequenceInput, runs: readonly number[]) => Promise<EngineValues>;
  /** The stream behind each layer, [positions, width], of a sequence in one run. */
  readonly layers?: (input: SequenceInput) => Promise<readonly Float64Array[]>;
  readonly close: () => void;
}

/** The runs that prefill `split` tokens and then take one token at a time. */
export function runsOf(time: number, split: number): readonly number[] {
  const prefill = split > 0 ? [split] : [];
  return [...prefill, ...Array.from({ length: time - split }, () => 1)];
}

/** Whether the model writes text: one token follows another, drawn from logits. */
export function generates({ readsAhead, features, outputs }: EngineEnds): boolean {
  return readsAhead === undefined && features === undefined && outputs.some(({ name }) => name === 'logits');
}

/** The positions of a sequence. */
export function lengthOf({ features }: Pick<EngineEnds, 'features'>, input: SequenceInput): number {
  return input.length / (features === undefined ? 1 : sizeOf(features.shape));
}

/** A part of a sequence, from one position up to another. */
export function partOf(
  { features }: Pick<EngineEnds, 'features'>,
  input: SequenceInput,
  from: number,
  to: number,
): SequenceInput {
  const size = features === undefined ? 1 : sizeOf(features.shape);
  return input instanceof Float32Array
    ? input.subarray(from * size, to * size)
    : input.slice(from * size, to * size);
}

/** The product of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** What several runs gave, one after the other; of a sequence, the last run says what it is. */
export function joinRuns(outputs: readonly EngineOutput[], runs: readonly EngineValues[]): EngineValues {
  return Object.fromEntries(
    outputs.map(({ name, per }) => {
      const parts = runs.map((values) => values[name] ?? new Float64Array());
      const last = parts.at(-1) ?? new Float64Array();
      return [name, per === 'sequence' ? last : joinArrays(parts)];
    }),
  );
}

/** Throws `no_decode` where the model writes no text. */
export function checkGenerates({ readsAhead, features, outputs }: EngineEnds): void {
  if (readsAhead !== undefined) throw noDecode(`${readsAhead}, so the whole sequence is one run`);
  if (features !== undefined) throw noDecode(`it takes \`${features.name}\`, not tokens`);
  if (outputs.every(({ name }) => name !== 'logits'))
    throw noDecode(`it gives ${outputs.map(({ name }) => name).join(', ')} and no logits`);
}
