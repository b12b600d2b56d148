// What to say where no statement or declaration begins.
import { EOF, type IToken } from 'chevrotain';
import type { Name as NameNode } from './ast.ts';
import {
  assignedToPart,
  emptyStatement,
  letterNeedsEquals,
  misplacedStatement,
  missingOperator,
  unexpectedToken,
  unknownSetting,
  unknownWord,
  unusedValue,
} from './errors.ts';
import { found } from './found.ts';
import type { Diagnostic, Source } from './source.ts';
import { closest } from './suggest.ts';
import {
  Colon,
  Comma,
  Dot,
  For,
  If,
  LeftBracket,
  LeftParenthesis,
  Name,
  Return,
  StringToken,
} from './tokens.ts';
import { bodyWords, declarationWords, modelWords } from './words.ts';

type Place = 'body' | 'model' | 'file';

const places: Readonly<Record<Place, string>> = {
  body: 'a mixer, block or function',
  model: 'a model',
  file: 'a file',
};
const reservedStatements = ['if', 'for', 'return'];

/** The mistake at a token that begins nothing known, seen with the two tokens behind it. */
export function unknownStatement(
  source: Source,
  place: Place,
  token: IToken,
  next: IToken,
  afterNext: IToken,
): Diagnostic {
  const name = nameOf(source, token);
  if (token.tokenType !== Name) return notAName(name, place, token);
  const belongs = placeOfWord(token.image, place);
  if (belongs !== undefined) return misplacedStatement(name, places[place], belongs);
  if (wordsOf(place).includes(token.image)) return emptyStatement(name);
  const meant = closest(token.image, wordsOf(place));
  if (meant !== undefined && (place !== 'body' || next.tokenType !== LeftParenthesis))
    return unknownWord(name, meant, places[place]);
  if (place === 'file') return unknownWord(name, undefined, places[place]);
  return place === 'model' ? inModel(name, next) : inBody(source, name, token, next, afterNext);
}

function inModel(name: NameNode, next: IToken): Diagnostic {
  return next.tokenType === Colon ? letterNeedsEquals(name) : unknownSetting(name);
}

function inBody(source: Source, name: NameNode, token: IToken, next: IToken, afterNext: IToken): Diagnostic {
  if (next.tokenType === LeftBracket && afterNext.tokenType === Name)
    return assignedToPart(spanTo(name, next));
  if (next.tokenType === LeftParenthesis || next.tokenType === Dot) return unusedValue(name.span);
  if (next.tokenType === Name && next.startLine === token.startLine)
    return unknownWord(name, undefined, places.body);
  if (next.tokenType === StringToken) return missingOperator(source, next, token);
  return unusedValue(name.span);
}

function notAName(name: NameNode, place: Place, token: IToken): Diagnostic {
  const isReserved = [If, For, Return].some((type) => type === token.tokenType);
  if (isReserved) return misplacedStatement(name, places[place], places.body);
  const examples =
    place === 'file' ? '`model`, `mixer`, `block`, `function` or `import`' : 'a word or a name';
  const behind =
    token.tokenType === Comma
      ? ['what is behind `in` ends a weight: `weight q : width -> key, bias in f32`']
      : [];
  return unexpectedToken(name.span, `a statement of ${places[place]}`, found(token), [
    `it begins with ${examples}`,
    ...behind,
  ]);
}

/** The place where a word does begin a statement, if it is not this one. */
function placeOfWord(word: string, place: Place): string | undefined {
  if (place !== 'body' && bodyWords.has(word) && !wordsOf(place).includes(word)) return places.body;
  if (place !== 'model' && modelWords.has(word) && !wordsOf(place).includes(word)) return places.model;
  if (place !== 'file' && declarationWords.has(word) && !wordsOf(place).includes(word)) return places.file;
  return undefined;
}

function wordsOf(place: Place): readonly string[] {
  if (place === 'file') return [...declarationWords, 'import'];
  return place === 'model' ? [...modelWords] : [...bodyWords, ...reservedStatements];
}

function nameOf(source: Source, token: IToken): NameNode {
  const isEnd = token.tokenType === EOF;
  const start = isEnd ? source.text.length : token.startOffset;
  return { text: token.image, span: { source, start, end: isEnd ? start : (token.endOffset ?? start) + 1 } };
}

function spanTo(name: NameNode, token: IToken): NameNode['span'] {
  return { ...name.span, end: (token.endOffset ?? name.span.end) + 1 };
}
