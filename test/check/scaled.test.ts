// `scaled by`: a scan whose states are kept divided by exp(m) means what the same scan means without that.
import { describe, expect, test } from 'vitest';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import { graphOf } from './graph-of.ts';

const TOKENS = Array.from({ length: 13 }, (_, i) => (i * 7 + 3) % 11);

/** The bodies say `one` for exp(-m), which is 1 where nothing is scaled. */
const bodies: Readonly<Record<string, string>> = {
  'a matrix and its normaliser': `
    S = exp(f(u)) * S + exp(i(u)) * k(u) * v(u)
    z = exp(f(u)) * z + exp(i(u)) * k(u)
    y = sum(S * q(u), key) / (abs(sum(z * q(u), key)) + one)`,
  'reads before the update': `
    y = sum(S * q(u), key) / (abs(sum(z * q(u), key)) + one)
    S = exp(f(u)) * S + exp(i(u)) * k(u) * v(u)
    z = sigmoid(f(u)) * z - exp(i(u)) * k(u) / exp(g(u))`,
  'reads between two updates': `
    S = exp(f(u)) * S
    y = sum(S * q(u), key)
    S = S + exp(i(u)) * (v(u) * k(u))
    z = z + k(u)
    y = y / (sum(z * z, key) / one + one)`,
  'a delta rule': `
    S = exp(f(u)) * S - exp(f(u) + g(u)) * k(u) * sum(S * k(u), key) + exp(i(u)) * k(u) * v(u)
    z = exp(g(u)) * (exp(i(u)) * z - 0.5 * (z + k(u)))
    y = (sum(S * q(u), key) + sum(z, key)) / one`,
  'a decay for each key, and a reset': `
    S = where(position == 4, 0, exp(vector) * S) + exp(i(u)) * k(u) * v(u)
    z = 0.5 * z + 0.1
    r = S
    y = sum(r * z, key) / (one * one)`,
};

function graphWith(statements: string, scaled: boolean): Graph {
  const text = `mixer mine(heads = 2, key = 3, value = 4) {
  weight q, k    : width -> heads * key
  weight v       : width -> heads * value
  weight f, i, g : width -> heads
  weight decay   : width -> heads * key
  weight out     : heads * value -> width
  vector = -abs(decay(u))
  scan S[heads, key, value], z[heads, key] ${scaled ? 'scaled by m[heads] = 0.25' : ''} {
    ${scaled ? '' : 'm = 0'}
    ${statements.replaceAll('one', 'exp(-m)')}
  }
  return out(y) + ${scaled ? '0 * mean(m, heads)' : '0'}
}
model own {
  vocab 11
  width 12
  stripe A
  A = mine()
}`;
  return graphOf(text, {});
}

function logits(graph: Graph): Float64Array {
  const ids = Object.keys(graph.weights);
  const weights = (id: string): Float64Array =>
    randomValues(29 * ids.indexOf(id) + 3, elementCount(graph.weights[id]!.axes), 0.8);
  return createReference(graph, weights).run(TOKENS);
}

describe('means the same as without', () => {
  test.each(Object.entries(bodies))('%s', (_, statements) => {
    // Initial values are those of the kept states, so all states start from nothing.
    const expected = logits(graphWith(statements, false));
    expect(expected.every(Number.isFinite)).toBe(true);
    expect(largestDifference(logits(graphWith(statements, true)), expected)).toBeLessThan(1e-9);
  });
});

test('exponents that no number holds do no harm', () => {
  const statements = (bodies['a matrix and its normaliser'] ?? '').replaceAll('exp(i(u))', 'exp(i(u) + 900)');
  expect(logits(graphWith(statements, false)).every(Number.isFinite)).toBe(false);
  const shifted = logits(graphWith(statements.replace('+ one', '+ 0'), true));
  const plain = logits(
    graphWith((bodies['a matrix and its normaliser'] ?? '').replace('+ one', '+ 0'), false),
  );
  expect(largestDifference(shifted, plain)).toBeLessThan(1e-9);
});
