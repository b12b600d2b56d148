// What a command needs of a model that can run: on a GPU, or on the reference executor.
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

export interface Engine {
  /** What a person calls the adapter. */
  readonly name: string;
  readonly vocab: number;
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
  readonly close: () => void;
}

/** The runs that prefill `split` tokens and then take one token at a time. */
export function runsOf(time: number, split: number): readonly number[] {
  const prefill = split > 0 ? [split] : [];
  return [...prefill, ...Array.from({ length: time - split }, () => 1)];
}
