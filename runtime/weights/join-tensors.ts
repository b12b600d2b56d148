// Several stored tensors read as one: each goes on where the one before ends, along their first dimension.
import { TENSORS_JOINED } from '../plan.ts';
import type { StoredTensor } from './checkpoint.ts';

/**
 * One tensor of the bytes of all. Tensors of different shapes, but for the first dimension, or dtypes cannot be one: their shapes or
 * dtypes are then all told, which no model asks for.
 */
export function joinTensors(tensors: readonly StoredTensor[]): StoredTensor | undefined {
  const [first, ...others] = tensors;
  if (first === undefined || others.length === 0) return first;
  const { begin, file } = first;
  const bytes = tensors.reduce((sum, tensor) => sum + tensor.end - tensor.begin, 0);
  return {
    name: tensors.map(({ name }) => name).join(TENSORS_JOINED),
    dtype: [...new Set(tensors.map(({ dtype }) => dtype))].join(TENSORS_JOINED),
    shape: joinedShape(tensors.map(({ shape }) => shape)),
    begin,
    end: begin + bytes,
    file: { ...file, reader: { read: (offset, length) => readAcross(tensors, offset - begin, length) } },
  };
}

/** Of shapes that do not fit together, all numbers one after the other. */
function joinedShape(shapes: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = shapes;
  const fit = shapes.every((shape) => shape.slice(1).join() === first.slice(1).join());
  return fit ? [shapes.reduce((sum, [length = 1]) => sum + length, 0), ...first.slice(1)] : shapes.flat();
}

async function readAcross(
  tensors: readonly StoredTensor[],
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const joined = new Uint8Array(length);
  let before = 0;
  for (const { begin, end, file } of tensors) {
    const from = Math.max(offset, before);
    const to = Math.min(offset + length, before + end - begin);
    if (from < to) joined.set(await file.reader.read(begin + from - before, to - from), from - offset);
    before += end - begin;
  }
  return joined;
}
