// Real sequences of any length from their spectra.
import { type Fourier, fourierOf } from './fourier.ts';

/**
 * out[row, n] = 1/length · Σ_k X[row, k]·e^(2πi·kn / length), where the second half of the spectrum is the conjugate of the first.
 * Inputs are real and imaginary parts of the ⌊length / 2⌋ + 1 numbers given, [row, k] each; the imaginary parts of the first, and with an
 * even length of the last, do not count.
 */
export function inverseFourier(
  [re, im]: readonly Float64Array[],
  out: Float64Array,
  { rows = 0, length = 1 }: Readonly<Record<string, number>>,
): void {
  const half = Math.floor(length / 2) + 1;
  const inverse = inverseOf(length);
  const [x, y] = [new Float64Array(length), new Float64Array(length)];
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < half; k++) {
      const alone = k === 0 || 2 * k === length;
      const opposite = alone ? k : length - k;
      x[k] = re![row * half + k]!;
      y[k] = alone ? 0 : im![row * half + k]!;
      x[opposite] = x[k]!;
      y[opposite] = alone ? 0 : -y[k]!;
    }
    inverse(x, y);
    out.set(x, row * length);
  }
}

type Transform = (re: Float64Array, im: Float64Array) => void;

function inverseOf(length: number): Transform {
  const isPower = 2 ** Math.round(Math.log2(length)) === length;
  return isPower ? fourierOf(length).inverse : chirped(length);
}

/**
 * Any length (Bluestein 1970): kn is (k² + n² − (k − n)²) / 2, so the transform is a convolution with e^(−πi·j² / length), which
 * transforms of a power of two carry out.
 */
function chirped(length: number): Transform {
  const fourier = fourierOf(2 ** Math.ceil(Math.log2(2 * length - 1)));
  const chirp = chirpOf(length);
  const [filterRe, filterIm] = [new Float64Array(fourier.size), new Float64Array(fourier.size)];
  for (let j = 0; j < length; j++)
    for (const at of [j, (fourier.size - j) % fourier.size]) {
      filterRe[at] = chirp.cos[j]!;
      filterIm[at] = -chirp.sin[j]!;
    }
  fourier.forward(filterRe, filterIm);
  return (re, im) => {
    const [a, b] = turned(re, im, chirp, fourier);
    fourier.forward(a, b);
    multiply(a, b, filterRe, filterIm);
    fourier.inverse(a, b);
    for (let n = 0; n < length; n++) {
      re[n] = (a[n]! * chirp.cos[n]! - b[n]! * chirp.sin[n]!) / length;
      im[n] = (a[n]! * chirp.sin[n]! + b[n]! * chirp.cos[n]!) / length;
    }
  };
}

interface Chirp {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** e^(πi·j² / length), the square reduced before it is large. */
function chirpOf(length: number): Chirp {
  const angles = Float64Array.from({ length }, (_, j) => (Math.PI * ((j * j) % (2 * length))) / length);
  return { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
}

function turned(re: Float64Array, im: Float64Array, { cos, sin }: Chirp, { size }: Fourier) {
  const [a, b] = [new Float64Array(size), new Float64Array(size)];
  for (let k = 0; k < re.length; k++) {
    a[k] = re[k]! * cos[k]! - im[k]! * sin[k]!;
    b[k] = re[k]! * sin[k]! + im[k]! * cos[k]!;
  }
  return [a, b] as const;
}

function multiply(a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array): void {
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    a[i] = x * c[i]! - b[i]! * d[i]!;
    b[i] = x * d[i]! + b[i]! * c[i]!;
  }
}
