// A checkpoint: the tensors of one safetensors file or of many, by name, with where their bytes are.
import { badIndex, badWeightsInput, fileNotFound, throwIfAborted } from '../errors.ts';
import { beside, fileName, inside, locate } from '../location.ts';
import type { Location } from '../location.ts';
import { blobSource, memorySource, readText } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { JsonFault, parseJson, shortened } from './json-strict.ts';
import { PieceReader } from './piece-reader.ts';
import { headerLength, isMap, MAX_HEADER_BYTES, parseHeader } from './safetensors.ts';
import type { TensorHeader } from './safetensors.ts';
import { urlSource } from './url-source.ts';

/** One file: a path (Node), an address, a Blob or File, or its bytes. */
export type WeightFile = string | URL | Blob | ArrayBuffer | ArrayBufferView;

/** One file, a folder, an index, or all shards as a list or by name. */
export type WeightsInput = WeightFile | readonly WeightFile[] | Readonly<Record<string, WeightFile>>;

export interface StoredTensor extends TensorHeader {
  readonly file: CheckpointFile;
}

export interface CheckpointFile {
  readonly name: string;
  /** Its place among the files. */
  readonly index: number;
  readonly reader: Pick<PieceReader, 'read'>;
}

export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  close(): Promise<void>;
}

/** Opens files and reads their headers, nothing more. Throws a HybError. */
export async function openCheckpoint(
  input: WeightsInput,
  signal: AbortSignal | undefined,
): Promise<Checkpoint> {
  const sources: ByteSource[] = [];
  const close = async () => {
    await Promise.all(sources.map((source) => source.close()));
  };
  try {
    const shardOf = await openAll(input, sources, signal);
    const tensors = new Map<string, StoredTensor>();
    for (const [index, source] of sources.entries()) {
      throwIfAborted(signal);
      await addTensors(tensors, source, index);
    }
    checkIndex(shardOf, tensors);
    return { tensors, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** Which file an index promised for each tensor; empty where there was no index. */
type Promised = ReadonlyMap<string, PromisedPlace>;

interface PromisedPlace {
  readonly file: string;
  readonly index: number;
  readonly in: string;
}

async function openAll(
  input: WeightsInput,
  sources: ByteSource[],
  signal: AbortSignal | undefined,
): Promise<Promised> {
  if (typeof input === 'string' || input instanceof URL) return openLocation(locate(input), sources, signal);
  const files = listed(input);
  if (files.length === 0) throw badWeightsInput('the list of weight files is empty');
  const promised = new Map<string, PromisedPlace>();
  for (const [name, file] of files) {
    if (typeof file === 'string' || file instanceof URL)
      for (const each of await openLocation(locate(file), sources, signal)) promised.set(...each);
    else if (file instanceof Blob) sources.push(blobSource(name, file));
    else if (file instanceof ArrayBuffer || ArrayBuffer.isView(file)) sources.push(memorySource(name, file));
    else throw badWeightsInput(`${name} is neither a path, an address, a Blob nor bytes`);
  }
  return promised;
}

function listed(input: Exclude<WeightsInput, string | URL>): readonly (readonly [string, WeightFile])[] {
  if (isList(input)) return input.map((file, index) => [nameOf(file, index), file]);
  if (input instanceof Blob || input instanceof ArrayBuffer || ArrayBuffer.isView(input))
    return [[nameOf(input, 0), input]];
  return Object.entries(input);
}

function isList(input: object): input is readonly WeightFile[] {
  return Array.isArray(input);
}

function nameOf(file: WeightFile, index: number): string {
  return file instanceof Blob && 'name' in file && typeof file.name === 'string' && file.name !== ''
    ? file.name
    : `the weight file number ${index + 1}`;
}

async function openLocation(
  location: Location,
  sources: ByteSource[],
  signal: AbortSignal | undefined,
): Promise<Promised> {
  const file = await soleFile(location, signal);
  if (!fileName(file).endsWith('.json')) {
    sources.push(await openFile(file, signal));
    return new Map();
  }
  return openIndex(file, sources, signal);
}

/** A folder means the usual names inside it: the one file, else the index. */
async function soleFile(location: Location, signal: AbortSignal | undefined): Promise<Location> {
  const single = inside(location, 'model.safetensors');
  const index = inside(location, 'model.safetensors.index.json');
  if (location.kind === 'url') {
    if (!location.text.endsWith('/')) return location;
    const found = await urlSource(single.text, signal).catch(() => null);
    await found?.close();
    return found === null ? index : single;
  }
  const { kindOfPath } = await import('../node-files.ts');
  if ((await kindOfPath(location.text)) !== 'folder') return location;
  if ((await kindOfPath(single.text)) === 'file') return single;
  if ((await kindOfPath(index.text)) === 'file') return index;
  throw fileNotFound(`model.safetensors or model.safetensors.index.json in ${location.text}`);
}

async function openFile(location: Location, signal: AbortSignal | undefined): Promise<ByteSource> {
  if (location.kind === 'url') return urlSource(location.text, signal);
  const { fileSource } = await import('../node-files.ts');
  return fileSource(location.text);
}

async function openIndex(
  location: Location,
  sources: ByteSource[],
  signal: AbortSignal | undefined,
): Promise<Promised> {
  const file = await openFile(location, signal);
  const map = parseIndex(await readText(file, MAX_HEADER_BYTES).finally(() => file.close()), location.text);
  const names = [...new Set(map.values())];
  const first = sources.length;
  for (const name of names) sources.push(await openFile(beside(location, name), signal));
  return new Map(
    [...map].map(([tensor, name]) => [
      tensor,
      { file: name, index: first + names.indexOf(name), in: location.text },
    ]),
  );
}

/** Tensor name → file name. */
function parseIndex(text: string, file: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const entries = indexEntries(text, file);
  for (const [tensor, shard] of entries) {
    if (typeof shard !== 'string' || !/^[^/\\]/.test(shard) || /(?:^|[/\\])\.\.(?:[/\\]|$)|:/.test(shard))
      throw badIndex(file, `\`${shortened(tensor)}\` does not lie in a file of its folder`);
    map.set(tensor, shard);
  }
  if (map.size === 0) throw badIndex(file, 'it lists no tensor');
  return map;
}

function indexEntries(text: string, file: string) {
  try {
    const root = parseJson(text);
    const entries = isMap(root) ? root.get('weight_map') : undefined;
    if (isMap(entries)) return entries;
  } catch (cause) {
    if (cause instanceof JsonFault) throw badIndex(file, `it is not JSON: ${cause.message}`);
    throw cause;
  }
  throw badIndex(file, 'it has no `weight_map`');
}

async function addTensors(
  tensors: Map<string, StoredTensor>,
  source: ByteSource,
  index: number,
): Promise<void> {
  const first = await source.read(0, Math.min(8, source.bytes));
  const length = headerLength(first, source.bytes, source.name);
  const header = await source.read(8, length);
  const file: CheckpointFile = { name: source.name, index, reader: new PieceReader(source) };
  for (const tensor of parseHeader(header, source.bytes, source.name)) {
    const other = tensors.get(tensor.name);
    if (other !== undefined)
      throw badWeightsInput(
        `tensor \`${shortened(tensor.name)}\` is both in ${other.file.name} and in ${source.name}`,
      );
    tensors.set(tensor.name, { ...tensor, file });
  }
}

function checkIndex(promised: Promised, tensors: ReadonlyMap<string, StoredTensor>): void {
  for (const [name, { file, index, in: source }] of promised) {
    if (tensors.get(name)?.file.index !== index)
      throw badIndex(source, `it says that \`${shortened(name)}\` is in ${file}, which does not have it`);
  }
}
