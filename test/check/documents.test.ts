// Every piece of .hyb text in the documents that is a whole file is a model without mistakes, or mixers that a model may use.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasErrors, parse } from '../../grammar/index.ts';
import { builtinNames } from '../../compiler/check/elaborate/builtins/index.ts';
import { diagnosticsOf, root } from './graph-of.ts';

const pages = [
  'README.md',
  ...readdirSync(`${root}/docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const whole = pages.flatMap((page) =>
  [...readFileSync(`${root}/${page}`, 'utf8').matchAll(/^```hyb\n([^]*?)^```/gm)].flatMap(
    ([, text = ''], at) => (isWhole(text) ? [[`${page}, piece ${at + 1}`, text] as const] : []),
  ),
);

/** Nothing is left out, no file is named and no config is read. */
function isWhole(text: string): boolean {
  const needsMore = /…|^import |from config/m.test(text);
  const declares = /^(mixer|block|function|model) /m.test(text);
  return declares && !needsMore && !hasErrors(parse({ name: 'piece.hyb', text }).diagnostics);
}

/** The piece, with a model of all its mixers if it has none. */
function inModel(text: string): string {
  if (/^model /m.test(text)) return text;
  const names = [...text.matchAll(/^mixer (\w+)/gm)].map(([, name]) => name ?? '');
  const letters = names.map((name, at) => `  L${at} = ${name}()`).join('\n');
  const stripe = names.map((_, at) => `L${at}`).join(', ');
  return `${text}\nmodel own {\n  vocab 11\n  width 16\n  stripe ${stripe}\n${letters}\n}\n`;
}

test('there are some', () => expect(whole.length).toBeGreaterThan(2));

test.each(whole)('%s', (_, text) => {
  expect(diagnosticsOf(inModel(text)).map(({ message }) => message)).toEqual([]);
});

test('the page of the language names every function', () => {
  const page = readFileSync(`${root}/docs/language.md`, 'utf8');
  // What is written by a sign, and what is not there yet.
  const signs = ['neg', 'add', 'sub', 'mul', 'div', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'not'];
  const others = new Set([...signs, 'cumsum', 'split']);
  const lacks = builtinNames.filter((name) => !others.has(name) && !new RegExp(`\\b${name}[(\`]`).test(page));
  expect(lacks).toEqual([]);
});
