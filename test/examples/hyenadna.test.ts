// The example of filters as long as the sequence: it has the published shape, its page is true, and what it shows of source is there.
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { elementCount } from '../../compiler/ir/graph.ts';
import { hyb } from '../cli/support.ts';
import { graphUnder } from '../models/models.ts';
import { expectPage } from './readme.ts';

const FOLDER = 'examples/hyenadna';
const PAGE = `${FOLDER}/README.md`;

// What the page's `hyb distill` writes.
afterAll(() => rmSync('dna-modes.safetensors', { force: true }));

test('the model has as many parameters as HyenaDNA small 32k', () => {
  const { weights } = graphUnder(`${FOLDER}/long_dna.hyb`, {});
  const parameters = Object.values(weights).reduce((sum, { axes }) => sum + elementCount(axes), 0);
  // Rates of decay, one for each channel of a layer, are weights here; the published ones are buffers.
  expect(parameters - 4 * 256).toBe(3_277_568);
});

test('the source that the page shows is the source', async () => {
  const page = readFileSync(PAGE, 'utf8');
  const { out } = await hyb('import', 'test/fixtures/lc_hyenadna-hf-names');
  const sources = `${readFileSync('std/hyena.hyb', 'utf8')}${out}`.replace(/^ +/gm, '');
  const shown = [...page.matchAll(/```hyb\n([^]*?)```/g)].map(([, text = '']) => text.replace(/^ +/gm, ''));
  expect(shown).toHaveLength(2);
  for (const text of shown) expect(sources).toContain(text);
});

test('the page shows what its commands print', () => expectPage(PAGE), 300_000);
