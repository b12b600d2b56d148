// Every rewriting rule keeps the meaning of every body: interpreted before and after, in one run, in a split one, and token by token.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REWRITE_RULES } from '../../compiler/fuse/index.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import type { Body } from '../../compiler/ir/graph.ts';
import { verifyBody } from '../../compiler/ir/verify.ts';
import { arbitraryBody } from '../ir/arbitrary-body.ts';
import { largestDifference, randomGiven } from '../ir/helpers.ts';
import { fusableBody } from './fusable-body.ts';
import { modelBodies } from './model-bodies.ts';

const COUNT = 5;
const RULES = Object.entries(REWRITE_RULES);

/** Of every model, in f64 and so not the largest. */
const BODIES = modelBodies()
  .map(([, body]) => body)
  .filter(({ nodes }) => nodes.length < 200);

/** Whether a rule found nothing to do, which keeps the meaning. */
function isEqual(before: Body, after: Body): boolean {
  return JSON.stringify([before.nodes, before.outputs]) === JSON.stringify([after.nodes, after.outputs]);
}

/** All rules in their order, as the compiler applies them. */
function rewriteAll(body: Body): Body {
  return RULES.reduce((now, [, rule]) => rule(now), body);
}

function expectSameMeaning(before: Body, after: Body, seed = 1): void {
  verifyBody(after);
  expect(Object.keys(after.outputs)).toEqual(Object.keys(before.outputs));
  const given = randomGiven(before, COUNT, seed);
  // Sources are drawn by their node, so both bodies must be given the same ones.
  const expected = interpretBody(before, given, [COUNT]);
  for (const runs of [[COUNT], [2, 3], [1, 1, 1, 1, 1]]) {
    const found = interpretBody(after, given, runs);
    for (const [name, values] of Object.entries(expected)) {
      const size = Math.max(1, ...values.map(Math.abs));
      expect(largestDifference(found[name] ?? [], values) / size, name).toBeLessThan(1e-9);
    }
  }
}

describe.each([...RULES, ['all rules', rewriteAll] as const])('the rule "%s"', (_name, rule) => {
  it('keeps the meaning of every body of the library and the models', () => {
    for (const body of BODIES) {
      const after = rule(body);
      if (!isEqual(body, after)) expectSameMeaning(body, after);
    }
  });

  it('keeps the meaning of random bodies', () => {
    for (const bodies of [arbitraryBody, fusableBody])
      fc.assert(
        fc.property(bodies, fc.nat(1000), (body, seed) => expectSameMeaning(body, rule(body), seed)),
        { numRuns: 60 },
      );
  });

  it('finds nothing more to do the second time', () => {
    fc.assert(
      fc.property(fusableBody, (body) => {
        const once = rule(body);
        expect(rule(once)).toEqual(once);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the rules', () => {
  it('each fire on bodies made for them', () => {
    const fired = new Set<string>();
    for (const body of fc.sample(fusableBody, { numRuns: 60, seed: 11 }))
      for (const [name, rule] of RULES) {
        const after = rule(body);
        if (JSON.stringify(after.nodes) !== JSON.stringify(REWRITE_RULES['fold constants']?.(body).nodes))
          fired.add(name);
      }
    expect([...fired]).toEqual(expect.arrayContaining(['factor out', 'sink into scan']));
  });
});
