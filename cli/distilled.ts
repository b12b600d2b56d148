// The file that `hyb distill` writes, beside the weights of the model it was made for.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { headerLength, parseHeader, type TensorHeader } from '../runtime/weights/safetensors.ts';
import { cannotReadFile, notDistilled } from './errors.ts';
import type { WeightsPlace } from './weights.ts';

/** How many modes each filter of the file has. Throws a UsageError or a HybError. */
export function modesIn(path: string): number {
  const poles = tensorsOf(path).find(({ name }) => name.endsWith('.poles'));
  const modes = poles?.shape.at(-2);
  if (modes === undefined) throw notDistilled(path);
  return modes;
}

/** The weights with those of the file beside them. */
export function withDistilled(place: WeightsPlace, path: string | undefined): WeightsPlace {
  if (path === undefined) return place;
  const own = new Set(tensorsOf(path).map(({ name }) => name));
  return {
    ...place,
    open: (wanted) => [
      ...place.open(wanted.filter(({ tensors }) => !tensors.some((name) => own.has(name)))),
      path,
    ],
  };
}

function tensorsOf(path: string): readonly TensorHeader[] {
  const file = opened(path);
  try {
    const { size } = fstatSync(file);
    const first = new Uint8Array(Math.min(8, size));
    readSync(file, first, 0, first.length, 0);
    const header = new Uint8Array(headerLength(first, size, path));
    readSync(file, header, 0, header.length, 8);
    return parseHeader(header, size, path);
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw cannotReadFile(path, cause);
  }
}
