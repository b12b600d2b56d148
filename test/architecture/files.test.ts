// What every file of the product keeps to.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, sourceFiles } from './source-files.ts';

const files = [...sourceFiles(['grammar', 'compiler', 'runtime', 'cli']), ...sourceFiles(['std'], '.hyb')];

describe('every source file', () => {
  test('has at most 400 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 401).map(({ path }) => path);
    expect(long).toEqual([]);
  });

  test('says its purpose in its first line', () => {
    const silent = files.filter(({ text }) => !/^(?:#!.*\n)?\/\/+ ./.test(text)).map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  test('is named in kebab-case', () => {
    const others = files
      .map(({ path }) => path)
      .filter((path) => !/^(?:[a-z0-9-]+\/)+[a-z0-9_-]+\.(?:ts|hyb)$/.test(path));
    expect(others).toEqual([]);
  });

  test('has no marks of unfinished work', () => {
    // Bracketed, so that this line is no mark itself.
    const marks = /\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b/;
    const marked = [...files, ...sourceFiles(['test'])].filter(({ text }) => marks.test(text));
    expect(marked.map(({ path }) => path)).toEqual([]);
  });

  test('speaks of no place outside the project', () => {
    const outside = /\/work\/(?!shared\/)|\/tmp\//;
    const told = files.filter(({ text }) => outside.test(text)).map(({ path }) => path);
    expect(told).toEqual([]);
  });
});

test('dependencies have exact versions', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const groups = ['dependencies', 'devDependencies', 'optionalDependencies'];
  const versions = groups.flatMap((group) => Object.entries(Object(manifest)[group] ?? {}));
  const loose = versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)));
  expect(versions.length).toBeGreaterThan(5);
  expect(loose).toEqual([]);
});
