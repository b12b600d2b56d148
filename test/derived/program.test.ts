// Derived programs against the reference executor: every op that can be computed at load, whole and in blocks.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import type { Body, NodeId } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { ops, recordOf } from '../../compiler/ir/ops/index.ts';
import { deriveProgram } from '../../compiler/plan/derive-program.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { arityOf, scalarOf } from '../../runtime/functions/scalars.ts';
import { axis, randomGiven } from '../ir/helpers.ts';
import { graphUnder } from '../models/models.ts';
import { arbitraryFixed } from './arbitrary-fixed.ts';
import { programOf, runProgram } from './run-program.ts';

/** The largest relative difference of all outputs. */
async function compare(body: Body, outputs: readonly NodeId[], seed: number, most?: number): Promise<void> {
  const given = randomGiven(body, 1, seed);
  const expected = interpretBody(body, given, [1]);
  const values = await runProgram(programOf(body, outputs, given, most));
  outputs.forEach((id, at) => {
    const reference = Float32Array.from(expected[String(id)]!);
    const differences = values[at]!.map((value, i) => difference(value, reference[i]!));
    expect(values[at]!.length).toBe(reference.length);
    expect(Math.max(...differences), body.nodes[id]!.op).toBeLessThan(1e-6);
  });
}

/** Relative where values are large; none between equal infinities. */
function difference(a: number, b: number): number {
  return Object.is(a, b) ? 0 : Math.abs(a - b) / Math.max(1, Math.abs(b));
}

function lastOf(body: Body): readonly NodeId[] {
  return Object.values(body.outputs).slice(-2);
}

describe('a derived program', () => {
  test('is what the reference executor computes', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFixed, fc.nat(1000), (body, seed) =>
        compare(body, Object.values(body.outputs), seed),
      ),
      { numRuns: 60 },
    );
  });

  test('is the same in blocks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFixed, fc.nat(1000), fc.integer({ min: 1, max: 300 }), (body, seed, most) =>
        compare(body, lastOf(body), seed, most),
      ),
      { numRuns: 100 },
    );
  });

  test('is tried with every op that can be computed at load, in blocks and without', () => {
    const bodies = fc.sample(arbitraryFixed, { numRuns: 300, seed: 7 });
    const seen = new Set(bodies.flatMap((body) => body.nodes.map(({ op }) => op)));
    const wanted = Object.keys(ops).filter(
      (op) => !['temporal', 'source', 'rotate'].includes(recordOf(op).kind),
    );
    expect(wanted.filter((op) => !seen.has(op))).toEqual([]);
    const steps = bodies.flatMap((body) => programOf(body, lastOf(body), randomGiven(body, 1), 40).steps);
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['loop', 'blocks', 'function']));
  });
});

test('a product that is only summed is never made whole', () => {
  const summed = axis('n', 1_000);
  const builder = new BodyBuilder('sums');
  const [a, b] = [
    builder.weight('a', [axis('head', 2), summed]),
    builder.weight('b', [summed, axis('key', 500)]),
  ];
  const sum = builder.sum(builder.map('mul', [a, b]), ['n']);
  const { arrays } = deriveProgram(builder.finish({ sum }), [sum], Infinity);
  const made = arrays.filter(({ source }) => source === undefined);
  expect(Math.max(...made.map(({ elements }) => elements))).toBe(2 * 500);
});

test('a filter is computed once, for its taps and for its spectra', () => {
  const { derived } = planGraph(graphUnder('examples/hyenadna/long_dna.hyb', {}), {}).plan;
  const spectra = derived.filter(({ steps }) => steps.some(({ kind }) => kind === 'spectra'));
  expect(spectra.map(({ name }) => name)).toEqual([0, 1, 2, 3].map((layer) => `layers.${layer}.HYENA`));
  expect(derived).toHaveLength(4);
});

test('a map means the function of its name', () => {
  for (const [name, record] of Object.entries(ops)) {
    if (record.kind !== 'map') continue;
    expect(arityOf(name), name).toBe(record.arity);
    expect(scalarOf(name), name).toBe(record.evaluate);
  }
});
