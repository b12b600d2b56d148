// Half-precision numbers for tests: weights that halves hold exactly, and their bits.

/** The bits of a half. Exact for the values of `exactHalves`; throws for a value that no normal half or zero holds. */
export function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  if (exponent < -14 || exponent > 15 || !Number.isInteger(fraction))
    throw new Error(`${value} is no normal half`);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

/** Two halves in each word, low half first. */
export function packHalves(values: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length + (values.length % 2));
  for (let index = 0; index < values.length; index++) halves[index] = halfBits(values[index] ?? 0);
  return new Uint32Array(halves.buffer);
}

/** `count` numbers in [−1, 1] that halves hold exactly, the same for the same seed. */
export function exactHalves(count: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[index] = ((state >>> 8) % 2049) / 1024 - 1;
  }
  return values;
}

/** The half nearest to a number of moderate size, ties to even. */
export function nearestHalf(value: number): number {
  if (value === 0) return 0;
  const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10);
  const steps = value / unit;
  const floor = Math.floor(steps);
  const rest = steps - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return (up ? floor + 1 : floor) * unit;
}
