// Modal fits of filters: sums of modes are found again, other filters come nearer with every mode.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitModes } from '../../compiler/distill/modal-fit.ts';
import { type Mode, tapsOf } from '../../compiler/distill/modes.ts';

const arbitraryMode: fc.Arbitrary<Mode> = fc.record({
  radius: fc.double({ min: 0.6, max: 0.995, noNaN: true }),
  angle: fc.double({ min: 0, max: Math.PI, noNaN: true }),
  re: fc.double({ min: -2, max: 2, noNaN: true }),
  im: fc.double({ min: -2, max: 2, noNaN: true }),
});

/** What the fit says its taps are: the modes' own, with the direct term at lag 0. */
function fitted(taps: Float64Array, count: number): Float64Array {
  const { modes, direct } = fitModes(taps, count);
  const values = tapsOf(modes, taps.length);
  if (values.length > 0) values[0]! += direct;
  return values;
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}

/** A windowed chirp: no sum of few modes. */
function chirp(length: number): Float64Array {
  return Float64Array.from({ length }, (_, t) => {
    const at = t / length;
    return Math.sin(30 * at * (1 + at)) * Math.exp(-4 * at);
  });
}

describe('fitModes', () => {
  it('finds sums of modes again, whatever is at lag 0', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryMode, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 24, max: 300 }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (modes, length, direct) => {
          const taps = tapsOf(modes, length);
          taps[0]! += direct;
          const largest = Math.max(...taps.map(Math.abs));
          const found = fitModes(taps, modes.length);
          expect(found.modes.length).toBeLessThanOrEqual(modes.length);
          expect(found.modes.every(({ radius }) => radius < 1)).toBe(true);
          expect(found.worst).toBeLessThan(1e-6 * Math.max(1, largest));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('reports the error that its modes have', () => {
    const taps = chirp(200);
    const { worst, relative } = fitModes(taps, 4);
    const difference = fitted(taps, 4).map((value, t) => value - taps[t]!);
    expect(Math.max(...difference.map(Math.abs))).toBeCloseTo(worst, 12);
    expect(norm(difference) / norm(taps)).toBeCloseTo(relative, 12);
  });

  it('comes nearer with more modes', () => {
    const errors = [1, 2, 4, 8].map((count) => fitModes(chirp(256), count).relative);
    expect(errors.toSorted((a, b) => b - a)).toEqual(errors);
    expect(errors.at(-1)).toBeLessThan(2e-2);
  });

  it('fits a filter longer than what it samples', () => {
    const modes = [
      { radius: 0.9997, angle: 0.3, re: 1, im: 0.5 },
      { radius: 0.99, angle: 2.1, re: -0.7, im: 0 },
    ];
    expect(fitModes(tapsOf(modes, 20_000), 2).relative).toBeLessThan(1e-8);
  });

  it('takes zeros, one tap and nothing', () => {
    expect(fitModes(new Float64Array(8), 2)).toEqual({ modes: [], direct: 0, worst: 0, relative: 0 });
    expect(fitModes(Float64Array.of(3), 2)).toMatchObject({ modes: [], direct: 3, worst: 0 });
    expect(fitModes(new Float64Array(0), 2)).toMatchObject({ modes: [], direct: 0 });
    expect(fitted(Float64Array.of(1, 2), 2)[0]).toBe(1);
  });
});
