// Writing pieces to lines: comments, blank lines between groups, and aligned columns.
import type { Text } from './ast.ts';
import { flat, lay, lineWidth } from './layout.ts';
import type { Block, Piece } from './piece.ts';
import type { Source } from './source.ts';

const step = '  ';
/** Heads that differ by more than this are not aligned. */
const maximumGap = 24;

/** The text of a whole file. */
export function writePieces(source: Source, pieces: readonly Piece[], comments: readonly Text[]): string {
  const writer = new Writer(source, comments);
  writer.pieces(pieces, '', source.text.length + 1);
  return writer.text();
}

/** Holds the lines written and the comments not yet written; it lives for one file. */
class Writer {
  private readonly lines: string[] = [];
  private readonly source: Source;
  private readonly comments: readonly Text[];
  private next = 0;
  /** The offset behind what was written last, or nothing at the start of a body. */
  private lastEnd: number | undefined;

  constructor(source: Source, comments: readonly Text[]) {
    this.source = source;
    this.comments = comments;
  }

  text(): string {
    return this.lines.length === 0 ? '' : `${this.lines.join('\n')}\n`;
  }

  /** The pieces of one body, and the comments up to its end. */
  pieces(pieces: readonly Piece[], indent: string, end: number): void {
    const padding = paddings(pieces, (before, after) => this.isNextLine(before, after), indent);
    for (const [index, piece] of pieces.entries()) {
      this.piece(piece, indent, padding[index] ?? 0, pieces[index + 1]?.span.start ?? end);
    }
    this.commentsBefore(end, indent);
  }

  private piece(piece: Piece, indent: string, padding: number, nextStart: number): void {
    const blocks = piece.blocks ?? [];
    const ownEnd = blocks[0]?.start ?? piece.span.end;
    // Comments within a statement move above it: its lines may be joined.
    this.commentsBefore(piece.span.start, indent);
    this.blankLine(piece.span.start, indent === '' && piece.blocks !== undefined);
    // The blank line, if there is one, was written above them.
    this.lastEnd = undefined;
    this.commentsBefore(ownEnd, indent, true);
    const head = `${indent}${piece.head.replaceAll('\n', `\n${indent}`)}${' '.repeat(padding)}`;
    const column = head.length - (head.lastIndexOf('\n') + 1);
    const opening = blocks.length === 0 ? '' : '{';
    this.lines.push(`${head}${lay(piece.tail, indent, column + opening.length)}${opening}`);
    for (const [index, block] of blocks.entries()) this.block(block, indent, blocks[index + 1]);
    this.lastEnd = piece.span.end;
    this.trailingComment(piece.span.end, nextStart);
  }

  private block(block: Block, indent: string, following: Block | undefined): void {
    this.lastEnd = undefined;
    const before = this.lines.length;
    this.pieces(block.pieces, `${indent}${step}`, block.end);
    const isEmpty = this.lines.length === before;
    const closing = following === undefined ? '}' : `} ${following.lead}{`;
    const last = this.lines.length - 1;
    if (isEmpty) this.lines[last] = `${this.lines[last]} ${closing}`;
    else this.lines.push(`${indent}${closing}`);
  }

  /** Comments that begin before an offset, each on a line of its own. */
  private commentsBefore(end: number, indent: string, isInside = false): void {
    for (let comment = this.comments[this.next]; comment !== undefined; comment = this.comments[this.next]) {
      if (comment.span.start >= end) return;
      this.blankLine(comment.span.start, false);
      // On a line of its own above a declaration, three slashes would begin to document it.
      const isMoved = isInside || !this.isOwnLine(comment.span.start);
      this.lines.push(`${indent}${isMoved ? comment.value.replace(/^\/{3,}/, '//') : comment.value}`);
      this.lastEnd = comment.span.end;
      this.next++;
    }
  }

  /** A comment behind a statement on its line stays there. */
  private trailingComment(end: number, nextStart: number): void {
    const comment = this.comments[this.next];
    if (comment === undefined || comment.span.start < end || comment.span.start >= nextStart) return;
    if (!this.isBehind(end, comment.span.start)) return;
    const last = this.lines.length - 1;
    this.lines[last] = `${this.lines[last]} ${comment.value}`;
    this.lastEnd = comment.span.end;
    this.next++;
  }

  /** At most one blank line where the source has some; always one before a declaration. */
  private blankLine(start: number, isDeclaration: boolean): void {
    if (this.lastEnd === undefined) return;
    if (isDeclaration && !this.followsComment()) this.lines.push('');
    else if (this.isGap(this.lastEnd, start)) this.lines.push('');
  }

  /** A declaration keeps the comment above it. */
  private followsComment(): boolean {
    const last = this.lines.at(-1)?.split('\n').at(-1) ?? '';
    return last.trimStart().startsWith('//');
  }

  private isGap(from: number, to: number): boolean {
    return /(?:\r\n|\r(?!\n)|\n)[^\S\r\n]*(?:\r\n|\r|\n)/.test(
      this.source.text.slice(from, to).replaceAll(/\/\/\/[^\r\n]*/g, 'doc'),
    );
  }

  /** Whether nothing but one line end lies between two pieces, once the comments inside the second stand above it. */
  private isNextLine(before: Piece, after: Piece): boolean {
    const between = this.comments.filter(
      ({ span }) => span.start >= before.span.end && span.start < after.span.end,
    );
    if (between.some(({ span }) => !this.isBehind(before.span.end, span.start))) return false;
    return !this.isGap(before.span.end, after.span.start);
  }

  /** Whether a comment stands on the line where a piece ends. */
  private isBehind(end: number, start: number): boolean {
    return !/[\r\n}]/.test(this.source.text.slice(end, start));
  }

  private isOwnLine(start: number): boolean {
    const { text } = this.source;
    const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
    return text.slice(lineStart, start).trim() === '';
  }
}

/** How many spaces go behind each head, so that the tails of a run of like pieces are aligned. */
function paddings(
  pieces: readonly Piece[],
  isNextLine: (before: Piece, after: Piece) => boolean,
  indent: string,
): number[] {
  const padding = pieces.map(() => 0);
  let start = 0;
  for (let index = 1; index <= pieces.length; index++) {
    const before = pieces[index - 1];
    const piece = pieces[index];
    if (before === undefined) continue;
    const goesOn =
      piece !== undefined &&
      piece.align !== undefined &&
      piece.align === before.align &&
      isNextLine(before, piece);
    if (goesOn) continue;
    align(pieces.slice(start, index), start, padding, indent);
    start = index;
  }
  return padding;
}

function align(run: readonly Piece[], start: number, padding: number[], indent: string): void {
  const widths = run.map((piece) => piece.head.length);
  const widest = Math.max(...widths);
  if (run.length < 2 || widest - Math.min(...widths) > maximumGap) return;
  // Where padding would make a line too long, the run keeps its ragged columns.
  if (run.some((piece) => indent.length + widest + flat(piece.tail).length > lineWidth)) return;
  for (const [index, width] of widths.entries()) padding[start + index] = widest - width;
}
