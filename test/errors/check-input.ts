// The second half of the error tests: the checker, for inputs that parse.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../compiler/check/config.ts';
import { check } from '../../compiler/check/index.ts';
import type { Diagnostic, Source } from '../../grammar/index.ts';

const library = fileURLToPath(new URL('../../std', import.meta.url));

const prelude: readonly Source[] = readdirSync(library)
  .filter((name) => name.endsWith('.hyb'))
  .toSorted()
  .map((name) => ({ name: `std/${name}`, text: readFileSync(join(library, name), 'utf8') }));

/** What the checker says about a source, with the files beside it: `config.json`, and what it imports. */
export function checkInput(source: Source, folder: string): readonly Diagnostic[] {
  const config = read(folder, 'config.json');
  const { value } = config === undefined ? { value: undefined } : readConfig(config, 'config.json');
  const resolve = (path: string): Source | undefined => {
    const text = path === source.name ? undefined : read(folder, path);
    return text === undefined ? undefined : { name: path, text };
  };
  return check({ source, resolve, prelude, ...(value === undefined ? {} : { config: value }) }).diagnostics;
}

function read(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
