// The unary functions that a weight may pass through once, when it is loaded.
import { badBundle } from './errors.ts';

export type Fold = (value: number) => number;

const FOLDS: Readonly<Record<string, Fold>> = {
  abs: Math.abs,
  cos: Math.cos,
  exp: Math.exp,
  exp2: (value) => 2 ** value,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  neg: (value) => -value,
  reciprocal: (value) => 1 / value,
  relu: (value) => Math.max(0, value),
  rsqrt: (value) => 1 / Math.sqrt(value),
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  silu: (value) => value / (1 + Math.exp(-value)),
  sin: Math.sin,
  softplus: (value) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value))),
  sqrt: Math.sqrt,
  square: (value) => value * value,
  tanh: Math.tanh,
};

/** Names that a weight's `fold` may hold. */
export const FOLD_NAMES: readonly string[] = Object.keys(FOLDS);

/** One function that applies `names` in order in f64, or null where there is nothing to apply. */
export function foldOf(names: readonly string[]): Fold | null {
  if (names.length === 0) return null;
  const functions = names.map((name) => {
    const fold = Object.hasOwn(FOLDS, name) ? FOLDS[name] : undefined;
    if (fold === undefined) throw badBundle(`a weight is folded with \`${name}\`, which is not known here`);
    return fold;
  });
  return (value) => functions.reduce((folded, fold) => fold(folded), value);
}
