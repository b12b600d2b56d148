// Two thousand mutated sources at each run of the tests; many more by hand.
import { expect, test } from 'vitest';
import { parse, type Diagnostic, type Source } from '../../grammar/index.ts';
import { format } from '../../grammar/printer.ts';
import { fuzzSources } from './fuzz-sources.ts';

test('mutated sources crash nothing', () => {
  const { faults } = fuzzSources({ count: Number(process.env['RUNS'] ?? 2000), seed: 1 });
  expect(faults).toEqual([]);
});

test('mutated sources that parse are printed, and what is printed is a fixed point', () => {
  expect(fuzzSources({ count: Number(process.env['RUNS'] ?? 500), seed: 2, run: printed }).faults).toEqual(
    [],
  );
});

function printed(source: Source): readonly Diagnostic[] {
  const once = format(source).value;
  if (once === undefined) return parse(source).diagnostics;
  const twice = format({ name: source.name, text: once });
  if (twice.value !== once) throw new Error(`not a fixed point:\n${once}\n---\n${twice.value}`);
  return twice.diagnostics;
}
