// The grammar, the compiler, the runtime and the command line know no mixer, no block and no architecture by name: those are .hyb source.
import { expect, test } from 'vitest';
import { codeOf, sourceFiles } from './source-files.ts';

/** Names in std/ that are plain English words as well, which code may use in their everyday sense. */
const WORDS = new Set(['bare', 'parallel']);

/** Fields that the published scalings of rotary positions have, which code reads by name. */
const FIELDS = /\battention_factor\b/g;

/** Headings of pages, and the colours numbered like them. */
const HEADINGS = /<\/?h3>|--h3\b|^h3 (?=\{)/gm;

test('no name that std/ declares is in the code of the stages', () => {
  const declared = sourceFiles(['std'], '.hyb').flatMap(({ text }) =>
    [...text.matchAll(/^\s*(?:mixer|block|model)\s+([A-Za-z_]\w*)/gm)].map((match) => match[1] ?? ''),
  );
  expect(declared.length).toBeGreaterThan(3);
  const names = [...new Set(declared)].filter((name) => !WORDS.has(name));
  const found = sourceFiles(['grammar', 'compiler', 'runtime', 'cli']).flatMap(({ path, text }) =>
    names
      .filter((name) =>
        new RegExp(`(?<![A-Za-z])${name}(?![a-z0-9])`, 'i').test(
          codeOf(text).replace(FIELDS, '').replace(HEADINGS, ''),
        ),
      )
      .map((name) => `${path}: ${name}`),
  );
  expect(found).toEqual([]);
});
