// Half and brain floats to and from single precision, with rounding to nearest even.

/** Half-precision bits of a single's bits. Too large becomes infinity, too small a subnormal or zero of the same sign. */
export function halfFromSingleBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  // Adding half a unit less one, plus the last kept bit, rounds ties to even; the exponent moves by 127 − 15.
  if (magnitude >= 0x3880_0000)
    return sign | ((magnitude + 0xfff + ((magnitude >>> 13) & 1) - 0x3800_0000) >>> 13);
  if (magnitude <= 0x3300_0000) return sign;
  return sign | subnormalHalf(magnitude);
}

/** A half below 2⁻¹⁴ is a multiple of 2⁻²⁴: the mantissa, shifted and rounded. */
function subnormalHalf(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7f_ffff) | 0x80_0000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return rest > tie || (rest === tie && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Single-precision bits of a half's bits; exact. */
export function singleBitsFromHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f80_0000 | (mantissa << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  // A subnormal: move its first bit to the hidden place.
  const shift = Math.clz32(mantissa) - 21;
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13);
}

/** Converts all of `halves` into the first elements of `singles`. */
export function decodeHalves(halves: Uint16Array, singles: Float32Array): void {
  const bits = new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
  for (let i = 0; i < halves.length; i++) bits[i] = singleBitsFromHalf(halves[i] ?? 0);
}

/** The same for brain floats, whose bits are a single's upper half. */
export function decodeBrainFloats(brains: Uint16Array, singles: Float32Array): void {
  const bits = new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
  for (let i = 0; i < brains.length; i++) bits[i] = (brains[i] ?? 0) << 16;
}
