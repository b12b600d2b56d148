// Improves a sum of modes by damped least squares (Levenberg 1944) in residues, radii and angles at once.
import { type Mode, normalEquations, type Samples, squaredError } from './modes.ts';
import { solveDamped } from './solve-damped.ts';

/** Steps of one fit at most, and the gain below which it is done. */
const STEPS = { most: 40, gain: 1e-4 } as const;

/** The damping to begin with, and the one at which no step helps any more. */
const DAMPING = { first: 1e-3, most: 1e6, factor: 5 } as const;

/** A pole stays this far inside the unit circle, so that no state grows. */
export const LARGEST_RADIUS = 1 - 1e-9;

/** Modes whose sum is at least as near to the taps, all of them stable. */
export function refine(taps: Float64Array, start: readonly Mode[], samples: Samples): readonly Mode[] {
  let modes = start;
  let error = squaredError(taps, modes, samples);
  let damping: number = DAMPING.first;
  for (let step = 0; step < STEPS.most && damping < DAMPING.most; step++) {
    const { gram, right } = normalEquations(taps, modes, samples, 'all');
    const before = error;
    let moved = false;
    while (!moved && damping < DAMPING.most) {
      const change = solveDamped(gram, right, damping);
      const tried = change === null ? modes : stepped(modes, change);
      const after = squaredError(taps, tried, samples);
      moved = after < error;
      damping = moved ? damping / DAMPING.factor : damping * DAMPING.factor;
      if (moved) [modes, error] = [tried, after];
    }
    if (before - error < STEPS.gain * before) break;
  }
  return modes;
}

function stepped(modes: readonly Mode[], change: readonly number[]): readonly Mode[] {
  return modes.map((mode, m) => ({
    re: mode.re + change[4 * m]!,
    im: mode.im + change[4 * m + 1]!,
    radius: Math.min(mode.radius * Math.exp(change[4 * m + 2]!), LARGEST_RADIUS),
    angle: mode.angle + change[4 * m + 3]!,
  }));
}
