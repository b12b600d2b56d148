// Damped oscillations: their taps, and what least squares needs of them.

/** Re(residue·pole^t) with pole = radius·e^{i·angle}. */
export interface Mode {
  readonly radius: number;
  readonly angle: number;
  /** The residue. */
  readonly re: number;
  readonly im: number;
}

/** Re Σ residue·pole^t for t = 0 … length − 1. */
export function tapsOf(modes: readonly Mode[], length: number): Float64Array {
  const taps = new Float64Array(length);
  for (const mode of modes) {
    const step = poleOf(mode);
    let { re, im } = mode;
    for (let t = 0; t < length; t++) {
      taps[t]! += re;
      [re, im] = [re * step.re - im * step.im, re * step.im + im * step.re];
    }
  }
  return taps;
}

export function poleOf({ radius, angle }: Pick<Mode, 'radius' | 'angle'>): {
  readonly re: number;
  readonly im: number;
} {
  return { re: radius * Math.cos(angle), im: radius * Math.sin(angle) };
}

/** Which parameters a step may change: of each mode its residue (re, im), or also its pole (log radius, angle). */
export type Free = 'residues' | 'all';

/** Lags that a fit looks at, and how many lags each stands for. */
export interface Samples {
  readonly lags: Int32Array;
  readonly weights: Float64Array;
}

/** Lags that a fit of a longer filter looks at; all of a shorter one. */
const MOST_SAMPLES = 4096;

/** Every lag from 1 on; of long filters the near ones and from each stretch of the others one, at no regular distance. */
export function sampleLags(length: number): Samples {
  const all = Int32Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);
  if (all.length <= MOST_SAMPLES) return { lags: all, weights: new Float64Array(all.length).fill(1) };
  const near = MOST_SAMPLES / 4;
  const rest = MOST_SAMPLES - near;
  const stretch = (all.length - near) / rest;
  const lags = all.slice(0, MOST_SAMPLES);
  const weights = new Float64Array(MOST_SAMPLES).fill(1);
  for (let i = 0; i < rest; i++) {
    // A quadratic residue scatters the places within their stretches, so that no pitch hides between samples.
    const place = ((i * i) % 997) / 997;
    lags[near + i] = near + 1 + Math.min(all.length - near - 1, Math.floor((i + place) * stretch));
    weights[near + i] = stretch;
  }
  return { lags, weights };
}

/**
 * JᵀWJ and JᵀWr over the samples, of the derivatives J of the modes' taps and the difference r = taps − fitted; parameters in the order
 * of the modes, for each re, im and, with `all`, log radius and angle.
 */
export function normalEquations(
  taps: Float64Array,
  modes: readonly Mode[],
  { lags, weights }: Samples,
  free: Free,
): { readonly gram: readonly Float64Array[]; readonly right: Float64Array } {
  const each = free === 'all' ? 4 : 2;
  const size = each * modes.length;
  const gram = Array.from({ length: size }, () => new Float64Array(size));
  const right = new Float64Array(size);
  const row = new Float64Array(size);
  for (let sample = 0; sample < lags.length; sample++) {
    const lag = lags[sample]!;
    const weight = weights[sample]!;
    const left = weight * (taps[lag]! - derivatives(modes, lag, each, row));
    for (let i = 0; i < size; i++) {
      const target = gram[i]!;
      const scaled = weight * row[i]!;
      right[i]! += left * row[i]!;
      for (let j = 0; j <= i; j++) target[j]! += scaled * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) gram[j]![i] = gram[i]![j]!;
  return { gram, right };
}

/** Fills one row of J and gives the modes' sum at that lag. */
function derivatives(modes: readonly Mode[], lag: number, each: number, row: Float64Array): number {
  let sum = 0;
  for (let m = 0; m < modes.length; m++) {
    const mode = modes[m]!;
    const size = mode.radius ** lag;
    const re = size * Math.cos(lag * mode.angle);
    const im = size * Math.sin(lag * mode.angle);
    const value = mode.re * re - mode.im * im;
    sum += value;
    row[each * m] = re;
    row[each * m + 1] = -im;
    if (each === 2) continue;
    row[each * m + 2] = lag * value;
    row[each * m + 3] = -lag * (mode.re * im + mode.im * re);
  }
  return sum;
}

/** Σ w·(taps − fitted)² over the samples; Infinity where that is no number. */
export function squaredError(taps: Float64Array, modes: readonly Mode[], samples: Samples): number {
  const row = new Float64Array(2 * modes.length);
  let sum = 0;
  samples.lags.forEach((lag, i) => {
    sum += samples.weights[i]! * (taps[lag]! - derivatives(modes, lag, 2, row)) ** 2;
  });
  return Number.isFinite(sum) ? sum : Infinity;
}
