// `hyb fmt [--check] FILE…`: rewrites files in the one canonical layout.
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { format } from '../../grammar/index.ts';
import { cannotWriteFile } from '../errors.ts';
import { readSource } from '../files.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { printDiagnostics } from '../print-diagnostics.ts';
import type { Act } from '../program.ts';
import { note, type Terminal } from '../terminal.ts';

interface FmtOptions extends CommonOptions {
  readonly check?: true;
}

type Outcome = 'unchanged' | 'changed' | 'broken';

export function addFmt(program: Command, act: Act): void {
  const command = program
    .command('fmt')
    .description('write files in the canonical layout')
    .argument('<file...>', '.hyb files')
    .option('--check', 'change nothing; exit 1 where a file is not in that layout');
  addCommonOptions(command).action((files: readonly string[], options: FmtOptions) =>
    act((terminal) => formatFiles(files, options, terminal)),
  );
}

async function formatFiles(
  files: readonly string[],
  options: FmtOptions,
  terminal: Terminal,
): Promise<number> {
  const results = files.map((file) => ({ file, outcome: formatFile(file, options, terminal) }));
  if (options.json) terminal.out(`${JSON.stringify(results, null, 2)}\n`);
  const words = options.check ? 'is not in the canonical layout' : 'formatted';
  for (const { file, outcome } of results) {
    if (outcome === 'changed' && !options.json) note(terminal, options.quiet === true, `${file}: ${words}`);
  }
  const failed = results.some(
    ({ outcome }) => outcome === 'broken' || (options.check && outcome === 'changed'),
  );
  return failed ? 1 : 0;
}

function formatFile(file: string, options: FmtOptions, terminal: Terminal): Outcome {
  const { value: source, diagnostics } = readSource(file);
  const formatted = source === undefined ? { diagnostics } : format(source);
  if (source === undefined || formatted.value === undefined) {
    if (!options.json) printDiagnostics(formatted.diagnostics, terminal, false);
    return 'broken';
  }
  const text = formatted.value;
  if (text === source.text) return 'unchanged';
  if (!options.check) write(file, text);
  return 'changed';
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw cannotWriteFile(file, cause);
  }
}
