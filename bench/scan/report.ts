// The tables of a bench of recurrences, for a terminal and for a page.
import type { CountRow } from './count.ts';
import { ROWS } from './model.ts';
import { SIZES } from './recurrences.ts';

export interface TimeRow {
  readonly class: string;
  readonly tokens: number;
  readonly what: string;
  /** Milliseconds. */
  readonly median: number;
  readonly least: number;
  readonly repeats: number;
  /** The largest difference of the last token's logits from this project's, where it is another's row. */
  readonly difference?: number;
}

export interface ScanReport {
  readonly command: string;
  readonly date: string;
  readonly adapter: string | null;
  readonly shape: typeof SIZES;
  readonly counts: readonly CountRow[];
  readonly times: readonly TimeRow[];
  /** What was not timed, and why. */
  readonly notes: readonly string[];
}

export function reportText({ command, date, adapter, counts, times, notes }: ScanReport): string {
  const { heads, key, value, state } = SIZES;
  const shape = `${heads} heads of ${key} keys × ${value} values; class D: ${heads * value} channels of ${state}`;
  const lines = [
    `# ${command}`,
    '',
    `${date}; ${adapter ?? 'nothing was timed'}. ${shape}; f32; one run of all tokens, whose operands repeat after ${ROWS}.`,
    '',
    '## Counted, for the whole run at WebGPU’s default limits',
    '',
    ...table([
      ['class', 'tokens', 'schedule', 'FLOPs', 'bytes', 'barriers per token', 'workgroups', 'dispatches'],
      ...counts.map((row) => [
        row.class,
        whole(row.tokens),
        row.schedule,
        scaled(row.flops),
        scaled(row.bytes),
        row.barriersPerToken.toFixed(3),
        whole(row.workgroups),
        whole(row.dispatches),
      ]),
    ]),
    '',
  ];
  if (times.length > 0)
    lines.push(
      '## Measured: milliseconds from the call to the end of its work on the device',
      '',
      ...table([
        ['class', 'tokens', 'runs', 'median', 'least', 'repeats', 'difference'],
        ...times.map((row) => [
          row.class,
          whole(row.tokens),
          row.what,
          row.median.toFixed(1),
          row.least.toFixed(1),
          whole(row.repeats),
          row.difference?.toExponential(1) ?? '',
        ]),
      ]),
      '',
    );
  return `${[...lines, ...notes.map((note) => `- ${note}`)].join('\n').trimEnd()}\n`;
}

/** A Markdown table with aligned columns; the first and the third are text. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
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

function isText(column: number): boolean {
  return column === 0 || column === 2;
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}

function scaled(value: number): string {
  const units = ['', ' k', ' M', ' G'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${(value / 1000 ** power).toPrecision(3)}${units[power]}`;
}
