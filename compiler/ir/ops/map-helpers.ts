// WGSL functions that maps call, each whole. Names start with `op_` so that no model's word hides them.

/** log(1 + eˣ): for small e^(−|x|) the series keeps the digits that 1 + e would round away, whatever the compiler reorders. */
export const wgslSoftplus = `fn op_softplus(x: f32) -> f32 {
  let e = exp(-min(abs(x), 87.0));
  let series = e * (1.0 - e * (0.5 - e * (0.33333334 - e * 0.25)));
  return max(x, 0.0) + select(log(1.0 + e), series, e < 0.02);
}`;

/** x / (1 + e^(−x)), the exponent clamped so that no infinity arises. */
export const wgslSilu = `fn op_silu(x: f32) -> f32 {
  return x / (1.0 + exp(min(-x, 87.0)));
}`;

/** erf: its Taylor series near 0, else Abramowitz & Stegun 7.1.26 (absolute error 1.5e-7). */
export const wgslErf = `fn op_erf(x: f32) -> f32 {
  let a = min(abs(x), 6.0);
  let s = a * a;
  let near = a * (1.1283792 - s * (0.3761264 - s * (0.11283792 - s * (0.026866171 - s * 0.0052239776))));
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let poly = t * (0.25482959 + t * (-0.28449674 + t * (1.4214137 + t * (-1.4531520 + t * 1.0614054))));
  let far = 1.0 - poly * exp(-s);
  return sign(x) * select(far, near, a < 0.5);
}`;

export const wgslGelu = `fn op_gelu(x: f32) -> f32 {
  return 0.5 * x * (1.0 + op_erf(x * 0.70710678));
}`;

export const wgslGeluTanh = `fn op_gelu_tanh(x: f32) -> f32 {
  let inner = 0.79788456 * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1.0 + tanh(clamp(inner, -10.0, 10.0)));
}`;

/** x to the power y, also for a negative x and a whole y, which WGSL's pow leaves undefined. */
export const wgslPow = `fn op_pow(x: f32, y: f32) -> f32 {
  let odd = fract(abs(y) * 0.5) > 0.25;
  let magnitude = pow(max(abs(x), 1e-37), y);
  let signed = select(magnitude, -magnitude, x < 0.0 && odd);
  let at_zero = select(signed, 0.0, x == 0.0 && y > 0.0);
  return select(at_zero, 1.0, y == 0.0);
}`;

/** The remainder with the divisor's sign; a quotient rounded to the wrong whole number is put right. */
export const wgslMod = `fn op_mod(a: f32, b: f32) -> f32 {
  let first = a - b * floor(a / b);
  let below = select(first, first + b, first * b < 0.0);
  return select(below, below - b, abs(below) >= abs(b));
}`;

/**
 * The sine of x and `ahead` quarter turns. The builtins may be wrong by 2⁻¹¹, which a pole that is taken to a high power does not bear,
 * so x is brought into ±π/4 by subtracting quarter turns in three parts, and short polynomials (Cephes, single precision) do the rest.
 */
export const wgslWave = `fn op_wave(x: f32, ahead: f32) -> f32 {
  let quarters = round(x * 0.63661975);
  let rest = ((x - quarters * 1.5703125) - quarters * 0.0004837513) - quarters * 0.00000007549790;
  let square = rest * rest;
  let s = rest + rest * square * (-0.16666655 + square * (0.0083321609 - square * 0.00019515296));
  let c = 1.0 - 0.5 * square + square * square * (0.041666646 + square * (-0.0013887316 + square * 0.000024433157));
  let quadrant = 4.0 * fract((quarters + ahead) * 0.25);
  let value = select(s, c, quadrant == 1.0 || quadrant == 3.0);
  return select(value, -value, quadrant >= 2.0);
}`;

/** The angle of the point (x, y), which WGSL leaves undefined at the origin: 0 there. */
export const wgslAtan2 = `fn op_atan2(y: f32, x: f32) -> f32 {
  let at_origin = x == 0.0 && y == 0.0;
  return atan2(y, select(x, 1.0, at_origin));
}`;
