// What a token is called in a message, and where a message about a missing thing points.
import { EOF, type IToken } from 'chevrotain';
import type { Source, Span } from './source.ts';

/** `the end of the file`, or the token as written, shortened. */
export function found(token: IToken): string {
  if (token.tokenType === EOF) return 'the end of the file';
  const text = token.image.length > 24 ? `${token.image.slice(0, 23)}…` : token.image;
  return `\`${text}\``;
}

/** The token found; but where it begins another line, the place just behind the one before. */
export function placeOf(source: Source, token: IToken, previous: IToken): Span {
  const isEnd = token.tokenType === EOF || token.startLine !== previous.endLine;
  const hasPrevious = !Number.isNaN(previous.startOffset) && previous.endOffset !== undefined;
  if (isEnd && hasPrevious) {
    const end = (previous.endOffset ?? 0) + 1;
    return { source, start: end, end };
  }
  if (token.tokenType === EOF) return { source, start: source.text.length, end: source.text.length };
  return { source, start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1 };
}
