// The README's table of families: a row for each model of the library, with what the zoo found.
import { parse } from '../../grammar/index.ts';
import type { Source } from '../../grammar/source.ts';
import type { ZooRow } from './run-checkpoint.ts';

const BEGIN = '<!-- The families: written by `npm run zoo -- --readme`. -->';
const END = '<!-- The families end here. -->';

/** The text with the table in the place between the marks. */
export function withSupportTable(text: string, models: readonly Source[], rows: readonly ZooRow[]): string {
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error('README.md has lost the marks of its table of families');
  const lines = supportTable(models, rows, text.slice(start, end)).map((line) => `${line}\n`);
  return `${text.slice(0, start)}${BEGIN}\n\n${lines.join('')}\n${text.slice(end)}`;
}

/** The files of the library that the table names. */
export function tableModels(text: string): readonly string[] {
  const table = text.slice(text.indexOf(BEGIN), text.indexOf(END));
  return [...table.matchAll(/\]\((std\/models\/[\w-]+\.hyb)\)/g)].map(([, name]) => name ?? '');
}

/** A model none of whose checkpoints was run keeps the figures it had. */
function supportTable(models: readonly Source[], rows: readonly ZooRow[], before: string): readonly string[] {
  const cells = models.map((source) => {
    const made = modelCells(source, rows);
    const old = before.split('\n').find((line) => line.includes(`](${source.name})`));
    const [, , , tried, error] = old?.split('|').map((cell) => cell.trim()) ?? [];
    const isKept = made[2] === NONE && tried !== undefined && error !== undefined;
    return isKept ? [...made.slice(0, 2), tried, error] : made;
  });
  const head = ['model', 'what it is', 'checkpoints tried', 'largest error'];
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)];
}

function modelCells(source: Source, rows: readonly ZooRow[]): readonly string[] {
  const model = parse(source).value.declarations.find((declaration) => declaration.kind === 'model');
  const name = model?.name.text ?? source.name;
  const own = rows.filter(({ family }) => family === name);
  const passed = own.filter(({ status }) => status === 'ok');
  const worst = Math.max(0, ...passed.flatMap(({ prefill, decode }) => [prefill ?? 0, decode ?? 0]));
  return [
    `[${name}](${source.name})`,
    firstWords((model?.doc ?? '').replaceAll('\n', ' ')),
    own.length === 0 ? NONE : `${passed.length} of ${own.length}`,
    passed.length === 0 ? '–' : worst.toExponential(0),
  ];
}

const NONE = 'none';

/** Up to the reference in parentheses; without one, up to a colon. */
function firstWords(doc: string): string {
  return /^[^:(]*\([^)]*\)/.exec(doc)?.[0] ?? doc.split(/[:.]/)[0] ?? '';
}
