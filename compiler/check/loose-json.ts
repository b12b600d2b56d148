// A JSON parser for config files: also takes bare Infinity and NaN and `{"__float__": "Infinity"}`, and reports mistakes with their place.
import type { Checked, Diagnostic, Source } from '../../grammar/source.ts';
import { isObject, type Constant, type ConstantObject } from './constant.ts';

/** The object in the source, or one diagnostic at the character where it stops being JSON. */
export function parseLooseJson(source: Source): Checked<ConstantObject> {
  const start = source.text.startsWith('\uFEFF') ? 1 : 0;
  const reader: Reader = { source, at: start };
  const value = readValue(reader, 0);
  if (value !== failed) skipSpace(reader);
  if (value === failed || reader.at < source.text.length) return { diagnostics: [notJson(reader)] };
  if (!isObject(value)) return { diagnostics: [notAnObject(source)] };
  return { value, diagnostics: [] };
}

interface Reader {
  readonly source: Source;
  at: number;
}

const failed = Symbol('failed');
type Read = Constant | typeof failed;

/** Config files nest a few levels; this keeps hostile ones off the stack. */
const deepest = 200;

/** Longest first where one is the beginning of another. */
const words: readonly (readonly [string, Constant])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['NaN', NaN],
];

function readValue(reader: Reader, depth: number): Read {
  skipSpace(reader);
  const { text } = reader.source;
  const first = text[reader.at];
  if (depth > deepest || first === undefined) return failed;
  if (first === '{') return readObject(reader, depth);
  if (first === '[') return readList(reader, depth);
  if (first === '"') return readString(reader);
  for (const [word, value] of words) {
    if (text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  return readNumber(reader);
}

function skipSpace(reader: Reader): void {
  const { text } = reader.source;
  while (reader.at < text.length && ' \t\r\n'.includes(text[reader.at] ?? '')) reader.at += 1;
}

/** Moves over the character if it is next, after space. */
function take(reader: Reader, character: string): boolean {
  skipSpace(reader);
  if (reader.source.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function readObject(reader: Reader, depth: number): Read {
  reader.at += 1;
  const entries: [string, Constant][] = [];
  if (take(reader, '}')) return {};
  do {
    skipSpace(reader);
    if (reader.source.text[reader.at] !== '"') return failed;
    const name = readString(reader);
    if (name === failed || !take(reader, ':')) return failed;
    const value = readValue(reader, depth + 1);
    if (value === failed) return failed;
    entries.push([name, value]);
  } while (take(reader, ','));
  return take(reader, '}') ? unwrapFloat(Object.fromEntries(entries)) : failed;
}

/** `{"__float__": "Infinity"}` is how one published dialect writes what JSON cannot. */
function unwrapFloat(value: ConstantObject): Constant {
  const text = value['__float__'];
  if (Object.keys(value).length !== 1 || typeof text !== 'string') return value;
  const known = words.find(([word]) => word === text);
  if (known !== undefined && typeof known[1] === 'number') return known[1];
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? value : number;
}

function readList(reader: Reader, depth: number): Read {
  reader.at += 1;
  const items: Constant[] = [];
  if (take(reader, ']')) return items;
  do {
    const value = readValue(reader, depth + 1);
    if (value === failed) return failed;
    items.push(value);
  } while (take(reader, ','));
  return take(reader, ']') ? items : failed;
}

function readString(reader: Reader): string | typeof failed {
  const { text } = reader.source;
  let end = reader.at + 1;
  while (end < text.length && text[end] !== '"' && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
  if (text[end] !== '"') return failed;
  try {
    // The standard parser decodes the escapes; only a malformed one makes it throw. A string literal always gives a string.
    const value: unknown = JSON.parse(text.slice(reader.at, end + 1));
    if (typeof value !== 'string') return failed;
    reader.at = end + 1;
    return value;
  } catch {
    return failed;
  }
}

function readNumber(reader: Reader): Read {
  const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  pattern.lastIndex = reader.at;
  const [digits] = pattern.exec(reader.source.text) ?? [];
  if (digits === undefined) return failed;
  reader.at += digits.length;
  return Number(digits);
}

function notJson({ source, at }: Reader): Diagnostic {
  const place = Math.min(at, source.text.length);
  const before = source.text.slice(0, place);
  const line = before.split('\n').length;
  const column = place - (before.lastIndexOf('\n') + 1) + 1;
  const next = source.text[place];
  const found = next === undefined ? 'ends too early' : `cannot be read at ${JSON.stringify(next)}`;
  return {
    severity: 'error',
    code: 'config_not_json',
    message: `The config file ${found}, line ${line}, column ${column}.`,
    primary: { span: { source, start: place, end: Math.min(place + 1, source.text.length) }, text: '' },
    help: ['a config file is one JSON object, as published beside the weights'],
  };
}

function notAnObject(source: Source): Diagnostic {
  return {
    severity: 'error',
    code: 'config_not_an_object',
    message: 'The config file holds no JSON object.',
    primary: { span: { source, start: 0, end: Math.min(1, source.text.length) }, text: '' },
    help: ['a config file is one JSON object, as published beside the weights'],
  };
}
