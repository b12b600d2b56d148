// The standard library: every .hyb file of std/, as sources.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Source } from '../grammar/source.ts';

/** Reads std/ beside the package's own files. Names are `std/mamba.hyb`, in alphabetical order. */
export function standardLibrary(): readonly Source[] {
  return sourcesIn('std');
}

/** The models of published checkpoints, std/models/, in alphabetical order. */
export function modelLibrary(): readonly Source[] {
  return sourcesIn('std/models');
}

function sourcesIn(place: string): readonly Source[] {
  const folder = join(packageRoot(), place);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hyb'))
    .toSorted()
    .map((file) => ({ name: `${place}/${file}`, text: readFileSync(join(folder, file), 'utf8') }));
}

/** The folder with package.json and std/, the nearest above this file: it may run from a build. */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  let root = here;
  while (!existsSync(join(root, 'std'))) {
    if (dirname(root) === root) throw new Error(`internal: no std folder above ${here}`);
    root = dirname(root);
  }
  return root;
}

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const version =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
