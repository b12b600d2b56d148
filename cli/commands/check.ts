// `hyb check FILE…`: reads and checks models and says what is wrong.
import type { Command } from 'commander';
import { check, openLibrary, type Library } from '../../compiler/check/index.ts';
import { diagnosticsToJson, parse } from '../../grammar/index.ts';
import { hasErrors, type Diagnostic, type Source } from '../../grammar/source.ts';
import { isCheckpointFolder } from '../checkpoint-folder.ts';
import { readSource, resolveImport } from '../files.ts';
import { standardLibrary } from '../library.ts';
import { addModelOptions, type ModelOptions } from '../options.ts';
import { configFor, openSource } from '../pipeline.ts';
import { printDiagnostics } from '../print-diagnostics.ts';
import type { Act } from '../program.ts';
import { note, type Terminal } from '../terminal.ts';

export function addCheck(program: Command, act: Act): void {
  const command = program
    .command('check')
    .description('check models and say what is wrong')
    .argument('<file...>', '.hyb files, or folders of published checkpoints');
  addModelOptions(command).action((files: readonly string[], options: ModelOptions) =>
    act((terminal) => checkFiles(files, options, terminal)),
  );
}

async function checkFiles(
  files: readonly string[],
  options: ModelOptions,
  terminal: Terminal,
): Promise<number> {
  const library = openLibrary(standardLibrary());
  const results: { readonly file: string; readonly diagnostics: readonly Diagnostic[] }[] = [];
  for (const file of files) results.push({ file, diagnostics: await checkPath(file, options, library) });
  if (options.json) {
    const shown = results.map((result) => ({
      ...result,
      diagnostics: diagnosticsToJson(result.diagnostics),
    }));
    terminal.out(`${JSON.stringify(shown, null, 2)}\n`);
  } else {
    for (const { file, diagnostics } of results) {
      printDiagnostics(diagnostics, terminal, false);
      if (!hasErrors(diagnostics)) note(terminal, options.quiet === true, `${file}: no errors`);
    }
  }
  return results.some(({ diagnostics }) => hasErrors(diagnostics)) ? 1 : 0;
}

async function checkPath(
  file: string,
  options: ModelOptions,
  library: Library,
): Promise<readonly Diagnostic[]> {
  if (isCheckpointFolder(file)) return checkSource(await openSource(file), file, options, library);
  const { value: source, diagnostics } = readSource(file);
  return source === undefined ? diagnostics : checkSource(source, file, options, library);
}

function checkSource(
  source: Source,
  file: string,
  options: ModelOptions,
  library: Library,
): readonly Diagnostic[] {
  const config = configFor({ file, options });
  const found = check({
    source,
    resolve: resolveImport,
    prelude: library,
    ...(config !== undefined && { config }),
  }).diagnostics;
  return isLibrary(source) ? found.filter(({ code }) => code !== 'no_model') : found;
}

/** A file of mixers and blocks only: what they do is checked where a model uses them. */
function isLibrary(source: Source): boolean {
  return parse(source).value.declarations.length > 0;
}
