// The example of a mixer that nobody ships: it is short, runs in every mode as the reference executor says, and its page is true.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileToGraph } from '../../compiler/lower/compile-to-graph.ts';
import { renderDiagnostics } from '../../grammar/render.ts';
import { hyb } from '../cli/support.ts';
import { readLibrary } from '../models/models.ts';
import { differences, openGraph } from '../plan/run-graph.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { expectPage } from './readme.ts';

const FILE = 'examples/new-mixer/twin_delta.hyb';
const PAGE = 'examples/new-mixer/README.md';
const text = readFileSync(FILE, 'utf8');

let opened: TestDevice;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened.close());

test('has fewer than 40 lines', () => {
  expect(text.trimEnd().split('\n').length).toBeLessThan(40);
});

test.each([2, 15, 16, 17, 53])('gives the reference’s logits in every mode, for %i tokens', async (count) => {
  const { value, diagnostics } = compileToGraph({
    source: { name: FILE, text },
    resolve: () => undefined,
    prelude: readLibrary(),
  });
  if (value === undefined) throw new Error(renderDiagnostics(diagnostics));
  const tokens = Array.from({ length: count }, (_, i) => (i * 37 + 11) % 256);
  const run = await openGraph(opened.device, value, { chunk: 64 }, 0.3);
  const found = await differences(run, tokens, Math.floor(count / 2));
  for (const [mode, difference] of Object.entries(found)) expect(difference, mode).toBeLessThan(1e-5);
});

test('explain shows the normal form and the class', async () => {
  const { code, out, error } = await hyb('explain', FILE);
  expect(code, error).toBe(0);
  expect(out).toContain('class Δ: 2 steps with 2 corrections of what the state holds, a decay for each key');
  expect(out).toContain(
    'S ← decay ⊙ S + b1 (a1ᵀ S) + k1 v1ᵀ, then S ← S + b2 (a2ᵀ S) + k2 v2ᵀ, read after the update',
  );
});

test('the page shows what its commands print', () => expectPage(PAGE), 300_000);
