// Every piece of .hyb text in the documents is without a mistake of syntax, in the place where it would stand.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  'README.md',
  'examples/new-mixer/README.md',
  ...readdirSync(`${root}docs`).map((name) => `docs/${name}`),
];

const pieces = pages.flatMap((page) =>
  [...readFileSync(`${root}${page}`, 'utf8').matchAll(/^```hyb\n([^]*?)^```/gm)].map(
    ([, text = ''], index) => [`${page}, piece ${index + 1}`, text] as const,
  ),
);

/** Where a piece may stand: by itself, in a model, in a mixer, or each line as a value. */
const places: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `model m {\n${text}\n}\n`,
  (text) => `mixer m() {\n${text}\n}\n`,
  (text) => `mixer m() {\n${asList(text)}\n}\n`,
];

function asList(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/\/\/.*$/, ''));
  return `x = [\n${lines
    .filter((line) => line.trim() !== '')
    .map((line) => `[${line}],`)
    .join('\n')}\n0]`;
}

function mistakes(text: string): readonly string[] {
  // What the page leaves out is left out here as well.
  const shown = text.replaceAll('{ … }', '{ }');
  return parse({ name: 'piece.hyb', text: shown }).diagnostics.map(({ message }) => message);
}

describe('hyb in the documents', () => {
  test('is there', () => expect(pieces.length).toBeGreaterThan(10));

  test.each(pieces)('%s', (_, text) => {
    const found = places.map((place) => mistakes(place(text)));
    const fewest = found.toSorted((a, b) => a.length - b.length)[0];
    expect(fewest).toEqual([]);
  });
});
