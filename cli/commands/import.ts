// `hyb import DIR`: writes the source of the model that runs a published checkpoint.
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { check, openLibrary } from '../../compiler/check/index.ts';
import { nearestModel, whatDiffers } from '../../compiler/import/nearest.ts';
import { skeletonOf } from '../../compiler/import/skeleton.ts';
import { writeModel } from '../../compiler/import/write-model.ts';
import {
  chooseFor,
  readCheckpointFolder,
  unknownModelOf,
  type CheckpointFolder,
  type ChosenModel,
} from '../checkpoint-folder.ts';
import { cannotWriteFile, DiagnosticsError } from '../errors.ts';
import { standardLibrary } from '../library.ts';
import type { Act } from '../program.ts';
import { reportFailure } from '../report-failure.ts';
import { note, type Terminal } from '../terminal.ts';

interface ImportOptions {
  readonly out?: string;
  readonly quiet?: true;
}

export function addImport(program: Command, act: Act): void {
  program
    .command('import')
    .description('write the .hyb that runs a published checkpoint')
    .argument('<folder>', 'a folder with config.json and the weights, as published')
    .option('--out <file>', 'where to write; standard output unless given')
    .option('--quiet', 'results only, no messages')
    .action((folder: string, options: ImportOptions) =>
      act((terminal) => importFolder(folder, options, terminal)),
    );
}

async function importFolder(folder: string, options: ImportOptions, terminal: Terminal): Promise<number> {
  const checkpoint = await readCheckpointFolder(folder);
  const chosen = chooseFor(checkpoint);
  if (chosen === undefined) return importNearest(checkpoint, options, terminal);
  write(sourceFor(checkpoint, chosen), options.out, terminal);
  const { name } = chosen.known.model;
  note(
    terminal,
    options.quiet === true,
    `${checkpoint.name}: the model ${name.text}, told by its ${chosen.by}`,
  );
  return 0;
}

/** The library's model with the config's values in it. Throws DiagnosticsError where the config asks for what it does not do. */
function sourceFor({ name, facts }: CheckpointFolder, { known }: ChosenModel): string {
  const { value, diagnostics } = check({
    source: known.file.source,
    resolve: () => undefined,
    prelude: standardLibrary(),
    config: facts.config,
  });
  if (value === undefined) throw new DiagnosticsError(diagnostics);
  const header = [`Written by \`hyb import\` from the config.json of ${name}.`];
  return writeModel({ known, config: facts.config, layers: value.layers, header });
}

/** Nothing fits: the nearest model with what is to be changed, and the list of those there are. */
function importNearest(checkpoint: CheckpointFolder, options: ImportOptions, terminal: Terminal): number {
  const { facts, models, tensors } = checkpoint;
  const library = openLibrary(standardLibrary());
  const nearest = nearestModel(models, facts, library);
  if (nearest !== undefined) {
    const differences = whatDiffers(nearest, facts, tensors, library);
    write(skeletonOf(nearest, checkpoint.name, facts.config, differences), options.out, terminal);
  }
  return reportFailure(unknownModelOf(checkpoint), terminal, false);
}

function write(text: string, out: string | undefined, terminal: Terminal): void {
  if (out === undefined) return terminal.out(text);
  try {
    writeFileSync(out, text);
  } catch (cause) {
    throw cannotWriteFile(out, cause);
  }
}
