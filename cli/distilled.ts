// The file that `hyb distill` writes, beside the weights of the model it was made for.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { headerLength, parseHeader, type TensorHeader } from '../runtime/weights/safetensors.ts';
import { cannotReadFile, distilledForOther, notDistilled } from './errors.ts';
import type { WeightsPlace } from './weights.ts';

/** How many modes each filter of the file has. Throws a UsageError or a HybError. */
export function modesIn(path: string): number {
  const poles = tensorsOf(path).find(({ name }) => name.endsWith('.poles'));
  const modes = poles?.shape.at(-2);
  if (modes === undefined) throw notDistilled(path);
  return modes;
}

/** In the file's metadata, the name of the model that its modes were fitted for. */
export const MADE_FOR = 'hyb_model';

/** Throws a UsageError where the file was written for another model. */
export function checkMadeFor(path: string, model: string): void {
  // Its tensors have been read, so the header is JSON of the format's form.
  type Header = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const header = JSON.parse(new TextDecoder().decode(readHeader(path).header)) as Header;
  const made = header['__metadata__']?.[MADE_FOR];
  if (typeof made === 'string' && made !== model) throw distilledForOther(path, made, model);
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
  const { header, size } = readHeader(path);
  return parseHeader(header, size, path);
}

function readHeader(path: string): { readonly header: Uint8Array; readonly size: number } {
  const file = opened(path);
  try {
    const { size } = fstatSync(file);
    const first = new Uint8Array(Math.min(8, size));
    readSync(file, first, 0, first.length, 0);
    const header = new Uint8Array(headerLength(first, size, path));
    readSync(file, header, 0, header.length, 8);
    return { header, size };
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
