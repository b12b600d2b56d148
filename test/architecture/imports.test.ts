// Who may import whom. Arrows point one way: cli → compiler → grammar; of the runtime the compiler sees the plan, and what functions mean.
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, sourceFiles } from './source-files.ts';

interface Rule {
  /** The folder whose files the rule is for; more exact rules come first. */
  readonly folder: string;
  /** Folders or files of ours that may be imported. */
  readonly ours: readonly string[];
  /** Packages that may be imported; Node's own modules are `node:…`. */
  readonly packages: readonly string[];
}

const RULES: readonly Rule[] = [
  { folder: 'grammar/', ours: ['grammar/'], packages: ['chevrotain'] },
  { folder: 'runtime/node-files.ts', ours: ['runtime/'], packages: ['node:fs/promises'] },
  { folder: 'runtime/', ours: ['runtime/'], packages: [] },
  {
    folder: 'compiler/distill/',
    ours: ['compiler/', 'grammar/', 'runtime/plan.ts'],
    packages: ['ml-matrix'],
  },
  {
    folder: 'compiler/emit/',
    ours: ['compiler/', 'grammar/', 'runtime/plan.ts'],
    packages: ['prettier', 'ts-morph'],
  },
  {
    folder: 'compiler/report/',
    ours: ['compiler/', 'grammar/', 'runtime/plan.ts', 'runtime/measure.ts'],
    packages: ['prismjs', 'prismjs/components/prism-wgsl.js'],
  },
  {
    folder: 'compiler/',
    ours: ['compiler/', 'grammar/', 'runtime/plan.ts', 'runtime/functions/'],
    packages: [],
  },
];

describe.each(RULES)('$folder', (rule) => {
  const others = RULES.slice(0, RULES.indexOf(rule)).map(({ folder }) => folder);
  const files = sourceFiles([rule.folder.split('/')[0] ?? '']).filter(
    ({ path }) => path.startsWith(rule.folder) && !others.some((folder) => path.startsWith(folder)),
  );

  test('imports only what it may', () => {
    const forbidden = files.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((specifier) => !isAllowed(path, specifier, rule))
        .map((specifier) => `${path} imports ${specifier}`),
    );
    expect(forbidden).toEqual([]);
  });
});

test('the runtime uses nothing of Node but behind a dynamic import of node-files.ts', () => {
  const statically = sourceFiles(['runtime']).filter(({ text }) => /from '[^']*node-files\.ts'/.test(text));
  expect(statically.map(({ path }) => path)).toEqual([]);
});

test('only the emitter loads ts-morph and prettier', () => {
  const users = sourceFiles(['grammar', 'compiler', 'runtime', 'cli'])
    .filter(({ text }) => importsOf(text).some((name) => name === 'ts-morph' || name === 'prettier'))
    .filter(({ path }) => !path.startsWith('compiler/emit/'));
  expect(users.map(({ path }) => path)).toEqual([]);
});

function isAllowed(path: string, specifier: string, rule: Rule): boolean {
  if (!specifier.startsWith('.')) return rule.packages.includes(specifier);
  const target = posix.join(posix.dirname(path), specifier);
  return rule.ours.some((allowed) => target.startsWith(allowed));
}
