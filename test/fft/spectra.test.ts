// Spectra of filters in the order of kernels, against the defining sum.
import { describe, expect, test } from 'vitest';
import { DEFAULT_TARGET } from '../../compiler/kernels/template.ts';
import { filterRows } from '../../compiler/kernels/fft/problem.ts';
import { fftShape } from '../../compiler/kernels/fft/shape.ts';
import { frequencyAt, spectraSize } from '../../runtime/derived/spectra.ts';
import { spectraOf } from '../support/spectra.ts';
import { turnValues } from '../../runtime/derived/turns.ts';
import type { SpectraPlan } from '../../runtime/plan.ts';
import { noise } from '../kernels/attend-cases.ts';

describe('the order of positions', () => {
  test('reads digits the other way round', () => {
    expect(Array.from({ length: 8 }, (_, p) => frequencyAt([2, 4], p))).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
    expect(Array.from({ length: 8 }, (_, p) => frequencyAt([2, 2, 2], p))).toEqual([0, 4, 2, 6, 1, 5, 3, 7]);
  });

  test('has every frequency once, for the radices of every shape', () => {
    for (const way of ['radix', 'monarch'] as const)
      for (let points = 2; points <= 4096; points *= 2) {
        const { radices } = fftShape(points, 1, DEFAULT_TARGET, way);
        expect(radices.reduce((all, radix) => all * radix, 1)).toBe(points);
        const all = new Set(Array.from({ length: points }, (_, p) => frequencyAt(radices, p)));
        expect(all.size).toBe(points);
      }
  });
});

/** Σ_lag tap · e^(−2πi·k·(lag − origin) / points) */
function sumAt(taps: Float32Array, first: number, origin: number, points: number, k: number) {
  let [re, im] = [0, 0];
  taps.forEach((tap, i) => {
    const index = (((first + i - origin) % points) + points) % points;
    const angle = (-2 * Math.PI * ((k * index) % points)) / points;
    re += tap * Math.cos(angle);
    im += tap * Math.sin(angle);
  });
  return [re, im] as const;
}

test('sums and differences of two filters, of each segment, by tiles', () => {
  const [first, lags, points] = [-5, 20, 32];
  const taps = noise(3 * lags, 9);
  const plan: SpectraPlan = {
    radices: [4, 8],
    segments: [
      { from: -16, to: 16, origin: -16 },
      { from: 0, to: 32, origin: 0 },
    ],
    rows: [
      [0, 1],
      [2, 2],
      [1, 0],
    ],
    tile: 2,
    differences: true,
  };
  const result = spectraOf(plan, { values: taps, first, lags });
  expect(result.length).toBe(2 * spectraSize(plan));
  plan.rows.forEach(([a, b], row) =>
    plan.segments.forEach(({ from, to, origin }, s) => {
      const inside = (filter: number): Float32Array =>
        taps
          .slice(filter * lags, (filter + 1) * lags)
          .map((tap, i) => (first + i >= from && first + i < to ? tap : 0));
      for (let p = 0; p < points; p++) {
        const k = frequencyAt(plan.radices, p);
        const [aRe, aIm] = sumAt(inside(a), first, origin, points, k);
        const [bRe, bIm] = sumAt(inside(b), first, origin, points, k);
        const width = row < 2 ? 2 : 1;
        const at = 4 * ((row < 2 ? 0 : 2 * 2 * points) + (s * points + p) * width + (row % 2));
        const expected = [aRe + bRe, aIm + bIm, aRe - bRe, aIm - bIm].map((value) => value / 2 / points);
        expected.forEach((value, i) => expect(result[at + i]).toBeCloseTo(value, 6));
      }
    }),
  );
});

test('rows for pairs of channels that repeat are there once', () => {
  const problem = { channels: 12, back: 3, ahead: 0, maximum: 8 };
  const rows = (inner: number, count: number) => filterRows({ ...problem, filters: { inner, count } });
  expect(rows(1, 1)).toMatchObject({ rows: [[0, 0]], differences: false });
  expect(rows(4, 3)).toMatchObject({ rows: [[0, 0], [1, 1], [2, 2]], differences: false }); // prettier-ignore
  expect(rows(1, 4)).toMatchObject({ rows: [[0, 1], [2, 3]], differences: true }); // prettier-ignore
  expect(rows(1, 12).rows.length).toBe(6);
  expect(rows(3, 4).rows.map(([a, b]) => a === b)).toEqual([true, false, true, true, false, true]);
});

test('turns come from exact fractions of a circle', () => {
  expect(
    [...turnValues([{ of: 4, step: 1, count: 4 }])].map((value) => Math.round(value * 1e9) / 1e9),
  ).toEqual([1, -0, 0, -1, -1, -0, -0, 1]);
});
