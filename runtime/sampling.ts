// How the next token is drawn, and the options of generate; checked before anything runs.
import { badOption } from './errors.ts';

export interface SamplingOptions {
  /** 0 (the default) always takes the likeliest token. */
  readonly temperature?: number | undefined;
  /**
   * Makes tokens that the sequence has had less likely where it is above 1: their logits are divided by it, or multiplied where they
   * are negative. 1 (the default) changes nothing.
   */
  readonly repetitionPenalty?: number | undefined;
  /** Draw among the k likeliest; 0 (the default) is all. */
  readonly topK?: number | undefined;
  /** Draw among the likeliest that together have this probability; 1 (the default) is all. */
  readonly topP?: number | undefined;
  /** Draw only what is at least this part as likely as the likeliest; 0 (the default) is all. */
  readonly minP?: number | undefined;
  /** The same seed draws the same tokens; 0 is the default. Only its low 32 bits count. */
  readonly seed?: number | undefined;
}

export interface GenerateOptions extends SamplingOptions {
  /** Default: as many as the caches hold, without end where they are bounded. */
  readonly maxTokens?: number | undefined;
  /** Token ids after which to end. The one that is drawn is still given. */
  readonly stop?: Iterable<number> | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Tokens drawn on the GPU before they are read (default 1). More is faster where reading takes long; tokens then come
   * in groups, and one copy of the state more is kept, from which the state is set right when a group ends early.
   */
  readonly tokensPerReadback?: number | undefined;
}

/** In the order in which they are applied; the order of Hugging Face's `generate`. */
export interface Sampling {
  readonly repetitionPenalty: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly seed: number;
}

export const GREEDY: Sampling = {
  repetitionPenalty: 1,
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  seed: 0,
};

/** `options` over `defaults`. Throws `bad_option`. */
export function samplingOf(options: SamplingOptions, defaults: Sampling): Sampling {
  const repetitionPenalty = options.repetitionPenalty ?? defaults.repetitionPenalty;
  const temperature = options.temperature ?? defaults.temperature;
  const topK = options.topK ?? defaults.topK;
  const topP = options.topP ?? defaults.topP;
  const minP = options.minP ?? defaults.minP;
  const seed = options.seed ?? defaults.seed;
  if (!Number.isFinite(repetitionPenalty) || repetitionPenalty <= 0)
    throw badOption(`repetitionPenalty must be above 0, and is ${repetitionPenalty}`);
  if (!Number.isFinite(temperature) || temperature < 0)
    throw badOption(`temperature must be 0 or more, and is ${temperature}`);
  if (!isCount(topK)) throw badOption(`topK must be a whole number, 0 or more, and is ${topK}`);
  if (!(topP > 0 && topP <= 1)) throw badOption(`topP must be above 0 and at most 1, and is ${topP}`);
  if (!(minP >= 0 && minP <= 1)) throw badOption(`minP must be 0 … 1, and is ${minP}`);
  if (!Number.isSafeInteger(seed)) throw badOption(`seed must be a whole number, and is ${seed}`);
  return {
    repetitionPenalty,
    temperature,
    topK: Math.min(topK, 0xffff_ffff),
    topP,
    minP,
    seed: seed >>> 0,
  };
}

export interface Generation {
  readonly sampling: Sampling;
  /** Whether the random numbers start again. */
  readonly restart: boolean;
  /** Null: until the caches are full. */
  readonly maxTokens: number | null;
  readonly stop: ReadonlySet<number>;
  readonly signal: AbortSignal | undefined;
  readonly tokensPerReadback: number;
}

/** Throws `bad_option`. `most` is the largest readback. */
export function generationOf(options: GenerateOptions, most: number): Generation {
  const { maxTokens = null, tokensPerReadback = 1, signal } = options;
  if (maxTokens !== null && maxTokens !== Infinity && !isCount(maxTokens))
    throw badOption(`maxTokens must be a whole number, and is ${maxTokens}`);
  if (!isCount(tokensPerReadback) || tokensPerReadback < 1 || tokensPerReadback > most)
    throw badOption(`tokensPerReadback must be 1 … ${most}, and is ${tokensPerReadback}`);
  return {
    sampling: samplingOf(options, GREEDY),
    restart: options.seed !== undefined,
    maxTokens: maxTokens === Infinity ? null : maxTokens,
    stop: new Set(options.stop),
    signal,
    tokensPerReadback,
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
