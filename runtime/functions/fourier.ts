// The discrete Fourier transform in f64, of any power of two: for the spectra of filters.

/** Transforms of one length; complex numbers are two arrays, of real and of imaginary parts. */
export interface Fourier {
  readonly size: number;
  /** In place: X[k] = Σ_n x[n]·e^(−2πi·kn / size), in natural order, of the `size` numbers from index `at` on. */
  forward(re: Float64Array, im: Float64Array, at?: number): void;
  /** In place, the inverse of `forward`: x[n] = 1/size · Σ_k X[k]·e^(2πi·kn / size). */
  inverse(re: Float64Array, im: Float64Array, at?: number): void;
}

/** Tables of sines and of places, made once for many transforms. `size` is a power of two. */
export function fourierOf(size: number): Fourier {
  if (!Number.isSafeInteger(size) || size < 1 || 2 ** Math.round(Math.log2(size)) !== size)
    throw new RangeError(`internal: a Fourier transform of ${size} numbers`);
  const waves = wavesOf(size);
  const places = reversedPlaces(size);
  const forward = (re: Float64Array, im: Float64Array, at: number): void => {
    transform(re, im, at, size, waves);
    exchange(re, at, places);
    exchange(im, at, places);
  };
  return {
    size,
    forward: (re, im, at = 0) => forward(re, im, at),
    // With real and imaginary parts exchanged, forwards is backwards.
    inverse: (re, im, at = 0) => {
      forward(im, re, at);
      for (let i = at; i < at + size; i++) {
        re[i] = re[i]! / size;
        im[i] = im[i]! / size;
      }
    },
  };
}

/** cos and −sin of 2πk / size for the k of three quarters of a turn: as far as a step of radix four reads. */
interface Waves {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function wavesOf(size: number): Waves {
  const count = Math.max(1, (3 * size) / 4);
  const cos = new Float64Array(count);
  const sin = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    // The fraction of a turn is exact, so nothing but the last rounding errs.
    cos[k] = Math.cos(2 * Math.PI * (k / size));
    sin[k] = -Math.sin(2 * Math.PI * (k / size));
  }
  return { cos, sin };
}

/** Where each index goes when its bits are reversed. */
function reversedPlaces(size: number): Int32Array {
  const places = new Int32Array(size);
  for (let i = 1; i < size; i++) places[i] = (places[i >> 1]! >> 1) | (i & 1 ? size >> 1 : 0);
  return places;
}

function exchange(values: Float64Array, at: number, places: Int32Array): void {
  for (let i = 0; i < places.length; i++) {
    const other = places[i]!;
    if (other <= i) continue;
    const kept = values[at + i]!;
    values[at + i] = values[at + other]!;
    values[at + other] = kept;
  }
}

/** Decimation in frequency, which leaves the result in the order of reversed bits. */
function transform(re: Float64Array, im: Float64Array, at: number, size: number, waves: Waves): void {
  let span = size;
  for (; span >= 4; span /= 4)
    for (let start = at; start < at + size; start += span)
      quarter(re, im, start, span / 4, size / span, waves);
  if (span === 2) for (let i = at; i < at + size; i += 2) halve(re, im, i);
}

/** One step of radix four on the numbers from `start` on; the waves of this span are every `step`-th of all. */
function quarter(
  re: Float64Array,
  im: Float64Array,
  start: number,
  part: number,
  step: number,
  { cos, sin }: Waves,
): void {
  for (let j = 0; j < part; j++) {
    const a = start + j;
    const b = a + part;
    const c = b + part;
    const d = c + part;
    const sumRe = re[a]! + re[c]!;
    const sumIm = im[a]! + im[c]!;
    const gapRe = re[a]! - re[c]!;
    const gapIm = im[a]! - im[c]!;
    const oddRe = re[b]! + re[d]!;
    const oddIm = im[b]! + im[d]!;
    const turnRe = im[b]! - im[d]!;
    const turnIm = re[d]! - re[b]!;
    re[a] = sumRe + oddRe;
    im[a] = sumIm + oddIm;
    store(re, im, b, sumRe - oddRe, sumIm - oddIm, cos[2 * j * step]!, sin[2 * j * step]!);
    store(re, im, c, gapRe + turnRe, gapIm + turnIm, cos[j * step]!, sin[j * step]!);
    store(re, im, d, gapRe - turnRe, gapIm - turnIm, cos[3 * j * step]!, sin[3 * j * step]!);
  }
}

/** Stores a number turned by a wave. */
function store(
  re: Float64Array,
  im: Float64Array,
  at: number,
  x: number,
  y: number,
  cos: number,
  sin: number,
): void {
  re[at] = x * cos - y * sin;
  im[at] = x * sin + y * cos;
}

function halve(re: Float64Array, im: Float64Array, at: number): void {
  const [x, y] = [re[at + 1]!, im[at + 1]!];
  re[at + 1] = re[at]! - x;
  im[at + 1] = im[at]! - y;
  re[at] = re[at]! + x;
  im[at] = im[at]! + y;
}
