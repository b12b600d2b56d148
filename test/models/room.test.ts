// Filters or learned positions that end: more positions than that are refused, not left out, also by the model that an import writes.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../compiler/check/index.ts';
import { hyb } from '../cli/support.ts';
import { factsOf, fixtures, modelPath, readLibrary } from './models.ts';

const prelude = readLibrary();

function codes(model: string, folder: string, context: number): readonly string[] {
  const path = modelPath(model);
  const { diagnostics } = check({
    source: { name: path, text: readFileSync(path, 'utf8') },
    resolve: () => undefined,
    prelude,
    config: factsOf(folder).config,
    context,
  });
  return diagnostics.map(({ code }) => code);
}

describe.each([
  ['lc_hyenadna-hf-names', 66],
  ['lc_hyena-safari-order2', 64],
  ['lc_hyena-attention-order3-untied', 11],
  ['lc_m2-bert', 64],
  ['lc_m2-bert-causal', 10],
  ['lc_bigs', 64],
])('%s', (name, most) => {
  test(`takes ${most} positions and no more`, () => {
    const [fixture] = fixtures.filter((each) => each.name === name);
    const { model, folder } = fixture ?? { model: '', folder: '' };
    expect(codes(model, folder, most)).toEqual([]);
    expect(codes(model, folder, most + 1)).toEqual(['context_not_possible']);
  });
});

test('a written model says it too', async () => {
  const { out } = await hyb('import', 'test/fixtures/lc_hyenadna-hf-names');
  expect(out).toContain('  require model.context <= length, "its filters are shorter"\n');
});

test('a command says how many there may be', async () => {
  const { code, error } = await hyb('explain', 'test/fixtures/lc_hyenadna-hf-names', '--context', '128');
  expect(code).toBe(1);
  expect(error).toContain('`hyenadna` has no room for 128 positions: its filters are shorter.');
  expect(error).toContain('at most 66');
});

test('so it does where learned positions end before the filters', async () => {
  const { error } = await hyb('explain', 'test/fixtures/lc_m2-bert-causal', '--context', '11');
  expect(error).toContain('`m2_bert` has no room for 11 positions: it has learned fewer positions.');
  expect(error).toContain('at most 10');
});

test('the reference executor has room for as many as a plan', async () => {
  const folder = 'test/fixtures/lc_hyena-attention-order3-untied';
  const run = (...args: readonly string[]) =>
    hyb('run', folder, '--tokens', '1,2,3', '--device', 'reference', '--json', ...args);
  const { out } = await run();
  expect(JSON.parse(out)).toMatchObject({ ids: { length: 9 } });
  const more = await run('--max-tokens', '10');
  expect(more.out).toContain('this would make 12 positions, and the model has room for 11');
});
