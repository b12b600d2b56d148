// Printing: parse ∘ print is the identity on trees, and the printed form is a fixed point that keeps every comment.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { format, parse, print, renderDiagnostics, type File } from '../../grammar/index.ts';
import { bodyWords, fitKeys, modelWords } from '../../grammar/words.ts';

const fitWords: ReadonlySet<string> = new Set(fitKeys);
import { file } from './arbitrary.ts';
import { withoutPlaces } from './places.ts';

const runs = Number(process.env['RUNS'] ?? 150);

function parsed(text: string): File {
  const { value, diagnostics } = parse({ name: 'printed.hyb', text });
  expect(renderDiagnostics(diagnostics), text).toBe('');
  return value;
}

function formatted(text: string): string {
  const { value, diagnostics } = format({ name: 'printed.hyb', text });
  expect(renderDiagnostics(diagnostics), text).toBe('');
  return value ?? '';
}

describe('generated programs', () => {
  test('parse ∘ print is the identity', () => {
    fc.assert(
      fc.property(file, (program) => {
        const text = print(program);
        expect(withoutPlaces(parsed(text)), text).toEqual(withoutPlaces(program));
      }),
      { numRuns: runs },
    );
  });

  test('the printed form is canonical', () => {
    fc.assert(
      fc.property(file, (program) => {
        const text = print(program);
        expect(formatted(text)).toBe(text);
      }),
      { numRuns: runs },
    );
  });

  test('comments between any two words are kept, and change nothing else', () => {
    fc.assert(
      fc.property(file, fc.infiniteStream(fc.nat(99)), (program, random) => {
        let count = 0;
        const text = print(program).replace(
          /(?:"(?:[^"\\]|\\.)*"|\/\/.*|[ \n])/g,
          (piece, offset: number, whole: string) => {
            // Behind `bias` a line ends the weight, and a line that begins like a statement begins one.
            const isBias = whole.slice(0, offset).endsWith(' bias');
            const word = /^\w*/.exec(whole.slice(offset + piece.length))?.[0] ?? '';
            const isFixed = isBias || bodyWords.has(word) || modelWords.has(word) || fitWords.has(word);
            if (isFixed || piece.length > 1 || (random.next().value ?? 0) > 15) return piece;
            return `${piece}// comment ${count++}\n`;
          },
        );
        const once = formatted(text);
        expect(withoutPlaces(parsed(once)), text).toEqual(withoutPlaces(program));
        expect(once.match(/\/\/ comment \d+/g)?.length ?? 0).toBe(count);
        expect(formatted(once)).toBe(once);
      }),
      { numRuns: runs },
    );
  });
});

describe('files', () => {
  const root = new URL('../..', import.meta.url).pathname;
  const files = ['std', 'examples']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, String(name))),
    )
    .filter((path) => path.endsWith('.hyb'));

  test.each(files)('%s', (path) => {
    const text = readFileSync(path, 'utf8');
    const once = formatted(text);
    expect(withoutPlaces(parsed(once))).toEqual(withoutPlaces(parsed(text)));
    expect(formatted(once)).toBe(once);
    expect(once.match(/\/\/.*/g)?.length).toBe(text.match(/\/\/.*/g)?.length);
  });
});
