// Reading the user's files, with failures worded for a person.
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { decodeSource } from '../grammar/index.ts';
import type { Checked, Source } from '../grammar/source.ts';
import { cannotRead } from './errors.ts';

/** Reads a .hyb file; where it cannot be read or is not UTF-8, a diagnostic says why. */
export function readSource(path: string): Checked<Source> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    return { diagnostics: [cannotRead(path, cause)] };
  }
  return decodeSource(path, bytes);
}

/** Finds what `import "…"` means: a path relative to the file that says it. Undefined where there is no such file. */
export function resolveImport(path: string, from: Source): Source | undefined {
  const target = isAbsolute(path) ? path : join(dirname(from.name), path);
  return isFile(target) ? readSource(relative('.', target) || target).value : undefined;
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
