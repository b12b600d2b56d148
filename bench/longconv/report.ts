// The tables of a bench of long convolutions, for a terminal and for a page.
import { scaled, table, type Timed, timeLines, whole } from '../table.ts';
import type { ConvCountRow, Crossing } from './count.ts';

/** Differences are from the first form's result, relative to the largest value. */
export interface ConvTimeRow extends Timed {
  readonly case: string;
  readonly form: string;
}

export interface LongConvReport {
  readonly command: string;
  readonly date: string;
  readonly adapter: string | null;
  readonly channels: number;
  readonly counts: readonly ConvCountRow[];
  readonly crossings: readonly Crossing[];
  readonly times: readonly ConvTimeRow[];
  /** What was not timed, and why. */
  readonly notes: readonly string[];
}

const TEXT = [0, 2] as const;

export function longConvText(report: LongConvReport): string {
  const { command, date, adapter, channels, counts, crossings, times, notes } = report;
  const lines = [
    `# ${command}`,
    '',
    `${date}; ${adapter ?? 'nothing was timed'}. ${channels} channels, each with a filter of its own as long as the sequence, which is one run; f32.`,
    '',
    '## Counted, for the whole run at WebGPU’s default limits',
    '',
    ...table(
      [
        ['case', 'tokens', 'form', 'FLOPs', 'bytes', 'dispatches', 'workgroups', 'steps', 'chosen'],
        ...counts.map((row) => [
          row.case,
          whole(row.tokens),
          row.form,
          scaled(row.flops),
          scaled(row.bytes),
          whole(row.dispatches),
          whole(row.workgroups),
          scaled(row.steps),
          row.chosen ? 'yes' : '',
        ]),
      ],
      TEXT,
    ),
    '',
    '## Where the planner’s choice changes',
    '',
    ...table(
      [
        ['filters', 'taps from', 'form', 'tokens of a run'],
        ...crossings.map((row) => [row.filters, whole(row.from), row.form, row.run]),
      ],
      TEXT,
    ),
    '',
  ];
  lines.push(
    ...timeLines(
      ['case', 'form'],
      times.map((row) => [row.case, row.form, row]),
    ),
  );
  return `${[...lines, ...notes.map((note) => `- ${note}`)].join('\n').trimEnd()}\n`;
}
