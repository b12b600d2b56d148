// Special functions in f64.

/** The error function, to about 1e-15: e^(−x²)·Σ 2ⁿx^(2n+1)/(2n+1)!!, whose terms have one sign. */
export function erf(x: number): number {
  const square = x * x;
  if (square > 36) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * square) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum;
}

/** 1 / (1 + e^(−x)) without overflow on either side. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const small = Math.exp(x);
  return small / (1 + small);
}

/** log(1 + eˣ) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** The tanh approximation of x·Φ(x) (Hendrycks & Gimpel 2016, arXiv:1606.08415). */
export function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** The remainder that has the divisor's sign, as in Python. */
export function floorMod(a: number, b: number): number {
  return a - b * Math.floor(a / b);
}
