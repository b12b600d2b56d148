// Edits of .hyb texts as fingers, merges and bad luck make them.
import type { Random } from './random.ts';

const snippets = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '=',
  '==',
  '->',
  '..',
  '.',
  '×',
  '*',
  '-',
  '^',
  '|',
  '&',
  '"',
  '\\',
  '//',
  '///',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\uFEFF',
  '\uD800',
  'é',
  '漢',
  ' ',
  ';',
  '0',
  '1e999',
  '1_000',
  '9'.repeat(40),
  '-1',
  'x3',
  'if ',
  ' then ',
  ' else ',
  'for ',
  ' in ',
  'none',
  'not ',
  'return ',
  'scan ',
  'weight ',
  'axis ',
  'stripe ',
  'checkpoint {',
  'model m {',
  'mixer m() {',
  'layer i "x"',
  'per site',
  ' in f32',
  '((((((((',
  '- - - - ',
  'constructor',
  '__proto__',
  'toString',
  'width',
  'u',
  '1 / 0',
  'config.x',
];

/** One of the `starts` with one to twelve edits, which may take pieces of any of the `texts`. */
export function mutate(starts: readonly string[], texts: readonly string[], random: Random): string {
  let text = pick(starts, random);
  const edits = 1 + Math.floor(random() ** 3 * 12);
  for (let edit = 0; edit < edits; edit++) text = editOnce(text, texts, random);
  return text;
}

/** One of the texts with one to three words or numbers replaced: most still parse, and reach the checker and the planner. */
export function mutateGently(texts: readonly string[], random: Random): string {
  let text = pick(texts, random);
  for (let edit = 1 + Math.floor(random() ** 2 * 3); edit > 0; edit--)
    text = random() < 0.5 ? swapWords(text, random) : replaceNumber(text, random);
  return text;
}

function editOnce(text: string, texts: readonly string[], random: Random): string {
  const at = Math.floor(random() * (text.length + 1));
  const length = Math.floor(random() ** 4 * 80) + 1;
  const kind = Math.floor(random() * 9);
  if (kind === 0) return text.slice(0, at) + text.slice(at + length);
  if (kind === 1) return text.slice(0, at) + pick(snippets, random) + text.slice(at);
  if (kind === 2) return text.slice(0, at) + pick(snippets, random) + text.slice(at + length);
  if (kind === 3) return text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length);
  if (kind === 4)
    return text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0x300)) + text.slice(at + 1);
  if (kind === 5) return text.slice(0, at);
  if (kind === 6) return swapWords(text, random);
  if (kind === 7) return replaceNumber(text, random);
  const other = pick(texts, random);
  const from = Math.floor(random() * other.length);
  return text.slice(0, at) + other.slice(from, from + length * 4) + text.slice(at);
}

/** Puts one word of the text in the place of another: the mistakes that parse. */
function swapWords(text: string, random: Random): string {
  const words = [...text.matchAll(/[A-Za-z_]\w*|[^\s\w]+/g)];
  const [one, other] = [pick(words, random), pick(words, random)];
  if (one === undefined || other === undefined) return text;
  return text.slice(0, one.index) + other[0] + text.slice(one.index + one[0].length);
}

function replaceNumber(text: string, random: Random): string {
  const numbers = [...text.matchAll(/\b\d[\d_.]*\b/g)];
  const one = pick(numbers, random);
  if (one === undefined) return text;
  const value = pick(['0', '1', '2', '3', '7', '1000000000', '0.5', '1e-9', '1e300', '-1'], random);
  return text.slice(0, one.index) + value + text.slice(one.index + one[0].length);
}

function pick<T>(items: readonly T[], random: Random): T {
  // The index lies within the items; an empty list gives undefined, which the callers that can meet one look for.
  return items[Math.floor(random() * items.length)] as T;
}
