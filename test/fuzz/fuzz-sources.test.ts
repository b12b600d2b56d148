// Some mutated sources at each run of the tests; `npm run fuzz` tries many more.
import { expect, test } from 'vitest';
import { fuzzSources } from './fuzz-sources.ts';
import { parseOnly } from './try-source.ts';

test('mutated sources that are only parsed crash nothing', () => {
  expect(fuzzSources({ count: 2000, seed: 1, run: parseOnly }).faults).toEqual([]);
});

test('mutated sources crash no stage, and what is printed is a fixed point', () => {
  const { faults, stages } = fuzzSources({ count: 400, seed: 2 });
  expect(faults).toEqual([]);
  expect(stages.planned).toBeGreaterThan(0);
});
