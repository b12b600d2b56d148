// Whether brackets match, and how deep they nest, seen before parsing.
import type { IToken } from 'chevrotain';
import { nestingTooDeep, unclosedBracket, unexpectedClosing } from './errors.ts';
import type { Diagnostic, Source, Span } from './source.ts';

/** How many brackets may be open at once. */
export const maximumBrackets = 64;

const pairs = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
] as const;
const closing: ReadonlyMap<string, string> = new Map(pairs);
const opening: ReadonlyMap<string, string> = new Map(pairs.map(([left, right]) => [right, left]));

/** More brackets without a partner than this are not worth reading. */
const maximumReports = 20;

/** What a look at the brackets gives: whether they match, and how many tokens may be parsed. */
export interface Brackets {
  readonly isUnbalanced: boolean;
  /** Fewer than all where the text nests too deep: the declarations before that. */
  readonly usable: number;
}

/** Reports each bracket without its partner, and the first that lies too deep. */
export function checkBrackets(tokens: readonly IToken[], source: Source, found: Diagnostic[]): Brackets {
  const open: IToken[] = [];
  let usable = 0;
  const before = found.length;
  for (const [index, token] of tokens.entries()) {
    if (closing.has(token.image)) {
      if (open.length === 0) usable = index;
      open.push(token);
      if (open.length > maximumBrackets) {
        found.push(nestingTooDeep(spanOf(token, source), maximumBrackets));
        return { isUnbalanced: true, usable: startOfDeclaration(tokens, usable) };
      }
    } else if (opening.has(token.image)) close(token, open, source, found);
  }
  for (const token of open) found.push(unclosed(token, source));
  const isUnbalanced = found.length > before;
  found.splice(before + maximumReports);
  return { isUnbalanced, usable: tokens.length };
}

function close(token: IToken, open: IToken[], source: Source, found: Diagnostic[]): void {
  const partner = opening.get(token.image);
  const index = open.findLastIndex((candidate) => candidate.image === partner);
  if (index < 0) {
    found.push(unexpectedClosing(spanOf(token, source), token.image));
    return;
  }
  for (const left of open.splice(index).slice(1)) {
    const text = 'this closes a bracket further out';
    found.push(unclosed(left, source, { span: spanOf(token, source), text }));
  }
}

function unclosed(token: IToken, source: Source, other?: { span: Span; text: string }): Diagnostic {
  return unclosedBracket(spanOf(token, source), token.image, closing.get(token.image) ?? '', other);
}

/** Back from an opening brace over the declaration's head, to the token behind the last complete declaration. */
function startOfDeclaration(tokens: readonly IToken[], index: number): number {
  let start = index;
  while (start > 0 && tokens[start - 1]?.image !== '}') start--;
  return start;
}

function spanOf(token: IToken, source: Source): Span {
  return { source, start: token.startOffset, end: token.startOffset + token.image.length };
}
