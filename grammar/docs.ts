// Documentation: the `///` lines above a declaration.
import type { IToken } from 'chevrotain';
import type { Text } from './ast.ts';
import type { Source } from './source.ts';

/** The text of the `///` lines between two tokens, without the slashes. */
export function docAbove(
  comments: readonly Text[],
  declaration: IToken,
  previous: IToken,
  source: Source,
): string | undefined {
  if (comments.length === 0) return undefined;
  const after = Number.isNaN(previous.startOffset) ? 0 : (previous.endOffset ?? 0);
  const between = comments.filter(({ span }) => span.start >= after && span.end <= declaration.startOffset);
  const lines = between
    .filter((comment) => isDoc(comment, source))
    .map((comment) => comment.value.replace(/^\/\/\/ ?/, '').trimEnd());
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** A `///` comment that has its line to itself. */
export function isDoc(comment: Text, source: Source): boolean {
  if (!/^\/\/\/(?!\/)/.test(comment.value)) return false;
  const lineStart = Math.max(
    source.text.lastIndexOf('\n', comment.span.start - 1),
    source.text.lastIndexOf('\r', comment.span.start - 1),
  );
  return /^[\s\uFEFF]*$/.test(source.text.slice(lineStart + 1, comment.span.start));
}
