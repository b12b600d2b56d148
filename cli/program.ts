// The `hyb` program: its commands, and what becomes of errors. Exit codes: 0, 1 for the user's mistake, 2 for ours.
import { Command, CommanderError } from 'commander';
import { addChat } from './commands/chat.ts';
import { addCheck } from './commands/check.ts';
import { addCompile } from './commands/compile.ts';
import { addDistill } from './commands/distill.ts';
import { addEncode } from './commands/encode.ts';
import { addExplain } from './commands/explain.ts';
import { addFmt } from './commands/fmt.ts';
import { addImport } from './commands/import.ts';
import { addInspect } from './commands/inspect.ts';
import { addLogits } from './commands/logits.ts';
import { addRun } from './commands/run.ts';
import { addVerify } from './commands/verify.ts';
import { packageVersion } from './library.ts';
import { reportFailure } from './report-failure.ts';
import type { Terminal } from './terminal.ts';

/** What a command's action does: it gets the terminal and gives the exit code. */
export type Act = (action: (terminal: Terminal) => Promise<number>) => Promise<void>;

/** Runs one command line, given without the program's own name, and gives the exit code. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  const state = { code: 0, json: false };
  const act: Act = async (action) => {
    state.code = await action(terminal);
  };
  const program = createProgram(terminal, act);
  program.hook('preAction', (_, command) => {
    state.json = command.opts()['json'] === true;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return state.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    return reportFailure(error, terminal, state.json);
  }
}

function createProgram(terminal: Terminal, act: Act): Command {
  const program = new Command('hyb')
    .description('A small language and a compiler for hybrid sequence models that run on WebGPU')
    .version(packageVersion())
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.error })
    .exitOverride();
  for (const add of [
    addCheck,
    addFmt,
    addCompile,
    addRun,
    addChat,
    addLogits,
    addEncode,
    addVerify,
    addExplain,
    addInspect,
    addImport,
    addDistill,
  ])
    add(program, act);
  return program;
}
