// Fits a sum of few damped oscillations to a filter: the poles by a matrix pencil, then all of it by damped least squares.
import { EVD, Matrix, SVD } from 'ml-matrix';
import { type Mode, normalEquations, sampleLags, type Samples, tapsOf } from './modes.ts';
import { LARGEST_RADIUS, refine } from './refine-modes.ts';
import { solveDamped } from './solve-damped.ts';

export interface ModalFit {
  /** At most as many as asked for; a real pole is one mode. */
  readonly modes: readonly Mode[];
  /** What the lag 0 has beside the modes: taps[0] − Re Σ residue. */
  readonly direct: number;
  /** max |fitted − taps| over the lags, in the taps' unit. */
  readonly worst: number;
  /** ‖fitted − taps‖ / ‖taps‖; 0 for a filter of zeros. */
  readonly relative: number;
}

/** Rows and columns of the pencil: enough to see the slowest and the quickest mode, few enough for an SVD in milliseconds. */
const PENCIL = { least: 48, perMode: 6, most: 192 } as const;

/**
 * The best sum found, taps[t] ≈ Re Σ residue·pole^t for t ≥ 1 with `direct` more at t = 0, of at most `count` modes, all stable
 * (|pole| < 1). Poles come from the pencil of two Hankel matrices (Hua & Sarkar 1990) over chosen lags, since
 * h[i + j] = V_I R V_Jᵀ and h[i + j + 1] = V_I R Λ V_Jᵀ hold for every choice of lags I and J.
 */
export function fitModes(taps: Float64Array, count: number): ModalFit {
  const energy = Math.sqrt(taps.reduce((sum, tap) => sum + tap * tap, 0));
  const largest = taps.subarray(1).reduce((most, tap) => Math.max(most, Math.abs(tap)), 0);
  const none = measured(taps, [], energy);
  if (taps.length < 3 || !(largest > SMALLEST)) return none;
  const scaled = taps.map((tap) => (Math.abs(tap) < NEGLIGIBLE * largest ? 0 : tap / largest));
  const samples = sampleLags(taps.length);
  const fits = startingPoles(scaled, count).map((poles) => {
    const modes = refine(scaled, solveResidues(scaled, poles, samples), samples);
    const unscaled = modes.map((mode) => ({ ...mode, re: mode.re * largest, im: mode.im * largest }));
    return measured(taps, unscaled, energy);
  });
  return fits.reduce((best, fit) => (fit.relative < best.relative ? fit : best), none);
}

/** Filters below this are zeros; taps so much below the largest are, too, as decompositions do not end on numbers that underflow. */
const SMALLEST = 1e-200;
const NEGLIGIBLE = 1e-40;

function measured(taps: Float64Array, modes: readonly Mode[], energy: number): ModalFit {
  const fitted = tapsOf(modes, taps.length);
  const direct = taps.length === 0 ? 0 : taps[0]! - fitted[0]!;
  let worst = 0;
  let sum = 0;
  for (let t = 1; t < taps.length; t++) {
    const difference = fitted[t]! - taps[t]!;
    worst = Math.max(worst, Math.abs(difference));
    sum += difference * difference;
  }
  return { modes, direct, worst, relative: energy === 0 ? 0 : Math.sqrt(sum) / energy };
}

type Pole = Pick<Mode, 'radius' | 'angle'>;

/** Sets of poles to start from, by pencils of near lags and of lags spread over the whole filter. */
function startingPoles(taps: Float64Array, count: number): readonly (readonly Pole[])[] {
  const half = Math.floor((taps.length - 1) / 2);
  const size = Math.min(half, Math.max(PENCIL.least, Math.min(PENCIL.most, PENCIL.perMode * count)));
  const near = Array.from({ length: size }, (_, i) => i);
  const spread = spreadLags(size, half);
  const choices = size === half ? [near] : [near, spread];
  return choices.map((lags) => pencilPoles(taps, lags, count)).filter((poles) => poles.length > 0);
}

/** Distinct lags from 0 to `end` whose gaps grow, so that quick and slow modes are both seen. */
function spreadLags(size: number, end: number): readonly number[] {
  const lags: number[] = [];
  for (let i = 0; i < size; i++) {
    const wanted = Math.round((end - 1) * (i / (size - 1)) ** 2);
    lags.push(Math.max(wanted, (lags.at(-1) ?? -1) + 1));
  }
  return lags.filter((lag) => lag < end);
}

function pencilPoles(taps: Float64Array, lags: readonly number[], count: number): readonly Pole[] {
  const hankel = (by: number): Matrix =>
    new Matrix(lags.map((row) => lags.map((column) => taps[row + column + 1 + by] ?? 0)));
  const svd = new SVD(hankel(0), { autoTranspose: true });
  const strongest = svd.diagonal[0] ?? 0;
  const rank = svd.diagonal.filter((value) => value > 1e-13 * strongest).length;
  const shifted = hankel(1);
  // A conjugate pair is one mode but two of the rank, a real pole one of each: as many as give `count` modes.
  for (let order = Math.min(rank, 2 * count); order > 0; order--) {
    const poles = polesOf(svd, shifted, order);
    if (poles.length <= count) return poles;
  }
  return [];
}

function polesOf(svd: SVD, shifted: Matrix, order: number): readonly Pole[] {
  const scale = svd.diagonal.slice(0, order).map((value) => 1 / Math.sqrt(value));
  const left = svd.leftSingularVectors.subMatrix(0, shifted.rows - 1, 0, order - 1).mulRowVector(scale);
  const right = svd.rightSingularVectors.subMatrix(0, shifted.columns - 1, 0, order - 1).mulRowVector(scale);
  const eigen = new EVD(left.transpose().mmul(shifted).mmul(right), { assumeSymmetric: false });
  return eigen.realEigenvalues.flatMap((re, i) => {
    const im = eigen.imaginaryEigenvalues[i] ?? 0;
    return im < 0 ? [] : [{ radius: stable(Math.hypot(re, im)), angle: Math.atan2(im, re) }];
  });
}

/** A growing mode is mirrored into the unit circle, where it has the same pitch. */
function stable(radius: number): number {
  const mirrored = radius > 1 ? 1 / radius : radius;
  return Math.min(mirrored, LARGEST_RADIUS);
}

/** The residues that fit best for given poles: a linear least-squares problem. */
function solveResidues(taps: Float64Array, poles: readonly Pole[], samples: Samples): readonly Mode[] {
  const modes = poles.map((pole) => ({ ...pole, re: 0, im: 0 }));
  const { gram, right } = normalEquations(taps, modes, samples, 'residues');
  const solved = [1e-14, 1e-11, 1e-8, 1e-4].reduce<readonly number[] | null>(
    (known, damping) => known ?? solveDamped(gram, right, damping),
    null,
  );
  if (solved === null) return modes;
  return modes.map((mode, i) => ({ ...mode, re: solved[2 * i]!, im: solved[2 * i + 1]! }));
}
