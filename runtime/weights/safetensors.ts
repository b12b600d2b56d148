// The header of a safetensors file: parsed, and checked in full before anything is believed.
import { badSafetensors } from '../errors.ts';
import { JsonFault, parseJson, shortened } from './json-strict.ts';
import type { Json } from './json-strict.ts';

/** Bits of one element of every dtype that the format knows. */
const DTYPE_BITS: Readonly<Record<string, number>> = {
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
};

/** Longer headers are refused, as the reference implementation does. */
export const MAX_HEADER_BYTES = 100_000_000;

export interface TensorHeader {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte and the one after the last, from the start of the file. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Length in bytes of the JSON that follows the first 8 bytes.
 * `first` holds up to 8 bytes, `fileBytes` is the whole file's size. Throws `bad_safetensors`.
 */
export function headerLength(first: Uint8Array, fileBytes: number, file: string): number {
  if (first.length < 8) throw badSafetensors(file, `it has only ${fileBytes} bytes`);
  const view = new DataView(first.buffer, first.byteOffset, 8);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length <= MAX_HEADER_BYTES && length <= fileBytes - 8) return length;
  const most = length > MAX_HEADER_BYTES ? '100 MB' : 'the file';
  throw badSafetensors(
    file,
    otherKind(first) ?? `its header would be ${length} bytes long, more than ${most}`,
  );
}

/** What a file that is taken for weights mostly is instead, by its first bytes; as a length they are beyond all files. */
function otherKind(first: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(first);
  if (/^\s*<[!?\w]/.test(text)) return 'it is a web page: is the address right?';
  if (text.startsWith('version ')) return 'it is a pointer of Git LFS: `git lfs pull` brings the weights';
  if (text.startsWith('PK\u0003\u0004'))
    return 'it is a zip archive, as PyTorch writes: save the tensors with `safetensors.torch.save_file`';
  return undefined;
}

/** All tensors of a file, in the order of their data. `header` is the JSON alone. Throws `bad_safetensors`. */
export function parseHeader(header: Uint8Array, fileBytes: number, file: string): readonly TensorHeader[] {
  const root = parseRoot(header, file);
  const dataStart = 8 + header.length;
  const tensors: TensorHeader[] = [];
  for (const [name, entry] of root) {
    if (name === '__metadata__') checkMetadata(entry, file);
    else tensors.push(tensorHeader(name, entry, dataStart, fileBytes, file));
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(tensors, dataStart, fileBytes, file);
  return tensors;
}

function parseRoot(header: Uint8Array, file: string): ReadonlyMap<string, Json> {
  if (header[0] !== 0x7b) throw badSafetensors(file, 'its header does not begin with `{`');
  try {
    const root = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(header));
    if (isMap(root)) return root;
  } catch (cause) {
    if (cause instanceof JsonFault) throw badSafetensors(file, `its header is not JSON: ${cause.message}`);
    throw badSafetensors(file, 'its header is not UTF-8 text');
  }
  throw badSafetensors(file, 'its header is not a JSON object');
}

function checkMetadata(entry: Json, file: string): void {
  if (!isMap(entry) || [...entry.values()].some((value) => typeof value !== 'string'))
    throw badSafetensors(file, '`__metadata__` is not a table of texts');
}

function tensorHeader(
  name: string,
  entry: Json,
  dataStart: number,
  fileBytes: number,
  file: string,
): TensorHeader {
  const fault = (problem: string) => badSafetensors(file, `tensor \`${shortened(name)}\` ${problem}`);
  if (!isMap(entry)) throw fault('is not described by a JSON object');
  const dtype = entry.get('dtype');
  const bits = typeof dtype === 'string' && Object.hasOwn(DTYPE_BITS, dtype) ? DTYPE_BITS[dtype] : undefined;
  if (typeof dtype !== 'string' || bits === undefined)
    throw fault(`has an unknown dtype ${typeof dtype === 'string' ? `\`${shortened(dtype)}\`` : ''}`.trim());
  const shape = sizes(entry.get('shape'));
  if (shape === null) throw fault('has a shape that is not a list of sizes');
  const offsets = sizes(entry.get('data_offsets'));
  const [from, to] = offsets ?? [];
  if (offsets?.length !== 2 || from === undefined || to === undefined)
    throw fault('has data_offsets that are not two positions');
  if (from > to) throw fault(`ends (${to}) before it begins (${from})`);
  if (to > fileBytes - dataStart)
    throw fault(`ends at byte ${to} of the data, which has ${fileBytes - dataStart}`);
  const bytes = (elementCount(shape) * bits) / 8;
  if (bytes !== to - from)
    throw fault(`of ${dtype} [${shape.join(', ')}] should have ${bytes} bytes, but has ${to - from}`);
  const place = { begin: dataStart + from, end: dataStart + to };
  // A complex number is two of reals that lie side by side.
  if (dtype === 'C64') return { name, dtype: 'F32', shape: [...shape, 2], ...place };
  return { name, dtype, shape, ...place };
}

/** The data must be covered from first to last byte, without gap or overlap. */
function checkCoverage(
  tensors: readonly TensorHeader[],
  dataStart: number,
  fileBytes: number,
  file: string,
): void {
  let at = dataStart;
  for (const { name, begin, end } of tensors) {
    if (begin < at) throw badSafetensors(file, `tensor \`${shortened(name)}\` overlaps the one before`);
    if (begin > at)
      throw badSafetensors(file, `${begin - at} bytes before tensor \`${shortened(name)}\` belong to none`);
    at = end;
  }
  if (at !== fileBytes) throw badSafetensors(file, `${fileBytes - at} bytes follow its last tensor`);
}

/** A list of numbers that can be sizes or offsets, or null. */
function sizes(value: Json | undefined): readonly number[] | null {
  if (!isList(value)) return null;
  const numbers: number[] = [];
  for (const item of value) {
    if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 0) return null;
    numbers.push(item);
  }
  return numbers;
}

/** Exact where it matters: any product beyond 2⁵³ differs from every possible byte count. */
export function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

export function isMap(value: Json | undefined): value is ReadonlyMap<string, Json> {
  return value instanceof Map;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
