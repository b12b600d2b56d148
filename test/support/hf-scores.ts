// The scores that Hugging Face's `generate` draws from, in f64, written down step by step as its logits processors are documented.

export interface ScoreSettings {
  readonly repetitionPenalty: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
}

/** Nothing is changed. */
export const PLAIN: ScoreSettings = { repetitionPenalty: 1, temperature: 1, topK: 0, topP: 1, minP: 0 };

/** Scores after all processors; minus infinity for what is left out. `seen` are the tokens of prompt and text. */
export function processedScores(
  logits: ArrayLike<number>,
  settings: ScoreSettings,
  seen: ReadonlySet<number>,
): readonly number[] {
  const { repetitionPenalty, temperature, topK, topP, minP } = settings;
  let scores = Array.from(logits, (score, token) => {
    if (!seen.has(token)) return score;
    return score < 0 ? score * repetitionPenalty : score / repetitionPenalty;
  });
  if (temperature > 0) scores = scores.map((score) => score / temperature);
  if (topK > 0) {
    const threshold = scores.toSorted((a, b) => b - a)[Math.min(topK, scores.length) - 1] ?? 0;
    scores = scores.map((score) => (score < threshold ? -Infinity : score));
  }
  if (topP < 1) {
    const probabilities = softmax(scores);
    // Ascending; of equal scores the later token first, so that it goes first.
    const ascending = scores
      .map((score, token) => ({ score, token }))
      .toSorted((a, b) => a.score - b.score || b.token - a.token);
    let sum = 0;
    for (const [rank, { token }] of ascending.entries()) {
      sum += probabilities[token] ?? 0;
      // A rounding error's worth over the boundary does not need another token.
      if (sum <= 1 - topP + 1e-6 && rank < ascending.length - 1) scores[token] = -Infinity;
    }
  }
  if (minP > 0) {
    const probabilities = softmax(scores);
    const least = minP * Math.max(...probabilities);
    scores = scores.map((score, token) => ((probabilities[token] ?? 0) < least ? -Infinity : score));
  }
  return scores;
}

/** The probability of each token. */
export function softmax(scores: readonly number[]): readonly number[] {
  const peak = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - peak));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
