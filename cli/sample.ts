// Draws the next token from logits on the CPU, for the reference device.
import type { Sampling } from '../runtime/sampling.ts';

export type { Sampling } from '../runtime/sampling.ts';

interface Scored {
  readonly token: number;
  readonly score: number;
}

/**
 * The token drawn from `logits`; `drawn` numbers the tokens of one text, so that the same seed gives the same text. The order is that of
 * Hugging Face's `generate`: penalty, temperature, top-k with all that tie at its end, top-p, min-p.
 */
export function sampleToken(
  logits: Float64Array,
  sampling: Sampling,
  drawn: number,
  seen: ReadonlySet<number>,
): number {
  const scored = [...logits].map((logit, token) => ({
    token,
    score: seen.has(token) ? penalised(logit, sampling.repetitionPenalty) : logit,
  }));
  const best = scored.reduce((high, candidate) => (candidate.score > high.score ? candidate : high));
  if (sampling.temperature === 0) return best.token;
  const sorted = scored
    .map(({ token, score }) => ({ token, score: (score - best.score) / sampling.temperature }))
    .toSorted((a, b) => b.score - a.score || a.token - b.token);
  const left = leastLikely(nucleus(highest(sorted, sampling.topK), sampling.topP), sampling.minP);
  let mass = uniform(sampling.seed, drawn) * sumOf(left);
  for (const { token, score } of left) {
    mass -= Math.exp(score);
    if (mass < 0) return token;
  }
  return left.at(-1)?.token ?? best.token;
}

function penalised(logit: number, penalty: number): number {
  return logit < 0 ? logit * penalty : logit / penalty;
}

/** The `count` highest of what is sorted, and what equals the last of them; 0 is all. */
function highest(sorted: readonly Scored[], count: number): readonly Scored[] {
  const last = count > 0 ? sorted[count - 1] : undefined;
  return last === undefined ? sorted : sorted.filter(({ score }) => score >= last.score);
}

/** As many of what is sorted as it takes to reach the share; at least one. */
function nucleus(sorted: readonly Scored[], share: number): readonly Scored[] {
  if (share >= 1) return sorted;
  const mass = share * sumOf(sorted);
  let sum = 0;
  const last = sorted.findIndex(({ score }) => (sum += Math.exp(score)) >= mass);
  return last < 0 ? sorted : sorted.slice(0, last + 1);
}

/** Scores are relative to the best one's. */
function leastLikely(sorted: readonly Scored[], share: number): readonly Scored[] {
  return share === 0 ? sorted : sorted.filter(({ score }) => Math.exp(score) >= share);
}

function sumOf(scored: readonly Scored[]): number {
  return scored.reduce((sum, { score }) => sum + Math.exp(score), 0);
}

/** A number in [0, 1) from a counter: the PCG output function (O'Neill 2014) over the two words. */
function uniform(seed: number, counter: number): number {
  const state = (Math.imul((seed ^ Math.imul(counter, 0x9e3779b9)) >>> 0, 747796405) + 2891336453) >>> 0;
  const word = Math.imul(((state >>> ((state >>> 28) + 4)) ^ state) >>> 0, 277803737) >>> 0;
  return (((word >>> 22) ^ word) >>> 0) / 2 ** 32;
}
