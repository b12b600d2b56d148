// Lines of a source: which one an offset lies on, and its text.
import type { Source } from './source.ts';

export interface Position {
  /** From 1. */
  readonly line: number;
  /** Characters from 1, as editors count. */
  readonly column: number;
}

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  readonly text: string;
}

/** The line that an offset lies on. LF, CRLF and CR end lines. */
export function lineAt(source: Source, offset: number): Line {
  const { text } = source;
  const place = Math.min(Math.max(offset, 0), text.length);
  let number = 1;
  let start = 0;
  for (let index = 0; index < place; index++) {
    const code = text.charCodeAt(index);
    if (code !== 10 && code !== 13) continue;
    if (code === 13 && text.charCodeAt(index + 1) === 10) {
      // An offset between CR and LF still lies on the line that they end.
      if (index + 1 >= place) break;
      index++;
    }
    number++;
    start = index + 1;
  }
  return { number, start, text: text.slice(start, endOfLine(text, start)) };
}

/** Where an offset is, for people: line and column from 1. A byte order mark has no column. */
export function positionOf(source: Source, offset: number): Position {
  const line = lineAt(source, offset);
  const before = line.text.slice(0, Math.max(0, offset - line.start)).replace(/^\uFEFF/, '');
  return { line: line.number, column: [...before].length + 1 };
}

function endOfLine(text: string, start: number): number {
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 10 || code === 13) return index;
  }
  return text.length;
}
