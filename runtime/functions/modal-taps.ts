// The taps of filters that are given by their modes.

/**
 * out[row, lag] = Re Σ_mode residue·pole^lag, for lags from 0 on. Inputs are the real and imaginary parts of residues, then of poles,
 * [row, mode] each. Powers are made one from the other, which errs by less than lag · 2⁻⁵².
 */
export function modalTaps(
  [residuesRe, residuesIm, polesRe, polesIm]: readonly Float64Array[],
  out: Float64Array,
  { rows = 0, modes = 0, lags = 0 }: Readonly<Record<string, number>>,
): void {
  const re = new Float64Array(modes);
  const im = new Float64Array(modes);
  for (let row = 0; row < rows; row++) {
    const from = row * modes;
    re.set(residuesRe!.subarray(from, from + modes));
    im.set(residuesIm!.subarray(from, from + modes));
    const [a, b] = [polesRe!.subarray(from, from + modes), polesIm!.subarray(from, from + modes)];
    for (let lag = 0; lag < lags; lag++) out[row * lags + lag] = sumAndTurn(re, im, a, b);
  }
}

/** The sum of the real parts; each number is then multiplied by its pole. */
function sumAndTurn(re: Float64Array, im: Float64Array, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let mode = 0; mode < re.length; mode++) {
    const x = re[mode]!;
    const y = im[mode]!;
    sum += x;
    re[mode] = x * a[mode]! - y * b[mode]!;
    im[mode] = x * b[mode]! + y * a[mode]!;
  }
  return sum;
}
