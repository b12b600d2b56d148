// Functions of whole arrays against their definitions.
import { expect, test } from 'vitest';
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
