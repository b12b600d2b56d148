// Elements of a safetensors file as single-precision numbers.
import { decodeBrainFloats, decodeHalves } from '../half.ts';

/** The dtypes that weights may have. */
export const READABLE: readonly string[] = ['F32', 'F16', 'BF16'];

/** Whether a tensor can be read: of those dtypes, or one whole number, as a buffer that counts is. */
export function isReadable(dtype: string, elements: number): boolean {
  return READABLE.includes(dtype) || (WHOLE.includes(dtype) && elements === 1);
}

const WHOLE: readonly string[] = ['I64', 'I32'];

/** Bytes of one element of a dtype that can be read. */
export function storedBytes(dtype: string): number {
  if (dtype === 'I64') return 8;
  return dtype === 'F32' || dtype === 'I32' ? 4 : 2;
}

/**
 * The numbers in `bytes`, which may start anywhere. Both the files and every machine with WebGPU are little-endian.
 * `scratch` is used where the bytes are not already what is wanted; the result holds until it is used again.
 */
export function decodeElements(bytes: Uint8Array, dtype: string, scratch: Float32Array): Float32Array {
  const count = bytes.length / storedBytes(dtype);
  if (dtype === 'F32' && bytes.byteOffset % 4 === 0)
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  const singles = scratch.subarray(0, count);
  if (WHOLE.includes(dtype)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < count; i++)
      singles[i] = dtype === 'I64' ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true);
    return singles;
  }
  if (dtype === 'F32') new Uint8Array(singles.buffer, singles.byteOffset, bytes.length).set(bytes);
  else if (dtype === 'F16') decodeHalves(halfWords(bytes), singles);
  else decodeBrainFloats(halfWords(bytes), singles);
  return singles;
}

/** The 16-bit words in `bytes`, which may start anywhere. */
export function halfWords(bytes: Uint8Array): Uint16Array {
  const even = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(even.buffer, even.byteOffset, even.length / 2);
}
