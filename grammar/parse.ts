// From a text to its syntax tree: lex, look at the brackets, parse, and check that the tree is no deeper than can be walked.
import type { File } from './ast.ts';
import { checkBrackets } from './brackets.ts';
import { maximumTreeDepth, tooDeepNode } from './depth.ts';
import { nestingTooDeep, sourceTooLong } from './errors.ts';
import { lex } from './lexer.ts';
import { Parser } from './parser.ts';
import type { Diagnostic, Source } from './source.ts';
import { withoutEchoes } from './echoes.ts';

/** A file and what is wrong with it; the file has whatever could be read. */
export interface Parsed {
  readonly value: File;
  readonly diagnostics: readonly Diagnostic[];
}

/** The longest text that is read, in UTF-16 units: far beyond any file, short enough to stay quick. */
export const maximumLength = 4_000_000;

/** One parser for the process: Chevrotain analyses its grammar once, and each call begins it anew. */
const parser = new Parser();

/** Reads a .hyb text. Mistakes become diagnostics; several are found in one run. */
export function parse(source: Source): Parsed {
  const found: Diagnostic[] = [];
  const start = { source, start: 0, end: 0 };
  if (source.text.length > maximumLength) {
    return {
      value: emptyFile(source),
      diagnostics: [sourceTooLong(start, source.text.length, maximumLength)],
    };
  }
  const { tokens, comments } = lex(source, found);
  const { isUnbalanced, usable } = checkBrackets(tokens, source, found);
  const readable = usable === tokens.length ? tokens : tokens.slice(0, usable);
  const value = parser.read(source, readable, comments, found, isUnbalanced);
  const deep = tooDeepNode(value, maximumTreeDepth);
  if (deep === undefined) return { value, diagnostics: withoutEchoes(found) };
  found.push(nestingTooDeep({ ...deep.span, end: deep.span.start + 1 }, maximumTreeDepth));
  return { value: emptyFile(source), diagnostics: withoutEchoes(found) };
}

function emptyFile(source: Source): File {
  const span = { source, start: 0, end: source.text.length };
  return { kind: 'file', source, imports: [], declarations: [], comments: [], span };
}
