// One whole tensor of a checkpoint as numbers: for the reference executor and for tests, not for loading models.
import { weightsMismatch } from '../errors.ts';
import type { StoredTensor } from './checkpoint.ts';
import { decodeElements, isReadable, READABLE, storedBytes } from './decode-elements.ts';
import { PIECE_BYTES } from './piece-reader.ts';
import { elementCount } from './safetensors.ts';

/** f32 values in the stored order. F32, F16, BF16, and one whole number; any other dtype throws `weights_mismatch`. */
export async function readTensor(tensor: StoredTensor): Promise<Float32Array> {
  const { name, dtype, shape, begin, end, file } = tensor;
  if (!isReadable(dtype, elementCount(shape)))
    throw weightsMismatch([`dtype: \`${name}\` is ${dtype}, and only ${READABLE.join(', ')} can be read`]);
  const values = new Float32Array(elementCount(shape));
  const scratch = new Float32Array(Math.min(end - begin, PIECE_BYTES) / storedBytes(dtype));
  let done = 0;
  for (let at = begin; at < end; at += PIECE_BYTES) {
    const bytes = await file.reader.read(at, Math.min(PIECE_BYTES, end - at));
    values.set(decodeElements(bytes, dtype, scratch), done);
    done += bytes.length / storedBytes(dtype);
  }
  return values;
}
