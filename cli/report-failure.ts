// Tells a person, or a program, why a command failed.
import { HybError } from '../runtime/errors.ts';
import { DiagnosticsError, UsageError } from './errors.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { colorsOf, type Terminal } from './terminal.ts';

/** Prints the failure and gives the exit code: 1 where the user can mend it, 2 where it is a mistake of ours. */
export function reportFailure(error: unknown, terminal: Terminal, json: boolean): 1 | 2 {
  if (error instanceof DiagnosticsError) {
    printDiagnostics(error.diagnostics, terminal, json);
    return 1;
  }
  if (error instanceof UsageError || error instanceof HybError) {
    printKnown(error, terminal, json);
    return 1;
  }
  printInternal(error, terminal);
  return 2;
}

function printKnown(error: UsageError | HybError, terminal: Terminal, json: boolean): void {
  const { code, message } = error;
  const help = error instanceof UsageError ? error.help : [];
  const problems = error instanceof HybError ? error.problems : [];
  if (json) {
    terminal.out(`${JSON.stringify({ error: { code, message, help, problems } }, null, 2)}\n`);
    return;
  }
  const colors = colorsOf(terminal);
  terminal.error(`${colors.red('error:')} ${message}\n`);
  for (const line of help) terminal.error(`${colors.cyan('help:')} ${line}\n`);
}

/** One line; the stack only where it is asked for. */
function printInternal(error: unknown, terminal: Terminal): void {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.replace(/^internal: /, '').split('\n')[0];
  terminal.error(
    `internal error: ${line} (please report this with the command and its files; HYB_DEBUG=1 shows more)\n`,
  );
  if (process.env['HYB_DEBUG'] === '1' && error instanceof Error) terminal.error(`${error.stack}\n`);
}
