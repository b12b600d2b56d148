// `hyb explain FILE`: what a model costs, what was fused, how long a token takes.
import { Option, type Command } from 'commander';
import { DEFAULT_DEVICE, DEVICE_PROFILES, deviceProfile } from '../../compiler/report/devices.ts';
import { explanationText } from '../../compiler/report/explain-text.ts';
import { addModelOptions, type ModelOptions } from '../options.ts';
import { compileFile, openSource } from '../pipeline.ts';
import type { Act } from '../program.ts';
import { explainCompiled, reportPage } from '../report.ts';
import type { Terminal } from '../terminal.ts';

interface ExplainOptions extends ModelOptions {
  readonly html?: true;
  readonly profile: string;
}

export function addExplain(program: Command, act: Act): void {
  const command = program
    .command('explain')
    .description('say what a model costs, what was fused, and how long a token takes')
    .argument('<file>', 'a .hyb file, or the folder of a published checkpoint')
    .option('--html', 'the whole report as one page')
    .addOption(
      new Option('--profile <name>', 'the device that times are predicted for')
        .choices(DEVICE_PROFILES.map((profile) => profile.id))
        .default(DEFAULT_DEVICE.id),
    );
  addModelOptions(command).action((file: string, options: ExplainOptions) =>
    act((terminal) => explainFile(file, options, terminal)),
  );
}

async function explainFile(file: string, options: ExplainOptions, terminal: Terminal): Promise<number> {
  const compiled = compileFile({ file, source: await openSource(file), options }, terminal);
  if (options.html) terminal.out(await reportPage(compiled, undefined, deviceProfile(options.profile)));
  else {
    const explanation = explainCompiled(compiled, deviceProfile(options.profile));
    terminal.out(options.json ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation));
  }
  return 0;
}
