// The frequencies of rotary positions, in f64, as published implementations compute them.
import { isObject, type Constant, type ConstantObject } from '../../constant.ts';

export const rotaryStyles: readonly string[] = ['half', 'interleaved'];

export type Frequencies =
  | { readonly values: readonly number[]; readonly scale: number }
  | { readonly unknown: string }
  | { readonly missing: string };

/** base^(−2i / dims) for each pair, changed as the config's `rope_scaling` says. */
export function rotaryFrequencies(base: number, dims: number, scaling: Constant): Frequencies {
  const plain = Array.from({ length: dims / 2 }, (_, pair) => base ** ((-2 * pair) / dims));
  if (scaling === null || !isObject(scaling)) return { values: plain, scale: 1 };
  const type = scaling['rope_type'] ?? scaling['type'] ?? 'default';
  switch (type) {
    case 'default':
      return { values: plain, scale: 1 };
    case 'linear':
      return scaled(scaling, ['factor'], ([factor = 1]) => plain.map((frequency) => frequency / factor));
    case 'llama3':
      return scaled(
        scaling,
        ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
        ([factor = 1, low = 1, high = 1, context = 1]) =>
          plain.map((frequency) => byWavelength(frequency, factor, low, high, context)),
      );
    default:
      return { unknown: String(type) };
  }
}

function scaled(
  scaling: ConstantObject,
  names: readonly string[],
  change: (numbers: readonly number[]) => readonly number[],
): Frequencies {
  const numbers: number[] = [];
  for (const name of names) {
    const value = scaling[name];
    if (typeof value !== 'number') return { missing: name };
    numbers.push(value);
  }
  return { values: change(numbers), scale: 1 };
}

/** Short waves stay, long ones are slowed by `factor`, and those between change smoothly (Llama 3, arXiv:2407.21783). */
function byWavelength(frequency: number, factor: number, low: number, high: number, context: number): number {
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < context / high) return frequency;
  if (wavelength > context / low) return frequency / factor;
  const smooth = (context / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}
