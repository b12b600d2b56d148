// The order in which transforms leave their spectra, as WGSL text: digits of the position are digits of the frequency, the other way round.
import { product } from '../text.ts';

/** One digit of a number with mixed radices. */
interface Digit {
  readonly radix: number;
  /** What a step of it is worth in the position. */
  readonly place: number;
  /** What a step of it is worth in the frequency. */
  readonly frequency: number;
}

/** The digits of a position, the most significant first, which is the least significant of the frequency. */
function digitsOf(radices: readonly number[]): readonly Digit[] {
  const points = radices.reduce((all, radix) => all * radix, 1);
  let before = 1;
  return radices.map((radix) => {
    const digit = { radix, place: points / (before * radix), frequency: before };
    before *= radix;
    return digit;
  });
}

/** The frequency that lies at a position after the forward transform. */
export function frequencyText(radices: readonly number[], position: string): string {
  return digitsText(radices, position, 'place', 'frequency');
}

/** Where a frequency lies after the forward transform. */
export function positionText(radices: readonly number[], frequency: string): string {
  return digitsText(radices, frequency, 'frequency', 'place');
}

function digitsText(
  radices: readonly number[],
  value: string,
  from: 'place' | 'frequency',
  to: 'place' | 'frequency',
): string {
  const terms = digitsOf(radices).map((digit) => {
    const above = digit[from] === 1 ? value : `${value} / ${digit[from]}u`;
    return product(`${above} % ${digit.radix}u`, digit[to]);
  });
  return terms.join(' + ') || '0u';
}

/** A function from the position of a frequency to that of its opposite, −k. */
export function oppositeFunction(name: string, radices: readonly number[]): string {
  const points = radices.reduce((all, radix) => all * radix, 1);
  return [
    `fn ${name}(position: u32) -> u32 {`,
    `  let frequency = ${frequencyText(radices, 'position')};`,
    `  let opposite = (${points}u - frequency) % ${points}u;`,
    `  return ${positionText(radices, 'opposite')};`,
    '}',
  ].join('\n');
}
