// What a command needs of a model that can run: on a GPU, or on the reference executor.
import type { Sampling } from './sample.ts';

export interface GenerateRequest extends Sampling {
  readonly maxTokens: number;
  /** Tokens that end the text; the one that is drawn is not given. */
  readonly stop: readonly number[];
  readonly signal?: AbortSignal;
}

export interface Engine {
  /** What a person calls the adapter. */
  readonly name: string;
  readonly vocab: number;
  /** The tokens that follow the prompt. */
  readonly generate: (prompt: readonly number[], request: GenerateRequest) => AsyncIterable<number>;
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
