// Runs command lines in this process and keeps what they print.
import { linesOf } from '../../cli/lines.ts';
import { runProgram } from '../../cli/program.ts';
import type { Terminal } from '../../cli/terminal.ts';

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs `hyb` with these arguments. */
export function hyb(...args: readonly string[]): Promise<CommandResult> {
  return hybWith([], args);
}

/** The same, with lines on standard input. */
export async function hybWith(typed: readonly string[], args: readonly string[]): Promise<CommandResult> {
  let out = '';
  let error = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    isScreen: false,
    color: false,
    lines: () => linesOf(typed),
  };
  const code = await runProgram(args, terminal);
  return { code, out, error };
}
