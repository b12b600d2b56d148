// Mutated .hyb sources: each must give a tree or diagnostics, never crash, hang or speak of our internals.
// Run by itself with Node 22 or newer: node test/fuzz/fuzz-sources.ts 200000 1
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, renderDiagnostics, type Diagnostic, type Source } from '../../grammar/index.ts';

export interface SourceFuzz {
  readonly count: number;
  readonly seed: number;
  /** What is tried: parsing, or parsing and checking. Gives what a user would read. */
  readonly run?: (source: Source) => readonly Diagnostic[];
  /** Called now and then with how many are done. */
  readonly onProgress?: (done: number) => void;
}

export interface SourceFuzzResult {
  readonly count: number;
  /** How many had no error: mutations often leave a program a program. */
  readonly clean: number;
  readonly slowest: number;
  /** What went wrong, with the text that did it; should be empty. */
  readonly faults: readonly { readonly reason: string; readonly text: string }[];
}

const slowMilliseconds = 2000;
const maximumFaults = 20;

/** Tries `count` mutations of all sources of the repository. The same seed makes the same ones. */
export function fuzzSources({ count, seed, run = parseOnly, onProgress }: SourceFuzz): SourceFuzzResult {
  const random = randomFrom(seed);
  const texts = corpus();
  const faults: { reason: string; text: string }[] = [];
  let clean = 0;
  let slowest = 0;
  for (let done = 0; done < count && faults.length < maximumFaults; done++) {
    const text = mutate(texts, random);
    const start = performance.now();
    const outcome = attempt(text, run);
    const took = performance.now() - start;
    slowest = Math.max(slowest, took);
    if (outcome === 'clean') clean++;
    else if (outcome !== 'refused') faults.push({ reason: outcome, text });
    if (took > slowMilliseconds) faults.push({ reason: `took ${took.toFixed(0)} ms`, text });
    if (done % 10_000 === 0) onProgress?.(done);
  }
  return { count, clean, slowest, faults };
}

function parseOnly(source: Source): readonly Diagnostic[] {
  return parse(source).diagnostics;
}

/** `clean`, `refused`, or what is wrong. */
function attempt(text: string, run: (source: Source) => readonly Diagnostic[]): string {
  try {
    const found = run({ name: 'mutated.hyb', text });
    const rendered = renderDiagnostics(found.slice(0, 20));
    if (/\binternal:|\n\s+at .+:\d+:\d+\)?$|\[object |Error: /m.test(withoutFrames(rendered)))
      return rendered;
    return found.some((diagnostic) => diagnostic.severity === 'error') ? 'refused' : 'clean';
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** The source lines of frames quote the mutated text, which may say anything. */
function withoutFrames(rendered: string): string {
  return rendered
    .split('\n')
    .filter((line) => !/^ *\d* [│┌├]/.test(line))
    .join('\n');
}

// -------------------------------------------------------------------------------------------- mutations

type Random = () => number;

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

function mutate(texts: readonly string[], random: Random): string {
  let text = pick(texts, random);
  const edits = 1 + Math.floor(random() ** 3 * 12);
  for (let edit = 0; edit < edits; edit++) text = editOnce(text, texts, random);
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

/** Mulberry32: small, quick and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

// -------------------------------------------------------------------------------------------- corpus

/** Every source in the repository's folders of sources. */
function corpus(): readonly string[] {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const found = ['std', 'examples', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hyb'))
      .toSorted()
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  return found.filter((text) => text.length < 20_000);
}

const [, script, count, seed] = process.argv;
if (script !== undefined && fileURLToPath(import.meta.url) === script && count !== undefined) {
  const result = fuzzSources({ count: Number(count), seed: Number(seed ?? 1) });
  console.log(JSON.stringify(result, undefined, 2));
  if (result.faults.length > 0) process.exitCode = 1;
}
