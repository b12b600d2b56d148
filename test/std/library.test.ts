// Mixers of the library as no checkpoint here uses them: every mode gives what the reference executor says.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileToGraph } from '../../compiler/lower/compile-to-graph.ts';
import { renderDiagnostics } from '../../grammar/render.ts';
import { readLibrary } from '../models/models.ts';
import { differences, openGraph } from '../plan/run-graph.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened.close());

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.hyb'));
/** Longer than one chunk, and no multiple of one. */
const TOKENS = Array.from({ length: 13 }, (_, i) => (i * 7 + 3) % 11);

test.each(files)('%s', async (name) => {
  const text = readFileSync(join(import.meta.dirname, name), 'utf8');
  const { value, diagnostics } = compileToGraph({
    source: { name, text },
    resolve: () => undefined,
    prelude: readLibrary(),
  });
  if (value === undefined) throw new Error(renderDiagnostics(diagnostics));
  const run = await openGraph(opened.device, value, { chunk: 8 });
  const found = await differences(run, TOKENS, 5);
  for (const [mode, difference] of Object.entries(found)) expect(difference, mode).toBeLessThan(2e-6);
});
