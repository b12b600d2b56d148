// Where a body begins and ends in the source, so that its comments stay inside it.
import type { Block, Piece } from './piece.ts';
import type { Span } from './source.ts';

/** The braces around pieces of a statement; `after` is an offset before the opening brace. */
export function bodyBlock(lead: string, pieces: readonly Piece[], span: Span, after = span.start): Block {
  const lastEnd = pieces.at(-1)?.span.end ?? openingBrace(span, after) + 1;
  const end = closingBrace(span, lastEnd);
  return { lead, pieces, start: Math.min(openingBrace(span, after), end), end };
}

function openingBrace(span: Span, after: number): number {
  return find(span, after, '{');
}

function closingBrace(span: Span, after: number): number {
  return find(span, after, '}');
}

/** The next such sign that is in no comment and no string. */
function find(span: Span, after: number, sign: string): number {
  const { text } = span.source;
  for (let index = after; index < span.end; index++) {
    const character = text[index];
    if (character === sign) return index;
    if (character === '"') index = endOfString(text, index);
    if (character === '/' && text[index + 1] === '/') index = endOfLine(text, index);
  }
  return span.end;
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}

function endOfLine(text: string, start: number): number {
  let index = start;
  while (index < text.length && text[index] !== '\n' && text[index] !== '\r') index++;
  return index;
}
