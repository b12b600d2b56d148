// Functions of whole arrays against their definitions.
import { describe, expect, test } from 'vitest';
import { arrayFunctionOf } from '../../runtime/functions/arrays.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';

function call(
  name: string,
  inputs: readonly Float64Array[],
  sizes: Readonly<Record<string, number>>,
): Float64Array {
  const found = arrayFunctionOf(name);
  if (found === undefined) throw new Error(`no function is called ${name}`);
  const { inputs: wanted, out } = found.elements(sizes);
  expect(inputs.map(({ length }) => length)).toEqual(wanted);
  const result = new Float64Array(out);
  found.evaluate(inputs, result, sizes);
  return result;
}

test('modal_taps is Re Σ residue·pole^lag, for poles of size 1 too', () => {
  const [rows, modes, lags] = [3, 4, 3000];
  const [re, im, angles] = [1, 2, 3].map((seed) =>
    randomValues(seed, rows * modes, seed === 3 ? Math.PI : 1),
  );
  const sizes = Float64Array.from({ length: rows * modes }, (_, i) => 1 - i / 2000);
  const poles = [Math.cos, Math.sin].map((wave) => sizes.map((size, i) => size * wave(angles![i]!)));
  const taps = call('modal_taps', [re!, im!, ...poles], { rows, modes, lags });
  const expected = Float64Array.from(taps, (_, at) => {
    const [row, lag] = [Math.floor(at / lags), at % lags];
    let sum = 0;
    for (let i = row * modes; i < (row + 1) * modes; i++)
      sum +=
        sizes[i]! ** lag * (re![i]! * Math.cos(lag * angles![i]!) - im![i]! * Math.sin(lag * angles![i]!));
    return sum;
  });
  expect(largestDifference(taps, expected)).toBeLessThan(2e-11);
});

describe('inverse_fourier', () => {
  test.each([1, 2, 3, 4, 5, 7, 12, 16, 31, 64, 97, 100])('of %i is the defining sum', (length) => {
    const rows = 2;
    const half = Math.floor(length / 2) + 1;
    const [re, im] = [randomValues(5, rows * half), randomValues(6, rows * half)];
    const sequence = call('inverse_fourier', [re, im], { rows, length });
    const expected = Float64Array.from(sequence, (_, at) => {
      const [row, n] = [Math.floor(at / length), at % length];
      let sum = 0;
      for (let k = 0; k < length; k++) {
        const [own, sign] = k < half ? [k, 1] : [length - k, -1];
        const alone = own === 0 || 2 * own === length;
        const angle = (2 * Math.PI * ((k * n) % length)) / length;
        sum += re[row * half + own]! * Math.cos(angle);
        sum -= alone ? 0 : sign * im[row * half + own]! * Math.sin(angle);
      }
      return sum / length;
    });
    expect(largestDifference(sequence, expected)).toBeLessThan(1e-13);
  });

  test.each([1000, 4096, 16_001])('of %i gives back what was transformed', (length) => {
    const wave = Float64Array.from({ length }, (_, n) => Math.cos((2 * Math.PI * 3 * n) / length + 0.5));
    const half = Math.floor(length / 2) + 1;
    const [re, im] = [new Float64Array(half), new Float64Array(half)];
    re[3] = (length / 2) * Math.cos(0.5);
    im[3] = (length / 2) * Math.sin(0.5);
    expect(largestDifference(call('inverse_fourier', [re, im], { rows: 1, length }), wave)).toBeLessThan(
      1e-11,
    );
  });
});
