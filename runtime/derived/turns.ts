// Tables of numbers on the unit circle, by which transforms turn.
import type { Turns } from '../spectra-plan.ts';

/** The numbers of the tables, one after the other, real and imaginary parts by turns, each from the exact fraction of a circle. */
export function turnValues(turns: readonly Turns[]): Float64Array {
  const values = new Float64Array(2 * turns.reduce((sum, { count }) => sum + count, 0));
  let at = 0;
  for (const { of, step, count } of turns)
    for (let i = 0; i < count; i++, at += 2) {
      const angle = 2 * Math.PI * (((step * i) % of) / of);
      values[at] = Math.cos(angle);
      values[at + 1] = -Math.sin(angle);
    }
  return values;
}
