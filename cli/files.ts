// Reading the user's files, with failures worded for a person.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { decodeSource } from '../grammar/index.ts';
import type { Checked, Source } from '../grammar/source.ts';
import { cannotRead, cannotReadFile, cannotWriteFile } from './errors.ts';

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

/** Throws a UsageError. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw cannotReadFile(path, cause);
  }
}

/** Throws a UsageError. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (cause) {
    throw cannotWriteFile(path, cause);
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
