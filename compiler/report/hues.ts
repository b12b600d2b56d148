// The colours of letters: the same in every diagram of the page.
import type { Explanation } from './explanation.ts';

/** How many colours the style sheet has, `hue-0` on. */
export const HUES = 8;

/** The class of a label's colour: letters of layers in the order in which they appear, everything else grey. */
export type HueOf = (label: string) => string;

export function huesOf({ letters }: Explanation): HueOf {
  const inLayers = letters.filter((letter) => letter.inLayers && letter.parameters + letter.flops > 0);
  const hues = new Map(inLayers.map(({ label }, index) => [label, `hue-${index % HUES}`]));
  return (label) => hues.get(label) ?? 'hue-none';
}
