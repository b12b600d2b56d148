// Reads and writes whole tensors of safetensors files, whole numbers and doubles included.
import { writeFileSync } from 'node:fs';
import type { StoredTensor } from '../runtime/weights/checkpoint.ts';
import { readTensor } from '../runtime/weights/read-tensor.ts';
import { cannotWriteFile } from './errors.ts';

/** All elements of a tensor as numbers. */
export async function readNumbers(tensor: StoredTensor): Promise<Float64Array> {
  const read = OTHER_DTYPES[tensor.dtype];
  if (read === undefined) return Float64Array.from(await readTensor(tensor));
  const bytes = await tensor.file.reader.read(tensor.begin, tensor.end - tensor.begin);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = tensor.shape.reduce((product, size) => product * size, 1);
  return Float64Array.from({ length: count }, (_, index) => read(view, index));
}

/** Dtypes that golden files have and weights do not. */
const OTHER_DTYPES: Readonly<Record<string, (view: DataView, index: number) => number>> = {
  F64: (view, index) => view.getFloat64(index * 8, true),
  I64: (view, index) => Number(view.getBigInt64(index * 8, true)),
  I32: (view, index) => view.getInt32(index * 4, true),
};

/** A tensor to be written. Dtype follows from the array. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** Texts by name, which stand in the header. */
export type Metadata = Readonly<Record<string, string>>;

/** A safetensors file: the header's length, the header padded to eight bytes, the data one after the other. */
export function safetensorsBytes(tensors: readonly TensorToWrite[], metadata?: Metadata): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, shape, data }) => {
    const begin = offset;
    offset += data.byteLength;
    return [name, { dtype: dtypeOf(data), shape, data_offsets: [begin, offset] }] as const;
  });
  const json = JSON.stringify({
    ...(metadata === undefined ? {} : { __metadata__: metadata }),
    ...Object.fromEntries(entries),
  });
  const text = Buffer.from(json);
  const header = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const bodies = tensors.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return Buffer.concat([length, header, ...bodies]);
}

/** Writes a safetensors file. Throws a UsageError where it cannot be written. */
export function writeSafetensors(path: string, tensors: readonly TensorToWrite[], metadata?: Metadata): void {
  try {
    writeFileSync(path, safetensorsBytes(tensors, metadata));
  } catch (cause) {
    throw cannotWriteFile(path, cause);
  }
}

function dtypeOf(data: TensorToWrite['data']): string {
  return data instanceof Float64Array ? 'F64' : data instanceof Int32Array ? 'I32' : 'F32';
}
