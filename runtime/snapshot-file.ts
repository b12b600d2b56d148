// A snapshot as bytes: a header that says whose it is and how long its parts are, the tokens, the state, and a checksum.
import { badSnapshot } from './errors.ts';
import { Checksum } from './hash.ts';
import type { Moment } from './snapshot.ts';
import type { CopyLayout } from './state-copy.ts';
import type { FirstSeen } from './token-history.ts';

/*
 * All numbers are little-endian, and every part begins at a multiple of 16:
 *   0   8 bytes   `hybstate`
 *   8   u32       version
 *  12   u32       bytes of the header
 *  16   16 bytes  checksum of everything behind it, in hexadecimal digits
 *  32   header    JSON, see Header
 *       u32 each  the remembered tokens; how many tokens had been drawn when each came; pairs of a token and where it came first
 *       state     the pieces of `wholeCopy` for as many positions as the state has seen
 */
const MAGIC = 'hybstate';
const VERSION = 2;
const PREFIX = 32;

/** What a snapshot and the model that it is for must have in common. */
export interface SnapshotModel {
  readonly name: string;
  /** See Plan. */
  readonly identity: string;
  /** See ModelParts. */
  readonly weights: string;
  readonly vocab: number;
  /** Names and sizes of the states. */
  readonly states: readonly (readonly [string, number])[];
}

interface Header extends Pick<Moment, 'mark' | 'sampling'> {
  readonly model: SnapshotModel;
  /** Tokens of the sequence; the first of them that is remembered, and how many tokens it has ever had that differ. */
  readonly position: number;
  readonly first: number;
  readonly beginsEmpty: boolean;
  readonly seen: number;
  /** Bytes of the state. */
  readonly state: number;
}

export function writeSnapshotFile(
  model: SnapshotModel,
  { mark, sampling, history }: Moment,
  state: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { first, beginsEmpty, tokens, drawn, seen } = history;
  const position = first + tokens.length;
  const header: Header = {
    model,
    position,
    first,
    beginsEmpty,
    seen: seen.length,
    mark,
    sampling,
    state: state.length,
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const places = placesOf(text.length, header);
  const file = new Uint8Array(places.end);
  file.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(file.buffer);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, text.length, true);
  file.set(text, PREFIX);
  writeWords(view, places.tokens, tokens);
  writeWords(view, places.drawn, drawn);
  writeWords(view, places.seen, seen.flat());
  file.set(state, places.state);
  file.set(new TextEncoder().encode(new Checksum().add(file.subarray(PREFIX)).text()), 16);
  return file;
}

export interface SnapshotFile {
  readonly moment: Moment;
  readonly layout: CopyLayout;
  readonly state: Uint8Array;
}

/** `layoutFor` is the state's layout after so many positions. Throws `bad_snapshot`; nothing is made that a length in the file asks for. */
export function readSnapshotFile(
  model: SnapshotModel,
  layoutFor: (positions: number) => CopyLayout,
  file: Uint8Array,
): SnapshotFile {
  const header = readHeader(file);
  const { mark, sampling, position, first, beginsEmpty, seen } = header;
  const places = placesOf(headerBytes(file), header);
  if (file.length !== places.end)
    throw badSnapshot(`it has ${file.length} bytes and should have ${places.end}`);
  const checksum = new TextDecoder().decode(file.subarray(16, PREFIX));
  if (checksum !== new Checksum().add(file.subarray(PREFIX)).text())
    throw badSnapshot('it is damaged: its checksum is another');
  checkModel(header.model, model);
  const layout = layoutFor(mark.ran);
  const tokens = readWords(file, places.tokens, position - first);
  const fits = header.state === layout.bytes && (mark.waiting === null || mark.waiting === tokens.at(-1));
  if (!fits || tokens.some((token) => token >= model.vocab))
    throw badSnapshot('its parts contradict each other');
  const pairs = readWords(file, places.seen, 2 * seen);
  const history = {
    first,
    beginsEmpty,
    tokens,
    drawn: readWords(file, places.drawn, position - first),
    seen: Array.from({ length: seen }, (_, i): FirstSeen => [pairs[2 * i] ?? 0, pairs[2 * i + 1] ?? 0]),
  };
  return { moment: { mark, sampling, history }, layout, state: file.subarray(places.state) };
}

function checkModel(found: SnapshotModel, own: SnapshotModel): void {
  if (found.name !== own.name)
    throw badSnapshot(`it is of the model \`${found.name}\`, and this is \`${own.name}\``);
  if (found.identity !== own.identity || found.vocab !== own.vocab)
    throw badSnapshot(
      `it is of another version of \`${own.name}\`: its source, config or compiler has changed`,
    );
  if (found.weights !== own.weights) throw badSnapshot(`it is of other weights for \`${own.name}\``);
  if (JSON.stringify(found.states) !== JSON.stringify(own.states))
    throw badSnapshot(
      `it is of \`${own.name}\` compiled in another way: compile it with the same context and chunk`,
    );
}

interface Places {
  readonly tokens: number;
  readonly drawn: number;
  readonly seen: number;
  readonly state: number;
  readonly end: number;
}

function placesOf(headerLength: number, { position, first, seen, state }: Header): Places {
  const count = 4 * (position - first);
  const tokens = aligned(PREFIX + headerLength);
  const drawn = aligned(tokens + count);
  const seenAt = aligned(drawn + count);
  const stateAt = aligned(seenAt + 8 * seen);
  return { tokens, drawn, seen: seenAt, state: stateAt, end: stateAt + state };
}

function aligned(offset: number): number {
  return Math.ceil(offset / 16) * 16;
}

function writeWords(view: DataView, at: number, words: ArrayLike<number>): void {
  for (let i = 0; i < words.length; i++) view.setUint32(at + 4 * i, words[i] ?? 0, true);
}

function readWords(file: Uint8Array, at: number, count: number): Uint32Array<ArrayBuffer> {
  const view = new DataView(file.buffer, file.byteOffset);
  return Uint32Array.from({ length: count }, (_, i) => view.getUint32(at + 4 * i, true));
}

function headerBytes(file: Uint8Array): number {
  return new DataView(file.buffer, file.byteOffset).getUint32(12, true);
}

function readHeader(file: Uint8Array): Header {
  if (file.length < PREFIX || new TextDecoder().decode(file.subarray(0, 8)) !== MAGIC)
    throw badSnapshot('it does not begin as a snapshot does');
  const version = new DataView(file.buffer, file.byteOffset).getUint32(8, true);
  if (version !== VERSION)
    throw badSnapshot(`its format is of version ${version}, and this runtime reads ${VERSION}`);
  const length = headerBytes(file);
  if (length > file.length - PREFIX) throw badSnapshot('it ends inside its header');
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(file.subarray(PREFIX, PREFIX + length)));
    if (isHeader(header)) return header;
  } catch {
    // Told below: what is not JSON is not a header either.
  }
  throw badSnapshot('its header cannot be read');
}

const HEADER = {
  position: 'count',
  first: 'count',
  beginsEmpty: 'boolean',
  seen: 'count',
  state: 'count',
} as const;
const MARK = { ran: 'count', drawn: 'count', written: 'count', ready: 'boolean' } as const;
const SAMPLING = {
  repetitionPenalty: 'number',
  temperature: 'number',
  topK: 'count',
  topP: 'number',
  minP: 'number',
  seed: 'count',
} as const;
const MODEL = { name: 'string', identity: 'string', weights: 'string', vocab: 'count' } as const;

function isHeader(value: unknown): value is Header {
  if (!hasFields(value, HEADER) || !('mark' in value) || !('sampling' in value) || !('model' in value))
    return false;
  const { mark, sampling, model } = value;
  if (!hasFields(mark, MARK) || !hasFields(sampling, SAMPLING) || !hasFields(model, MODEL)) return false;
  const waiting = 'waiting' in mark ? mark.waiting : undefined;
  const length = mark.ran + (waiting === null ? 0 : 1);
  return (waiting === null || isCount(waiting)) && value.position === length && value.first <= value.position;
}

type Fields<T extends Readonly<Record<string, 'count' | 'number' | 'string' | 'boolean'>>> = {
  readonly [K in keyof T]: T[K] extends 'boolean' ? boolean : T[K] extends 'string' ? string : number;
};

function hasFields<T extends Readonly<Record<string, 'count' | 'number' | 'string' | 'boolean'>>>(
  value: unknown,
  fields: T,
): value is Fields<T> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(fields).every(([key, kind]) => {
    const field: unknown = Reflect.get(value, key);
    return kind === 'count' ? isCount(field) : typeof field === kind;
  });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
