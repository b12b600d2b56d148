// Each .hyb beside this file is a layer of the cases that its first line names: run by the reference executor, it gives what they expect.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkHeader } from '../../compiler/check/header.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { graphOf } from '../check/graph-of.ts';
import { weightValues } from '../support/tensors.ts';
import { differenceFrom, readConvCases, tensorsOf } from './conv-cases.ts';

const folder = 'test/conv-cases';
/** The expected numbers have nine digits, and their sums add up some hundred of them. */
const TOLERANCE = 5e-8;

const known = readConvCases();
const pairs = readdirSync(folder)
  .filter((file) => file.endsWith('.hyb'))
  .flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const names = /^\/\/ Cases: (.*)\n/.exec(text)?.[1]?.split(', ') ?? [];
    return names.map((name) => [name, text] as const);
  });

test.each(pairs)('%s', (name, text) => {
  const found = known.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  const graph = graphOf(text, found.cfg);
  const tensors = new Map(tensorsOf(found));
  const input = tensors.get(graph.features?.name ?? '');
  if (input === undefined) throw new Error('the model takes no parameter of the case');
  tensors.delete(input.name);
  expect(checkHeader(Object.values(graph.weights), graph.ignored, [...tensors.values()])).toEqual([]);
  const outputs = createReference(graph, weightValues(graph, tensors)).evaluate(input.values);
  const names = Object.keys(outputs);
  expect(names.length).toBeGreaterThan(0);
  for (const output of names) {
    const expected = found.out[output];
    if (expected === undefined) throw new Error(`the case expects no ${output}`);
    expect(differenceFrom(expected, outputs[output] ?? new Float64Array(0)), output).toBeLessThan(TOLERANCE);
  }
});
