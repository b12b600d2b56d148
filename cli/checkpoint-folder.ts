// A published checkpoint's folder: which model of the library it is, and the source that runs it.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StoredTensor } from '../compiler/check/header.ts';
import type { ConstantObject } from '../compiler/check/constant.ts';
import {
  chooseModel,
  namesOf,
  readModels,
  type CheckpointFacts,
  type FitBy,
  type KnownModel,
} from '../compiler/import/choose.ts';
import type { Source } from '../grammar/source.ts';
import { openCheckpoint } from '../runtime/weights/checkpoint.ts';
import { nothingToImport, severalModelsFit, unknownModel } from './errors.ts';
import { isFile, isFolder } from './files.ts';
import { modelLibrary } from './library.ts';
import { findWeights, hasWeights, loadConfig } from './weights.ts';

export interface CheckpointFolder {
  readonly folder: string;
  /** The folder's own name, for messages. */
  readonly name: string;
  readonly facts: CheckpointFacts;
  /** The headers of its files; empty where there are none. */
  readonly tensors: readonly StoredTensor[];
  readonly models: readonly KnownModel[];
}

/** Whether a path is a folder as published: no bundle, with a config or weights in it. */
export function isCheckpointFolder(path: string): boolean {
  if (!isFolder(path) || isFile(join(path, 'manifest.json'))) return false;
  return isFile(join(path, 'config.json')) || hasWeights(path);
}

/** Reads config and headers. Throws a UsageError, DiagnosticsError or HybError. */
export async function readCheckpointFolder(folder: string): Promise<CheckpointFolder> {
  if (!isCheckpointFolder(folder)) throw nothingToImport(folder);
  const path = join(folder, 'config.json');
  const config: ConstantObject = isFile(path) ? loadConfig(path) : {};
  const tensors = hasWeights(folder) ? await headersOf(folder) : undefined;
  return {
    folder,
    name: basename(folder),
    facts: { config, ...(tensors !== undefined && { tensors: new Set(tensors.map(({ name }) => name)) }) },
    tensors: tensors ?? [],
    models: readModels(modelLibrary()),
  };
}

async function headersOf(folder: string): Promise<readonly StoredTensor[]> {
  const checkpoint = await openCheckpoint(findWeights(folder).open([]), undefined);
  try {
    return [...checkpoint.tensors.values()].map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  } finally {
    await checkpoint.close();
  }
}

export interface ChosenModel {
  readonly known: KnownModel;
  readonly by: FitBy;
}

/** The model that fits; undefined where none does. Throws a UsageError where several do. */
export function chooseFor({ facts, models, name }: CheckpointFolder): ChosenModel | undefined {
  const choice = chooseModel(models, facts);
  if (choice.kind === 'several')
    throw severalModelsFit(
      name,
      choice.known.map(({ model }) => model.name.text),
    );
  return choice.kind === 'one' ? choice : undefined;
}

/** The source of the model that runs a checkpoint. Throws a UsageError that lists the models there are. */
export async function modelOfFolder(folder: string): Promise<Source> {
  const checkpoint = await readCheckpointFolder(folder);
  const chosen = chooseFor(checkpoint);
  if (chosen === undefined) throw unknownModelOf(checkpoint);
  return chosen.known.file.source;
}

export function unknownModelOf({
  folder,
  name,
  facts,
  models,
}: CheckpointFolder): ReturnType<typeof unknownModel> {
  const { architectures, model_type } = namesOf(facts.config);
  return unknownModel(
    name,
    [...architectures, ...model_type],
    models.map(({ model }) => model.name.text),
    {
      folder,
      config: isFile(join(folder, 'config.json')),
      sources: readdirSync(folder).flatMap((file) => (file.endsWith('.hyb') ? [join(folder, file)] : [])),
    },
  );
}
