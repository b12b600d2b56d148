// Tables in Markdown, and numbers in their cells.

/** A Markdown table with aligned columns; those that are text begin at the left. */
export function table(
  rows: readonly (readonly string[])[],
  text: readonly number[] = [0, 2],
): readonly string[] {
  const isText = (column: number): boolean => text.includes(column);
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row
      .map((cell, column) =>
        isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [head = [], ...others] = rows;
  return [line(head), line(rule), ...others.map(line)];
}

/** What a table of times says of one thing. */
export interface Timed {
  readonly tokens: number;
  /** Milliseconds. */
  readonly median: number;
  readonly least: number;
  readonly repeats: number;
  /** From another's result, relative or not as the report says. */
  readonly difference?: number;
}

/** The part of a report that has times; `kind` and `way` head the columns of text beside the tokens. */
export function timeLines(
  [kind, way]: readonly [string, string],
  rows: readonly (readonly [kind: string, way: string, timed: Timed])[],
): readonly string[] {
  if (rows.length === 0) return [];
  return [
    '## Measured: milliseconds from the call to the end of its work on the device',
    '',
    ...table([
      [kind, 'tokens', way, 'median', 'least', 'repeats', 'difference'],
      ...rows.map(([what, how, { tokens, median, least, repeats, difference }]) => [
        what,
        whole(tokens),
        how,
        median.toFixed(1),
        least.toFixed(1),
        whole(repeats),
        difference?.toExponential(1) ?? '',
      ]),
    ]),
    '',
  ];
}

export function whole(value: number): string {
  return value.toLocaleString('en-US');
}

export function scaled(value: number): string {
  const units = ['', ' k', ' M', ' G'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${(value / 1000 ** power).toPrecision(3)}${units[power]}`;
}
