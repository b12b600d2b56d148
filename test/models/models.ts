// The published checkpoints, small ones, that the models of the library run.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { check } from '../../compiler/check/index.ts';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { readConfig } from '../../compiler/check/config.ts';
import {
  chooseModel,
  readModels,
  type CheckpointFacts,
  type KnownModel,
} from '../../compiler/import/choose.ts';
import { lower } from '../../compiler/lower/index.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { checkpointFolders } from '../zoo/checkpoint-folders.ts';
import { tensorNames } from '../support/tensors.ts';
import { hasErrors, renderDiagnostics, type Source } from '../../grammar/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const knownModels = readModels(sourcesIn('std/models'));

/** A published checkpoint, small: its folder, and the model of the library that it fits. */
export interface Fixture {
  readonly name: string;
  /** Ends with a slash. */
  readonly folder: string;
  readonly model: string;
}

const all: readonly Fixture[] = checkpointFolders(root).flatMap((place) => {
  const folder = `${place.folder}/`;
  const choice = chooseModel(knownModels, factsOf(folder));
  if (choice.kind === 'several') throw new Error(`${place.name} fits several models`);
  return choice.kind === 'none' ? [] : [{ name: place.name, folder, model: choice.known.model.name.text }];
});

/** The checkpoints of test/fixtures, each with the model that `hyb import` chooses. */
export const fixtures: readonly Fixture[] = all.filter(({ folder }) => folder.startsWith(root));

/** Those beside the repository, which may be used but not copied; none where they are not there. */
export const uncopied: readonly Fixture[] = all.filter(({ folder }) => !folder.startsWith(root));

/** What `hyb import` knows of a checkpoint. */
export function factsOf(folder: string): CheckpointFacts {
  const { value } = readConfig(readFileSync(`${folder}config.json`, 'utf8'), 'config.json');
  return { config: value ?? {}, tensors: new Set(tensorNames(`${folder}model.safetensors`)) };
}

/** The models of the library; parsed once, since every test file asks. */
export function models(): readonly KnownModel[] {
  return knownModels;
}

export function modelPath(model: string): string {
  return `${root}std/models/${model}.hyb`;
}

export function fixtureFile(checkpoint: string, file: string): string {
  return `${root}test/fixtures/${checkpoint}/${file}`;
}

/** Every file of the library. */
export function readLibrary(): readonly Source[] {
  return sourcesIn('std');
}

function sourcesIn(place: string): readonly Source[] {
  return readdirSync(`${root}${place}`)
    .filter((name) => name.endsWith('.hyb'))
    .toSorted()
    .map((name) => ({ name: `${place}/${name}`, text: readFileSync(`${root}${place}/${name}`, 'utf8') }));
}

/** The graph of a .hyb file under the config in another; mistakes in either fail the test. */
export function graphOf(hybPath: string, configPath: string): Graph {
  const config = readConfig(readFileSync(configPath, 'utf8'), 'config.json');
  if (config.value === undefined) throw new Error(renderDiagnostics(config.diagnostics));
  return graphUnder(hybPath, config.value);
}

/** The same under a config that the test has made. */
export function graphUnder(hybPath: string, config: ConstantObject): Graph {
  const { value, diagnostics } = check({
    source: { name: hybPath, text: readFileSync(hybPath, 'utf8') },
    resolve: () => undefined,
    prelude: readLibrary(),
    config,
  });
  if (value === undefined || hasErrors(diagnostics)) throw new Error(renderDiagnostics(diagnostics));
  return lower(value);
}
