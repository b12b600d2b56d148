// The checkpoints with goldens that are on this machine: those of the repository, and those beside it.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface FolderOfCheckpoint {
  readonly name: string;
  readonly folder: string;
}

/** In alphabetical order; one that is in both places is taken from the repository. */
export function checkpointFolders(root: string): readonly FolderOfCheckpoint[] {
  const own = foldersIn(join(root, 'test/fixtures'));
  const beside = foldersIn(besideFolder(root)).filter(({ name }) => !own.some((each) => each.name === name));
  return [...own, ...beside].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where checkpoints lie that may not be copied: beside the repository, unless the environment says otherwise. */
export function besideFolder(root: string): string {
  return process.env['HYB_FIXTURES'] ?? resolve(root, '..', 'shared', 'fixtures');
}

/** Folders with weights, config and golden, also one folder deeper. */
function foldersIn(parent: string): readonly FolderOfCheckpoint[] {
  if (!existsSync(parent)) return [];
  const names = readdirSync(parent, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('/golden.safetensors') && path.split('/').length <= 3)
    .map((path) => path.replace(/\/golden\.safetensors$/, ''));
  return names
    .map((name) => ({ name, folder: join(parent, name) }))
    .filter(
      ({ folder }) =>
        existsSync(join(folder, 'model.safetensors')) && existsSync(join(folder, 'config.json')),
    );
}
