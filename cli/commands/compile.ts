// `hyb compile FILE`: writes the bundle.
import { basename } from 'node:path';
import type { Command } from 'commander';
import { addModelOptions, type ModelOptions } from '../options.ts';
import { compileFile, openSource } from '../pipeline.ts';
import type { Act } from '../program.ts';
import { note, type Terminal } from '../terminal.ts';
import { copyRuntime, writeBundle } from '../write-bundle.ts';

interface CompileOptions extends ModelOptions {
  readonly out?: string;
  readonly standalone?: true;
}

export function addCompile(program: Command, act: Act): void {
  const command = program
    .command('compile')
    .description('write the bundle: plan, kernels, typed façade, report')
    .argument('<file>', 'a .hyb file, or the folder of a published checkpoint')
    .option('--out <folder>', 'where to write; NAME-bundle unless given')
    .option('--standalone', 'put the runtime and a page in, so that the folder runs in a browser as it is');
  addModelOptions(command).action((file: string, options: CompileOptions) =>
    act((terminal) => compileToFolder(file, options, terminal)),
  );
}

async function compileToFolder(file: string, options: CompileOptions, terminal: Terminal): Promise<number> {
  const compiled = compileFile({ file, source: await openSource(file), options }, terminal);
  const folder = options.out ?? `${basename(file, '.hyb')}-bundle`;
  const standalone = options.standalone === true;
  const { emitBundle } = await import('../../compiler/emit/index.ts');
  const { reportPage } = await import('../report.ts');
  const files = await emitBundle({
    plan: compiled.plan,
    source: basename(file),
    report: await reportPage(compiled),
    standalone,
  });
  writeBundle(folder, files);
  if (standalone) copyRuntime(folder);
  const kernels = compiled.plan.kernels.length;
  if (options.json)
    terminal.out(`${JSON.stringify({ folder, kernels, files: files.map((f) => f.path) }, null, 2)}\n`);
  else
    note(
      terminal,
      options.quiet === true,
      `${kernels} kernels written to ${folder}; see ${folder}/report.html`,
    );
  return 0;
}
