// The unary functions that a weight may pass through once, when it is loaded.
import { badBundle } from './errors.ts';
import { arityOf, scalarOf, UNARY } from './functions/scalars.ts';

export type Fold = (value: number) => number;

/** Names that a weight's `fold` may hold. */
export const FOLD_NAMES: readonly string[] = Object.keys(UNARY);

/** One function that applies `names` in order in f64, or null where there is nothing to apply. */
export function foldOf(names: readonly string[]): Fold | null {
  if (names.length === 0) return null;
  const functions = names.map((name) => {
    const fold = arityOf(name) === 1 ? scalarOf(name) : undefined;
    if (fold === undefined) throw badBundle(`a weight is folded with \`${name}\`, which is not known here`);
    return fold;
  });
  return (value) => functions.reduce((folded, fold) => fold(folded, 0, 0), value);
}
