// The page about programs has every code that a program may meet, and no other.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('every code of a HybError is documented', () => {
  const union = /export type HybErrorCode =([^;]*);/.exec(read('runtime/errors.ts'))?.[1] ?? '';
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  const table = read('docs/programs.md').split('## When something is wrong')[1] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| `') && !line.startsWith('| `code`'));
  const documented = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, code]) => code),
  );
  expect(documented.toSorted()).toEqual(codes.toSorted());
  expect(codes.length).toBeGreaterThan(20);
});
