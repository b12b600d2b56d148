// Normal forms: the classes of recurrences as people write them, and that each form means what its scan means.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { isRefused } from '../../compiler/recurrence/affine.ts';
import { describeRecurrence } from '../../compiler/recurrence/describe-states.ts';
import { normalForm } from '../../compiler/recurrence/normal-form.ts';
import { largestDifference, randomGiven } from '../ir/helpers.ts';
import { evaluateForm } from './evaluate-form.ts';
import { operandsAt, RECURRENCES, recurrenceGraph, REFUSED, scanBody, scanOf } from './recurrences.ts';

describe.each(RECURRENCES)('$title', ({ body, class: expected, form: equation }) => {
  const scan = scanOf(recurrenceGraph(body));
  const form = normalForm(scan.attrs);

  test('is of its class', () => {
    const description = describeRecurrence(scan.attrs, scan.names);
    expect(description.class).toBe(expected);
    expect(description.form[0]).toBe(equation);
  });

  test('means what its scan means', () => {
    if (isRefused(form)) throw new Error(form.refused);
    const whole = scanBody(scan);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 5 }), (seed, count) => {
        const given = randomGiven(whole, count, seed);
        const operands = Array.from({ length: count }, (_, position) => operandsAt(scan, given, position));
        const expectedValues = interpretBody(whole, given, [count])['y'] ?? new Float64Array();
        const largest = expectedValues.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        for (const found of [evaluateForm(form, operands), evaluateForm(form, operands, form.steps)])
          expect(largestDifference(found, expectedValues) / largest).toBeLessThan(1e-12);
      }),
      { numRuns: 20, seed: 1 },
    );
  });
});

describe.each(REFUSED)('$title', ({ body, reason }) => {
  test('has no normal form', () => {
    const scan = scanOf(recurrenceGraph(body));
    expect(describeRecurrence(scan.attrs, scan.names)).toEqual({ form: [], class: null, reason });
  });
});

test('a gated delta rule is described in the words of its source', () => {
  const recurrence = RECURRENCES.find(({ title }) => title === 'a delta rule with a vector decay');
  const scan = scanOf(recurrenceGraph(recurrence?.body ?? ''));
  expect(describeRecurrence(scan.attrs, scan.names)).toMatchInlineSnapshot(`
    {
      "class": "Δ",
      "form": [
        "S ← decay ⊙ S + b (aᵀ S) + k vᵀ, read after the update",
        "decay = exp(-softplus(w(u)))",
        "a = kk·exp(-softplus(w(u)))",
        "b = −(sigmoid(b(u)) * kk)",
        "k = sigmoid(b(u)) * kk",
        "v = v",
        "q = q",
      ],
      "reason": "a correction of what the state holds, a decay for each key (head: heads, key: key, value: value)",
    }
  `);
});

test('a complex state is described as one number that turns', () => {
  const body = `pole = polar(exp(-exp(r)), xc(u))
  scan h[channel] = 0 in complex {
    h = pole * h + i(u)
  }
  return out_channel(re(h))`;
  const scan = scanOf(recurrenceGraph(body));
  expect(describeRecurrence(scan.attrs, scan.names)).toMatchInlineSnapshot(`
    {
      "class": "D",
      "form": [
        "h ← decay ⊙ h + x, complex",
        "decay = pole.re + i·(pole.im)",
        "x = i",
      ],
      "reason": "every complex element goes by itself (head: channel, key: none, value: none)",
    }
  `);
});
