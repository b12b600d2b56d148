// Everything in std/, with several settings each: it compiles, has the weights it says and no more, and means the same however
// a sequence is cut into runs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCausal } from '../../compiler/ir/causality.ts';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { parse } from '../../grammar/index.ts';
import { graphOf, prelude } from '../check/graph-of.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import { sourceOf, stdCases } from './std-cases.ts';

const goldens = join(fileURLToPath(new URL('.', import.meta.url)), 'golden');

describe('the list of cases', () => {
  const declared = prelude.flatMap((source) => parse(source).value.declarations.map(({ name }) => name.text));

  test.each(declared)('has %s', (name) => {
    expect(stdCases.flatMap(({ covers }) => covers)).toContain(name);
  });

  test('names nothing that std lacks, and no case twice', () => {
    const covered = stdCases.flatMap(({ covers }) => covers);
    expect(covered.filter((name) => !declared.includes(name))).toEqual([]);
    expect(new Set(stdCases.map(({ name }) => name)).size).toBe(stdCases.length);
  });
});

describe.each(stdCases)('$name', (each) => {
  const graph = graphOf(sourceOf(each), each.config);

  test('has exactly its weights in both layers', () => {
    for (const layer of [0, 1]) {
      const prefix = `layers.${layer}.X.`;
      const names = Object.keys(graph.weights).filter((id) => id.startsWith(prefix));
      expect(names.map((id) => lastWords(id.slice(prefix.length))).toSorted()).toEqual(
        [...each.weights].toSorted(),
      );
    }
  });

  test('has one body for both layers', () => {
    expect(Object.keys(graph.bodies)).toHaveLength(each.beside === undefined ? 3 : 4);
    expectGolden(each.name, printGraph(graph));
  });

  test('prefill, split prefill and decode are one function', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 8 })),
        fc.nat(),
        phasesAgree,
      ),
      { numRuns: 12 },
    );
  });

  function phasesAgree(length: number, cuts: readonly number[], seed: number): void {
    const tokens = Array.from({ length }, (_, at) => (seed + 7 * at * at) % graph.vocab);
    const weights = randomWeights(graph, seed);
    const whole = createReference(graph, weights).run(tokens);
    expect(whole.every(Number.isFinite)).toBe(true);
    // What reads later positions has no parts.
    if (!isCausal(graph)) return;
    for (const pieces of [tokens.map((token) => [token]), split(tokens, cuts)]) {
      const reference = createReference(graph, weights);
      const joined = pieces.flatMap((piece) => [...reference.run(piece)]);
      expect(largestDifference(joined, whole)).toBeLessThan(1e-9);
    }
  }
});

/** A weight's own name: a block's mixers put the word of their argument in front. */
function lastWords(path: string): string {
  return path.replace(/^[fg]\./, '');
}

/** Runs of the given lengths, and the rest. */
function split(tokens: readonly number[], lengths: readonly number[]): readonly (readonly number[])[] {
  const pieces: (readonly number[])[] = [];
  let from = 0;
  for (const length of lengths) {
    if (from >= tokens.length) break;
    pieces.push(tokens.slice(from, from + length));
    from += length;
  }
  return from < tokens.length ? [...pieces, tokens.slice(from)] : pieces;
}

function randomWeights(graph: Graph, seed: number): (id: string) => Float64Array {
  const ids = Object.keys(graph.weights);
  return (id) => {
    const { axes } = graph.weights[id]!;
    return randomValues(seed + 101 * ids.indexOf(id) + 1, elementCount(axes), 0.7);
  };
}

function expectGolden(name: string, text: string): void {
  const path = join(goldens, `${name}.graph.txt`);
  if (process.env['UPDATE'] === '1' || !existsSync(path)) {
    mkdirSync(goldens, { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}
