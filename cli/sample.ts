// Draws the next token from logits on the CPU, for the reference device.

/** How a token is drawn; temperature 0 takes the most likely one. */
export interface Sampling {
  readonly temperature: number;
  /** Only the K most likely tokens; 0 is off. */
  readonly topK: number;
  /** Only the most likely tokens that together have this probability; 1 is off. */
  readonly topP: number;
  readonly seed: number;
}

/** The token drawn from `logits`; `drawn` numbers the tokens of one text, so that the same seed gives the same text. */
export function sampleToken(logits: Float64Array, sampling: Sampling, drawn: number): number {
  if (sampling.temperature === 0) return argmax(logits);
  const order = Array.from(logits.keys()).toSorted((a, b) => at(logits, b) - at(logits, a) || a - b);
  const kept = sampling.topK > 0 ? order.slice(0, sampling.topK) : order;
  const top = at(logits, kept[0] ?? 0);
  const weights = kept.map((token) => Math.exp((at(logits, token) - top) / sampling.temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const count = nucleus(weights, sampling.topP * total);
  const mass = weights.slice(0, count).reduce((sum, weight) => sum + weight, 0);
  let left = uniform(sampling.seed, drawn) * mass;
  for (const [index, token] of kept.slice(0, count).entries()) {
    left -= weights[index] ?? 0;
    if (left < 0) return token;
  }
  return kept[count - 1] ?? 0;
}

function argmax(logits: Float64Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (at(logits, token) > at(logits, best)) best = token;
  return best;
}

/** How many of the descending weights it takes to reach `mass`; at least one. */
function nucleus(weights: readonly number[], mass: number): number {
  let sum = 0;
  const last = weights.findIndex((weight) => (sum += weight) >= mass);
  return last < 0 ? weights.length : last + 1;
}

/** A number in [0, 1) from a counter: the PCG output function (O'Neill 2014) over the two words. */
function uniform(seed: number, counter: number): number {
  const state = (Math.imul((seed ^ Math.imul(counter, 0x9e3779b9)) >>> 0, 747796405) + 2891336453) >>> 0;
  const word = Math.imul(((state >>> ((state >>> 28) + 4)) ^ state) >>> 0, 277803737) >>> 0;
  return (((word >>> 22) ^ word) >>> 0) / 2 ** 32;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NEGATIVE_INFINITY;
}
