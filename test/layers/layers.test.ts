// Layers of published code, each a .hyb beside this file with the fixture of the same name: compared with their output in every way to run.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hyb } from '../cli/support.ts';

const folder = 'test/layers';
const names = readdirSync(folder).flatMap((name) => (name.endsWith('.hyb') ? [name.slice(0, -4)] : []));

test.each(names)('%s', async (name) => {
  const weights = join('test/fixtures', name);
  const { code, out, error } = await hyb(
    'verify',
    join(folder, `${name}.hyb`),
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
