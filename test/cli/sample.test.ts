// Drawing tokens on the CPU, against the scores that Hugging Face's `generate` draws from.
import { array, assert, double, integer, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleToken, type Sampling } from '../../cli/sample.ts';
import { PLAIN, processedScores, softmax } from '../support/hf-scores.ts';

const LOGITS = Float64Array.of(0, 3, 1, 2, -1, 1, -4);
const NOTHING: ReadonlySet<number> = new Set();

function drawn(sampling: Partial<Sampling>, seen: ReadonlySet<number>, times: number): readonly number[] {
  const whole = { ...PLAIN, seed: 7, ...sampling };
  return Array.from({ length: times }, (_, count) => sampleToken(LOGITS, whole, count, seen));
}

describe('a drawn token', () => {
  test('is the likeliest at temperature 0, the first of equal ones', () => {
    expect(drawn({ temperature: 0 }, NOTHING, 1)).toEqual([1]);
    const equal = Float64Array.of(1, 2, 2);
    expect(sampleToken(equal, { ...PLAIN, temperature: 0, seed: 0 }, 0, NOTHING)).toBe(1);
    expect(drawn({ temperature: 0, repetitionPenalty: 2 }, new Set([1]), 1)).toEqual([3]);
  });

  test('is the likeliest where only one is left', () => {
    for (const alone of [{ topK: 1 }, { topP: 0.01 }, { minP: 1 }])
      expect(new Set(drawn({ temperature: 9, ...alone }, NOTHING, 50))).toEqual(new Set([1]));
  });

  test.each([
    {},
    { topK: 3 },
    { topK: 100 },
    { topP: 0.9 },
    { minP: 0.1 },
    { repetitionPenalty: 1.7, temperature: 1.4, topK: 6, topP: 0.95, minP: 0.02 },
  ])('follows the distribution with %o', (settings) => {
    const seen = new Set([1, 4]);
    const expected = softmax(processedScores(LOGITS, { ...PLAIN, ...settings }, seen));
    const tokens = drawn(settings, seen, 4000);
    for (const [token, probability] of expected.entries()) {
      const share = tokens.filter((each) => each === token).length / tokens.length;
      if (probability === 0) expect(share).toBe(0);
      expect(Math.abs(share - probability)).toBeLessThan(0.04);
    }
  });

  test('is one that the processors leave, whatever they are told', () => {
    const settings = record({
      repetitionPenalty: double({ min: 0.2, max: 3, noNaN: true }),
      temperature: double({ min: 0.05, max: 5, noNaN: true }),
      topK: nat(12),
      topP: double({ min: 0.01, max: 1, noNaN: true }),
      minP: double({ min: 0, max: 1, noNaN: true }),
      seed: nat(),
    });
    const logits = array(integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 10 });
    assert(
      property(logits, settings, array(nat(9)), nat(5), (values, sampling, tokens, count) => {
        const seen = new Set(tokens);
        const token = sampleToken(Float64Array.from(values), sampling, count, seen);
        // Shares that meet a boundary exactly may be rounded to either side.
        const looser = {
          ...sampling,
          topP: Math.min(1, sampling.topP + 1e-5),
          minP: sampling.minP * (1 - 1e-9),
        };
        expect(processedScores(values, looser, seen)[token]).toBeGreaterThan(-Infinity);
      }),
    );
  });

  test('is the same for a seed', () => {
    expect(drawn({ seed: 3 }, NOTHING, 20)).toEqual(drawn({ seed: 3 }, NOTHING, 20));
    expect(drawn({ seed: 4 }, NOTHING, 20)).not.toEqual(drawn({ seed: 3 }, NOTHING, 20));
  });
});
