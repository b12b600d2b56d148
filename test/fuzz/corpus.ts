// What is mutated: every source of the repository, with the config that its model reads.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../compiler/check/config.ts';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import type { Source } from '../../grammar/index.ts';
import { openLibrary, type Library } from '../../compiler/check/index.ts';

export interface Corpus {
  readonly texts: readonly string[];
  /** Those that make a model as they are: mutations of them reach furthest. */
  readonly models: readonly string[];
  readonly library: Library;
  /** One config of each dialect. */
  readonly configs: readonly ConstantObject[];
}

const longest = 20_000;
const configFixtures = ['llama', 'mamba1', 'samba_gqa2'];

/** Reads the corpus from the folder that has package.json. */
export function readCorpus(): Corpus {
  const root = packageRoot();
  const texts = ['std', 'examples', 'test'].flatMap((folder) => sourcesIn(join(root, folder)));
  return {
    texts,
    models: [...sourcesIn(join(root, 'examples')), ...sourcesIn(join(root, 'std/models'))],
    library: openLibrary(librarySources(root)),
    configs: configFixtures.map((name) => configOf(join(root, 'test/fixtures', name, 'config.json'))),
  };
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.hyb'))
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => text.length < longest);
}

function librarySources(root: string): readonly Source[] {
  return readdirSync(join(root, 'std'))
    .filter((name) => name.endsWith('.hyb'))
    .toSorted()
    .map((name) => ({ name: `std/${name}`, text: readFileSync(join(root, 'std', name), 'utf8') }));
}

function configOf(path: string): ConstantObject {
  const { value } = readConfig(readFileSync(path, 'utf8'), path);
  if (value === undefined) throw new Error(`${path} is no config`);
  return value;
}

/** The nearest folder above this file with a package.json: this file may run from a build. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
