// How a stored value's elements are read: by element, and by four where the layout allows.
import type { ValueDtype } from '../ir/graph.ts';
import type { EncodingReader } from './encodings.ts';
import { flatten, type Index, type Place, type Stride, wrap } from './place.ts';

/** A value in memory as one kernel sees it. */
export interface Storage {
  readonly binding: string;
  /** Buffers that the kernel also writes are arrays of f32; all others arrays of quads. */
  readonly writable: boolean;
  readonly reader: EncodingReader;
  readonly dtype: ValueDtype;
  readonly strides: readonly Stride[];
  /** Elements from one token of the run to the next; 0 for values that do not change with time. */
  readonly tokenStride: number;
  readonly offset: number;
}

/** The flat index of an element. */
export function elementIndex(storage: Storage, place: Place): Index {
  const token =
    storage.tokenStride === 0 ? [] : [{ index: { text: place.token }, stride: storage.tokenStride }];
  return flatten(storage.strides, place, storage.offset, token);
}

/** One element, as an f32 (or bool) expression. */
export function readElement(storage: Storage, place: Place): string {
  const value = readNumber(storage, elementIndex(storage, place));
  return storage.dtype === 'bool' ? `(${value} != 0.0)` : value;
}

function readNumber(storage: Storage, index: Index): string {
  if (storage.writable) return `${storage.binding}[${index.text}]`;
  if (index.quad === undefined) return storage.reader.readScalar(storage.binding, index.text);
  return `${wrapQuad(storage.reader.readQuad(storage.binding, index.quad.index))}.${'xyzw'[index.quad.lane]}`;
}

function wrapQuad(text: string): string {
  return /^[\w]+\[.*\]$/.test(text) || /^vec4<f32>\(.*\)$/.test(text) ? text : wrap(text);
}

/** Four neighbouring elements as vec4<f32>, where lane 0 is at `place` and the layout has them side by side. */
export function readQuadAt(storage: Storage, place: Place): string | undefined {
  const index = elementIndex(storage, place);
  if (index.quad === undefined || index.quad.lane !== 0 || storage.writable) return undefined;
  return storage.reader.readQuad(storage.binding, index.quad.index);
}

/** The statement that stores an element; the buffer is an array of f32. */
export function writeElement(storage: Storage, place: Place, value: string): string {
  const text = storage.dtype === 'bool' ? `select(0.0, 1.0, ${value})` : value;
  return `${storage.binding}[${elementIndex(storage, place).text}] = ${text};`;
}
