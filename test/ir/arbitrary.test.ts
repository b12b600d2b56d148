// Random bodies: they verify, mean the same in every phase, and survive rebuilding and removal of dead nodes.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { printBody } from '../../compiler/ir/print.ts';
import { mapBody, removeDeadNodes } from '../../compiler/ir/rewrite.ts';
import { verifyBody } from '../../compiler/ir/verify.ts';
import { arbitraryBody } from './arbitrary-body.ts';
import { expectClose, expectTimeless, randomGiven } from './helpers.ts';

describe('random bodies', () => {
  it('verify, and mean the same in prefill, split prefill and decode', () => {
    fc.assert(
      fc.property(arbitraryBody, fc.nat(1000), (body, seed) => {
        verifyBody(body);
        expectTimeless(body, randomGiven(body, 7, seed), 7, 1e-8);
      }),
      { numRuns: 150 },
    );
  });

  it('mean the same when rebuilt and without dead nodes', () => {
    fc.assert(
      fc.property(arbitraryBody, (body) => {
        const given = randomGiven(body, 5);
        const before = interpretBody(body, given, [5]);
        for (const after of [removeDeadNodes(body), mapBody(body, () => undefined)]) {
          verifyBody(after);
          const results = interpretBody(after, given, [2, 3]);
          for (const name of Object.keys(before)) expectClose(results[name]!, before[name]!, 1e-8);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('print every node once', () => {
    fc.assert(
      fc.property(arbitraryBody, (body) => {
        const lines = printBody(body).split('\n');
        for (const { id } of body.nodes)
          expect(lines.filter((line) => line.startsWith(`  %${id} `))).toHaveLength(1);
      }),
      { numRuns: 30 },
    );
  });

  it('cover every kind of op', () => {
    const seen = new Set(
      fc.sample(arbitraryBody, { numRuns: 200, seed: 7 }).flatMap((body) => body.nodes.map(({ op }) => op)),
    );
    for (const op of [
      'attend',
      'scan',
      'conv',
      'shift',
      'rotate',
      'contract',
      'concat',
      'slice',
      'where',
      'sum',
      'max',
    ])
      expect(seen).toContain(op);
  });
});
