// `hyb explain FILE`: what a model costs, what was fused, how long a token takes.
import type { Command } from 'commander';
import { addModelOptions, type ModelOptions } from '../options.ts';
import { compileFile } from '../pipeline.ts';
import type { Act } from '../program.ts';
import { explainCompiled, reportPage } from '../report.ts';
import { explanationText } from '../../compiler/report/index.ts';
import type { Terminal } from '../terminal.ts';

interface ExplainOptions extends ModelOptions {
  readonly html?: true;
}

export function addExplain(program: Command, act: Act): void {
  const command = program
    .command('explain')
    .description('say what a model costs, what was fused, and how long a token takes')
    .argument('<file>', 'a .hyb file')
    .option('--html', 'the whole report as one page');
  addModelOptions(command).action((file: string, options: ExplainOptions) =>
    act((terminal) => explainFile(file, options, terminal)),
  );
}

async function explainFile(file: string, options: ExplainOptions, terminal: Terminal): Promise<number> {
  const compiled = compileFile({ file, options }, terminal);
  if (options.html) terminal.out(reportPage(compiled));
  else if (options.json) terminal.out(`${JSON.stringify(explainCompiled(compiled), null, 2)}\n`);
  else terminal.out(explanationText(explainCompiled(compiled)));
  return 0;
}
