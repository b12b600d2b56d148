// The tables of a bench of recurrences, for a terminal and for a page.
import { scaled, table, type Timed, timeLines, whole } from '../table.ts';
import type { CountRow } from './count.ts';
import { ROWS } from './model.ts';
import { SIZES } from './recurrences.ts';

/** Differences are of the last token's logits from this project's, where it is another's row. */
export interface TimeRow extends Timed {
  readonly class: string;
  readonly what: string;
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
  lines.push(
    ...timeLines(
      ['class', 'runs'],
      times.map((row) => [row.class, row.what, row]),
    ),
  );
  return `${[...lines, ...notes.map((note) => `- ${note}`)].join('\n').trimEnd()}\n`;
}
