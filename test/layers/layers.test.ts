// Layers of published code that no model of the library is of, each a .hyb beside this file with the fixtures that its first line names:
// compared with their output in every way to run.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hyb } from '../cli/support.ts';

const folder = 'test/layers';
const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.hyb'))
  .flatMap((file) => fixturesOf(file).map((fixture) => [fixture, file] as const));

function fixturesOf(file: string): readonly string[] {
  const named = /^\/\/ Fixtures: (.*)\n/.exec(readFileSync(join(folder, file), 'utf8'))?.[1];
  if (named === undefined) throw new Error(`${file} does not begin with its fixtures`);
  return named.split(', ');
}

test.each(cases)('%s', async (fixture, file) => {
  const weights = join('test/fixtures', fixture);
  const { code, out, error } = await hyb(
    'verify',
    join(folder, file),
    '--weights',
    weights,
    '--device',
    'reference',
    '--tolerance',
    '1e-4',
    '--quiet',
  );
  expect(code, `${out}${error}`).toBe(0);
});
