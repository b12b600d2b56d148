// One line of source in a frame, with its labels drawn below it.
import { layOut, type ShownLine } from './columns.ts';
import type { Line } from './lines.ts';
import type { Diagnostic } from './source.ts';

/** Offsets within a line, from start to end, with what is said about them. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly isPrimary: boolean;
}

export type Style = Diagnostic['severity'] | 'message' | 'code' | 'frame' | 'secondary' | 'help';
export type Paint = (text: string, style: Style) => string;

/** A line longer than this is cut around its labels. */
const maximumWidth = 110;
/** What is kept before the first label of a line that is cut. */
const contextWidth = 40;

interface Drawn {
  /** Columns in the shown part of the line. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly style: Style;
  readonly sign: string;
}

/** The line with its number, the row of carets, and a row for each label that does not fit behind them. */
export function drawLine(
  line: Line,
  marks: readonly Mark[],
  gutter: number,
  severity: Diagnostic['severity'],
  paint: Paint,
): string[] {
  const shown = layOut(line.text);
  const { text, columnOf } = window(shown, marks);
  const drawn = marks
    .map((mark) => draw(mark, columnOf, severity))
    .toSorted((a, b) => a.from - b.from || a.to - b.to);
  const number = paint(` ${String(line.number).padStart(gutter)} │`, 'frame');
  const empty = `${' '.repeat(gutter + 2)}${paint('│', 'frame')}`;
  const rows = [caretRow(drawn, paint), ...textRows(drawn, paint)];
  return [`${number} ${text}`.trimEnd(), ...rows.map((row) => `${empty} ${row}`.trimEnd())];
}

function draw(mark: Mark, columnOf: (offset: number) => number, severity: Diagnostic['severity']): Drawn {
  const from = columnOf(mark.start);
  return {
    from,
    // An empty place still shows one caret.
    to: Math.max(from + 1, columnOf(mark.end)),
    text: mark.text,
    style: mark.isPrimary ? severity : 'secondary',
    sign: mark.isPrimary ? '^' : '-',
  };
}

/** The part of a line that is shown, and where its offsets fall in it. */
function window(
  shown: ShownLine,
  marks: readonly Mark[],
): { text: string; columnOf: (offset: number) => number } {
  const total = shown.columns.at(-1) ?? 0;
  const at = (offset: number): number => shown.columns[Math.min(offset, shown.columns.length - 1)] ?? 0;
  if (total <= maximumWidth) {
    return { text: shown.cells.map((cell) => cell.text).join(''), columnOf: at };
  }
  const focus = marks.find((mark) => mark.isPrimary) ?? marks[0];
  const left = Math.max(0, Math.min(at(focus?.start ?? 0) - contextWidth, total - maximumWidth));
  const right = left + maximumWidth;
  const inside = shown.cells.filter((cell) => cell.column >= left && cell.column + cell.width <= right);
  const before = left > 0 ? '…' : '';
  const after = right < total ? '…' : '';
  const start = inside[0]?.column ?? left;
  const columnOf = (offset: number): number =>
    Math.max(0, Math.min(at(offset) - start, maximumWidth)) + before.length;
  return { text: `${before}${inside.map((cell) => cell.text).join('')}${after}`, columnOf };
}

/** All carets, the primary label's over the others', and the text of the last label. */
function caretRow(drawn: readonly Drawn[], paint: Paint): string {
  const signs: Drawn[] = [];
  for (const label of drawn.toSorted((a, b) => Number(a.sign === '^') - Number(b.sign === '^'))) {
    for (let column = label.from; column < label.to; column++) signs[column] = label;
  }
  const last = drawn.at(-1);
  const text = last === undefined || !endsRow(last, drawn) ? '' : ` ${last.text}`;
  return `${paintRow(signs, paint)}${text === ' ' ? '' : paint(text, last?.style ?? 'secondary')}`;
}

function paintRow(signs: readonly (Drawn | undefined)[], paint: Paint): string {
  let row = '';
  for (let column = 0; column < signs.length;) {
    const label = signs[column];
    let end = column + 1;
    while (end < signs.length && signs[end] === label) end++;
    row +=
      label === undefined ? ' '.repeat(end - column) : paint(label.sign.repeat(end - column), label.style);
    column = end;
  }
  return row;
}

/** Whether the text behind the carets of the last label touches no other label's carets. */
function endsRow(last: Drawn, drawn: readonly Drawn[]): boolean {
  return drawn.every((label) => label === last || label.to <= last.to);
}

/** From right to left, a row with the text of each label that is not said behind the carets. */
function textRows(drawn: readonly Drawn[], paint: Paint): string[] {
  const last = drawn.at(-1);
  const left = drawn.filter((label) => label.text !== '' && !(label === last && endsRow(label, drawn)));
  return left.toReversed().map((label) => {
    const bars = left.filter((other) => other.from < label.from);
    let row = '';
    let column = 0;
    for (const bar of bars) {
      if (bar.from < column) continue;
      row += `${' '.repeat(bar.from - column)}${paint('│', bar.style)}`;
      column = bar.from + 1;
    }
    return `${row}${' '.repeat(label.from - column)}${paint(label.text, label.style)}`;
  });
}
