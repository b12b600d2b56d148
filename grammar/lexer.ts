// From text to tokens, with a message for every character that is none.
import { Lexer, type IToken, type TokenType } from 'chevrotain';
import type { Text } from './ast.ts';
import {
  controlCharacter,
  foreignComment,
  foreignSign,
  malformedNumber,
  numberTooLarge,
  unexpectedCharacter,
  unknownEscape,
  unterminatedString,
} from './errors.ts';
import type { Diagnostic, Source } from './source.ts';
import { unknownEscapes } from './strings.ts';
import {
  allTokens,
  And,
  Arrow,
  AtLeast,
  AtMost,
  Caret,
  EqualTo,
  Equals,
  Foreign,
  Minus,
  Name,
  Not,
  NotEqualTo,
  NumberToken,
  Or,
  Slash,
  Star,
  StringToken,
  UnterminatedString,
} from './tokens.ts';

export interface Lexed {
  readonly tokens: IToken[];
  readonly comments: readonly Text[];
}

/** More mistakes of one kind than this are not worth reading. */
const maximumReports = 20;

/** The lexer holds no state between texts; building it once is what Chevrotain asks for. */
const lexer = new Lexer(allTokens, {
  ensureOptimizations: true,
  lineTerminatorsPattern: /\r\n|\r|\n/g,
  lineTerminatorCharacters: ['\n', '\r'],
});

/** Splits a text; what cannot be read is reported and left out. */
export function lex(source: Source, found: Diagnostic[]): Lexed {
  reportControlCharacters(source, found);
  const { tokens, errors, groups } = lexer.tokenize(source.text);
  for (const { offset, length } of errors.slice(0, maximumReports)) {
    const text = String.fromCodePoint(source.text.codePointAt(offset) ?? 0);
    // A run of unknown characters is one mistake.
    found.push(unexpectedCharacter({ source, start: offset, end: offset + length }, text));
  }
  return {
    tokens: understand(tokens, source, found),
    comments: (groups['comments'] ?? []).map(commentOf(source)),
  };
}

// Control characters but tab and line ends, and those that reorder text without being seen.
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for.
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;

function reportControlCharacters(source: Source, found: Diagnostic[]): void {
  let count = 0;
  for (const match of source.text.matchAll(control)) {
    if (++count > maximumReports) return;
    found.push(
      controlCharacter({ source, start: match.index, end: match.index + 1 }, match[0].charCodeAt(0)),
    );
  }
}

function commentOf(source: Source): (token: IToken) => Text {
  return (token) => {
    const start = token.startOffset;
    return {
      kind: 'text',
      value: token.image.trimEnd(),
      span: { source, start, end: start + token.image.length },
    };
  };
}

/** Looks at what patterns alone cannot tell: numbers run into names, escapes, signs of other languages. */
function understand(tokens: IToken[], source: Source, found: Diagnostic[]): IToken[] {
  const kept: IToken[] = [];
  for (const token of tokens) {
    const span = { source, start: token.startOffset, end: token.startOffset + token.image.length };
    const previous = kept.at(-1);
    if (token.tokenType === NumberToken && !Number.isFinite(Number(token.image.replaceAll('_', '')))) {
      found.push(numberTooLarge(span, token.image));
    }
    if (previous !== undefined && isRunIntoNumber(previous, token)) {
      const start = previous.startOffset;
      found.push(malformedNumber({ source, start, end: span.end }, source.text.slice(start, span.end)));
      continue;
    }
    if (token.tokenType === UnterminatedString) {
      found.push(unterminatedString(span));
      token.tokenType = StringToken;
      retype(token);
    }
    if (token.tokenType === StringToken) reportEscapes(token, source, found);
    if (token.tokenType === Foreign && !translate(token, source, found)) continue;
    kept.push(token);
  }
  return kept;
}

function isRunIntoNumber(previous: IToken, token: IToken): boolean {
  if (previous.tokenType !== NumberToken || previous.endOffset !== token.startOffset - 1) return false;
  return token.tokenType === Name || token.tokenType === NumberToken;
}

function reportEscapes(token: IToken, source: Source, found: Diagnostic[]): void {
  for (const { offset, length } of unknownEscapes(token.image)) {
    const start = token.startOffset + offset;
    found.push(
      unknownEscape({ source, start, end: start + length }, token.image.slice(offset, offset + length)),
    );
  }
}

/** Replaces a sign of another language by ours, with a message; false where there is none. */
function translate(token: IToken, source: Source, found: Diagnostic[]): boolean {
  const span = { source, start: token.startOffset, end: token.startOffset + token.image.length };
  if (token.image.startsWith('#') || token.image.startsWith('/*')) {
    found.push(foreignComment(span));
    return false;
  }
  if (/^['“”„]/.test(token.image)) {
    found.push(
      foreignSign(span, token.image.slice(0, 1), 'strings stand in straight double quotes: `"text"`'),
    );
    token.tokenType = StringToken;
    retype(token);
    return true;
  }
  const meant = translations.get(token.image) ?? {
    type: Equals,
    image: '=',
    help: 'write the operation out: `h = h * x`',
  };
  found.push(foreignSign(span, token.image, meant.help));
  token.tokenType = meant.type;
  token.image = meant.image;
  retype(token);
  return true;
}

/** Chevrotain matches by a number that belongs to the token's type. */
function retype(token: IToken): void {
  if (token.tokenType.tokenTypeIdx !== undefined) token.tokenTypeIdx = token.tokenType.tokenTypeIdx;
}

const translations: ReadonlyMap<string, { type: TokenType; image: string; help: string }> = new Map([
  ['**', { type: Caret, image: '^', help: 'a power is written `^`' }],
  [
    '@',
    {
      type: Star,
      image: '*',
      help: 'a weight `a -> b` is applied like a function, `up(u)`; `sum(x * y, axis)` contracts',
    },
  ],
  ['&&', { type: And, image: 'and', help: 'write `and`' }],
  ['||', { type: Or, image: 'or', help: 'write `or`' }],
  ['!', { type: Not, image: 'not', help: 'write `not`' }],
  ['===', { type: EqualTo, image: '==', help: 'write `==`' }],
  ['!==', { type: NotEqualTo, image: '!=', help: 'write `!=`' }],
  ['=>', { type: Arrow, image: '->', help: 'a map is written `width -> heads`; at least is `>=`' }],
  [':=', { type: Equals, image: '=', help: 'write `=`' }],
  ['≤', { type: AtMost, image: '<=', help: 'write `<=`' }],
  ['≥', { type: AtLeast, image: '>=', help: 'write `>=`' }],
  ['≠', { type: NotEqualTo, image: '!=', help: 'write `!=`' }],
  ['→', { type: Arrow, image: '->', help: 'write `->`' }],
  ['−', { type: Minus, image: '-', help: 'write the minus sign of the keyboard, `-`' }],
  ['·', { type: Star, image: '*', help: 'write `*`' }],
  ['÷', { type: Slash, image: '/', help: 'write `/`' }],
]);
