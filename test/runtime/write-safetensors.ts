// Writes safetensors files for tests: from numbers, in every dtype that weights can have.
import { halfFromSingleBits } from '../../runtime/half.ts';

export interface TensorToWrite {
  readonly dtype: 'F32' | 'F16' | 'BF16' | 'I64';
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A whole file, its header padded to a multiple of 8 as the reference implementation does. */
export function writeSafetensors(tensors: Readonly<Record<string, TensorToWrite>>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {};
  const data: Uint8Array[] = [];
  let at = 0;
  for (const [name, { dtype, shape, values }] of Object.entries(tensors)) {
    const bytes = encoded(dtype, values);
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    data.push(bytes);
    at += bytes.length;
  }
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...header });
  return assemble(json.padEnd(Math.ceil(json.length / 8) * 8), data);
}

/** Length, header and data behind each other. */
export function assemble(header: string | Uint8Array, data: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  const parts = [length, json, ...data];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function encoded(dtype: TensorToWrite['dtype'], values: readonly number[]): Uint8Array {
  if (dtype === 'I64') return new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
  const singles = Float32Array.from(values);
  if (dtype === 'F32') return new Uint8Array(singles.buffer);
  const bits = new Uint32Array(singles.buffer);
  const halves = Uint16Array.from(bits, dtype === 'F16' ? halfFromSingleBits : (word) => word >>> 16);
  return new Uint8Array(halves.buffer);
}
