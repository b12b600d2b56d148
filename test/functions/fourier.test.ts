// The Fourier transform against the defining sum, and forwards against backwards.
import { describe, expect, test } from 'vitest';
import { fourierOf } from '../../runtime/functions/fourier.ts';

/** Numbers of [−1, 1), the same at every run. */
function noise(count: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** X[k] by the defining sum; the angle is reduced exactly before it meets π. */
function direct(re: Float64Array, im: Float64Array, k: number): readonly [number, number] {
  let [x, y] = [0, 0];
  for (let n = 0; n < re.length; n++) {
    const angle = -2 * Math.PI * (((k * n) % re.length) / re.length);
    x += re[n]! * Math.cos(angle) - im[n]! * Math.sin(angle);
    y += re[n]! * Math.sin(angle) + im[n]! * Math.cos(angle);
  }
  return [x, y];
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

describe('a Fourier transform', () => {
  test.each([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])('of %i numbers is the defining sum', (size) => {
    const [re, im] = [noise(size, 1), noise(size, 2)];
    const expected = Array.from(re, (_, k) => direct(re, im, k));
    const [x, y] = [re.slice(), im.slice()];
    fourierOf(size).forward(x, y);
    const bound = 1e-15 * size;
    expect(
      largestDifference(
        x,
        expected.map(([real]) => real),
      ),
    ).toBeLessThanOrEqual(bound);
    expect(
      largestDifference(
        y,
        expected.map(([, imaginary]) => imaginary),
      ),
    ).toBeLessThanOrEqual(bound);
  });

  test.each([65_536, 2 ** 17])('of %i numbers is the defining sum at some places', (size) => {
    const [re, im] = [noise(size, 3), noise(size, 4)];
    const [x, y] = [re.slice(), im.slice()];
    fourierOf(size).forward(x, y);
    for (const k of [0, 1, 2, 12_345, size / 2, size / 2 + 1, size - 1]) {
      const [real, imaginary] = direct(re, im, k);
      // The sum of so many numbers rounds more than the transform does.
      expect(Math.abs(x[k]! - real)).toBeLessThan(1e-10);
      expect(Math.abs(y[k]! - imaginary)).toBeLessThan(1e-10);
    }
  });

  test.each([1, 2, 8, 1024, 2 ** 15])('of %i numbers goes back', (size) => {
    const [re, im] = [noise(size, 5), noise(size, 6)];
    const [x, y] = [re.slice(), im.slice()];
    const fourier = fourierOf(size);
    fourier.forward(x, y);
    fourier.inverse(x, y);
    expect(largestDifference(x, re)).toBeLessThan(1e-15 * 8);
    expect(largestDifference(y, im)).toBeLessThan(1e-15 * 8);
  });

  test('leaves what lies around it', () => {
    const [re, im] = [noise(24, 7), noise(24, 8)];
    const [x, y] = [re.slice(), im.slice()];
    const [alone, beside] = [re.slice(8, 16), im.slice(8, 16)];
    const fourier = fourierOf(8);
    fourier.forward(x, y, 8);
    fourier.forward(alone, beside);
    expect([...x]).toEqual([...re.slice(0, 8), ...alone, ...re.slice(16)]);
    expect([...y]).toEqual([...im.slice(0, 8), ...beside, ...im.slice(16)]);
  });

  test.each([0, 3, 2.5, 48])('of %d numbers is our mistake', (size) => {
    expect(() => fourierOf(size)).toThrow(/internal: a Fourier transform of/);
  });
});
