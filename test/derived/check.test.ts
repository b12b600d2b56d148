// Derived programs that contradict themselves are told as damaged bundles.
import { expect, test } from 'vitest';
import { checkPlan } from '../../runtime/plan-check.ts';
import type { DerivedPlan, LoopStep, Plan } from '../../runtime/plan.ts';
import { bigramPlan, scaledTable } from '../runtime/bigram.ts';

const scaled = scaledTable();
const [table, scale, result] = scaled.arrays;
const [weight] = scaled.weights;
const step = scaled.steps[0];
if (
  table === undefined ||
  scale === undefined ||
  result === undefined ||
  weight === undefined ||
  step?.kind !== 'loop'
)
  throw new Error('the program is not what it was');

function derivedPlan(changes: Partial<DerivedPlan>): Plan {
  return bigramPlan({ derived: [{ ...scaled, ...changes }] });
}

function derivedStep(changes: Partial<LoopStep>): Plan {
  return derivedPlan({ steps: [{ ...(step as LoopStep), ...changes }] }); // It is one, see above.
}

function inBlocks(count: number, rows: number, changes: Partial<LoopStep>): Plan {
  const inner: LoopStep = { ...(step as LoopStep), sizes: [rows], along: 0, ...changes }; // It is one, see above.
  return derivedPlan({ steps: [{ kind: 'blocks', count, rows, steps: [inner] }] });
}

const advancing = { out: { array: 2, offset: 0, strides: [1], advance: 1 } };

test('whole programs pass', () => {
  checkPlan(bigramPlan());
  checkPlan(inBlocks(256, 100, advancing));
});

test.each([
  [
    'a derived value outside',
    derivedPlan({ arrays: [...scaled.arrays.slice(0, 2), { ...result, elements: 512 }] }),
    /a derived value \(2048 bytes at 0\) does not fit/,
  ],
  [
    'a derived weight outside',
    derivedPlan({ arrays: [{ elements: 8 }, ...scaled.arrays.slice(1)], steps: [] }),
    /does not fit buffer `array 0`/,
  ],
  ['an unknown function', derivedStep({ function: 'magic' }), /calls `magic`, which is not known here/],
  ['too few operands', derivedStep({ operands: [] }), /gives `mul` 0 operands/],
  ['loops beyond an array', derivedStep({ sizes: [300] }), /goes beyond an array of 256 elements/],
  ['an array that is not there', derivedStep({ out: { array: 7, offset: 0, strides: [1] } }), /no array 7/],
  ['no loop to combine', derivedStep({ reduce: { combine: 'sum', loops: 2 } }), /loops over \[256\]/],
  ['rows of no block', derivedStep({ along: 0 }), /256 rows of a block/],
  [
    'a block of no rows',
    derivedPlan({ steps: [{ kind: 'blocks', count: 4, rows: 0, steps: [] }] }),
    /blocks of 0 of 4 rows/,
  ],
  [
    'an unknown function of arrays',
    derivedPlan({ steps: [{ kind: 'function', function: 'magic', inputs: [0], sizes: {}, out: 2 }] }),
    /calls `magic`/,
  ],
  ['a block beyond an array', inBlocks(257, 100, advancing), /goes beyond an array of 256 elements/],
  ['rows that no block has', inBlocks(256, 100, { sizes: [90] }), /90 rows of a block/],
  [
    'a count of infinities',
    derivedStep({
      operands: [
        { first: Infinity, strides: [0] },
        { first: 0, strides: [1] },
      ],
    }),
    /no number/,
  ],
  [
    'a weight in halves',
    derivedPlan({ weights: [{ ...weight, encoding: 'f16' as never }] }),
    /unknown encoding `f16`/,
  ],
])('%s', (_, plan, message) => {
  expect(() => checkPlan(plan)).toThrow(message);
});
