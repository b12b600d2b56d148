// What is computed from weights when a model is loaded, as a sentence.
import type { Explanation } from './explanation.ts';
import { bytesText, countText, numberOf } from './numbers.ts';

/** No sentence where nothing is. */
export function derivedText({ values, bytes, flops }: Explanation['derived']): readonly string[] {
  if (values === 0) return [];
  const made = `${numberOf(values, 'value')} of ${bytesText(bytes)}`;
  return [`Loading computes ${made} from weights, in f64 with ${countText(flops)} FLOP.`];
}
