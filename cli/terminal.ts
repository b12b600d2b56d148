// Where text goes: the two output streams, with colour and progress only where a person is looking.
import { createColors } from 'picocolors';
import type { Lines } from './lines.ts';

export interface Terminal {
  /** Standard output: results. */
  readonly out: (text: string) => void;
  /** Standard error: messages and progress. */
  readonly error: (text: string) => void;
  /** Whether standard error is a screen, so that progress may be drawn over. */
  readonly isScreen: boolean;
  readonly color: boolean;
  /** What is typed; the process's standard input unless given. */
  readonly lines?: () => Lines;
}

/** The process's own streams. A closed pipe (`hyb … | head`) ends the process quietly. */
export function processTerminal(): Terminal {
  process.stdout.on('error', leaveQuietly);
  process.stderr.on('error', leaveQuietly);
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    isScreen: process.stderr.isTTY === true,
    color: createColors().isColorSupported && process.stderr.isTTY === true,
  };
}

/** Colours for messages, or functions that change nothing. */
export function colorsOf(terminal: Terminal): ReturnType<typeof createColors> {
  return createColors(terminal.color);
}

/** The same terminal without messages that are neither results nor errors. */
export function note(terminal: Terminal, quiet: boolean, text: string): void {
  if (!quiet) terminal.error(`${text}\n`);
}

/** Columns padded to the widest cell, the first to the left and the others to the right, two spaces between. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}

function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
