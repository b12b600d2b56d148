// Tensor names with braces: `model.layers.{i}.experts.{expert + 1}.`
import type { Span } from '../../grammar/source.ts';
import { TENSORS_JOINED } from '../../runtime/plan.ts';

/** A piece of a tensor name with the place it was written. A name is several: the layer's prefix, the letter's, its own. */
export interface PatternPart {
  readonly text: string;
  readonly span?: Span;
  /** Names that stand in the same place for tensors that follow in the same weight: `"q" + "k"`. */
  readonly and?: readonly PatternPart[];
}
export type Pattern = readonly PatternPart[];

export type PatternProblem =
  | { readonly kind: 'unknownName'; readonly name: string; readonly span?: Span }
  | { readonly kind: 'malformed'; readonly text: string; readonly span?: Span }
  | { readonly kind: 'notIndex'; readonly text: string; readonly value: number; readonly span?: Span };

/** The name with every brace replaced by its value; `lookup` knows the numbers. Tensors that belong together are one name with ` + `. */
export function expandPattern(
  pattern: Pattern,
  lookup: (name: string) => number | undefined,
): string | PatternProblem {
  const names: string[] = [];
  for (const each of joined(pattern)) {
    const name = expandOne(each, lookup);
    if (typeof name !== 'string') return name;
    names.push(name);
  }
  return names.join(TENSORS_JOINED);
}

/** A pattern for each of the tensors that are taken for one. */
function joined(pattern: Pattern): readonly Pattern[] {
  const [last] = pattern.slice(-1);
  return [pattern, ...(last?.and ?? []).map((part) => [...pattern.slice(0, -1), part])];
}

function expandOne(pattern: Pattern, lookup: (name: string) => number | undefined): string | PatternProblem {
  let result = '';
  for (const part of pattern) {
    for (const piece of splitBraces(part.text)) {
      if (!piece.brace) {
        result += piece.text;
        continue;
      }
      const value = evaluateBrace(piece.text, lookup);
      if (typeof value === 'number') result += value;
      else return { ...value, ...(part.span && { span: part.span }) };
    }
  }
  return result;
}

/** Every name that stands in a brace of the pattern. */
export function namesInPattern(pattern: Pattern): ReadonlySet<string> {
  const braces = joined(pattern)
    .flat()
    .flatMap((part) => splitBraces(part.text))
    .filter((piece) => piece.brace);
  return new Set(braces.flatMap((piece) => piece.text.match(/[A-Za-z_]\w*/g) ?? []));
}

/** The pieces of a name between its braces. */
export function withoutBraces(text: string): readonly string[] {
  return splitBraces(text).flatMap((piece) => (piece.brace ? [] : [piece.text]));
}

/** The pattern with `*` for every brace, for lists of ignored tensors. */
export function starPattern(pattern: Pattern): string {
  const pieces = pattern.flatMap((part) => splitBraces(part.text));
  return pieces.map((piece) => (piece.brace ? '*' : piece.text)).join('');
}

/** Alternatives multiply from level to level; more than these are not looked for. */
const mostAlternatives = 256;

/** The alternatives of a prefix followed by those of a name; a name that starts with `/` stands alone. */
export function joinPatterns(
  prefixes: readonly Pattern[],
  names: readonly PatternPart[],
): readonly Pattern[] {
  return names
    .slice(0, mostAlternatives)
    .flatMap((name) =>
      name.text.startsWith('/')
        ? [[{ ...name, text: name.text.slice(1) }]]
        : prefixes.map((prefix) => [...prefix, name]),
    )
    .slice(0, mostAlternatives);
}

function splitBraces(text: string): readonly { readonly text: string; readonly brace: boolean }[] {
  return text
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const brace = piece.startsWith('{') && piece.endsWith('}');
      return { text: brace ? piece.slice(1, -1) : piece, brace };
    });
}

type BraceProblem = PatternProblem;

interface Reader {
  readonly tokens: readonly string[];
  readonly lookup: (name: string) => number | undefined;
  at: number;
  problem?: BraceProblem;
}

/** Constant arithmetic: `i`, `i + 1`, `2 * (expert - 1)`. The result counts something, so it is whole and not negative. */
function evaluateBrace(text: string, lookup: (name: string) => number | undefined): number | BraceProblem {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|\S/g) ?? [];
  if (tokens.length > 100) return { kind: 'malformed', text };
  const reader: Reader = { tokens, lookup, at: 0 };
  const value = readSum(reader);
  if (reader.problem !== undefined) return reader.problem;
  if (value === undefined || reader.at < tokens.length) return { kind: 'malformed', text };
  return Number.isSafeInteger(value) && value >= 0 ? value : { kind: 'notIndex', text, value };
}

function readSum(reader: Reader): number | undefined {
  let value = readProduct(reader);
  while (value !== undefined && ['+', '-'].includes(reader.tokens[reader.at] ?? '')) {
    const operator = reader.tokens[reader.at];
    reader.at += 1;
    const right = readProduct(reader);
    if (right === undefined) return undefined;
    value = operator === '+' ? value + right : value - right;
  }
  return value;
}

function readProduct(reader: Reader): number | undefined {
  let value = readAtom(reader);
  while (value !== undefined && ['*', '/', '%'].includes(reader.tokens[reader.at] ?? '')) {
    const operator = reader.tokens[reader.at];
    reader.at += 1;
    const right = readAtom(reader);
    if (right === undefined) return undefined;
    value = operator === '*' ? value * right : operator === '/' ? value / right : value % right;
  }
  return value;
}

function readAtom(reader: Reader): number | undefined {
  const token = reader.tokens[reader.at];
  reader.at += 1;
  if (token === undefined) return undefined;
  if (/^\d/.test(token)) return Number(token);
  if (/^[A-Za-z_]/.test(token)) {
    const value = reader.lookup(token);
    if (value === undefined) reader.problem ??= { kind: 'unknownName', name: token };
    return value;
  }
  if (token !== '(') return undefined;
  const value = readSum(reader);
  const closed = reader.tokens[reader.at] === ')';
  reader.at += 1;
  return closed ? value : undefined;
}

/** `*` stands for any run of characters; matched without backtracking over the whole name. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const pieces = pattern.split('*');
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
      return false;
    let at = first.length;
    for (const piece of pieces.slice(1, -1)) {
      const next = name.indexOf(piece, at);
      if (next < 0) return false;
      at = next + piece.length;
    }
    return at <= name.length - last.length;
  };
}
