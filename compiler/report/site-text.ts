// How places and their dispatches are called in tables.
import type { Explanation, SiteCost, Work } from './explanation.ts';
import { wholeText } from './numbers.ts';

/** `3 MLP`, or `head` outside the layers. */
export function siteName({ layer, label }: Pick<SiteCost, 'layer' | 'label'>): string {
  return layer === null ? label : `${layer} ${label}`;
}

/** What only a prompt's end needs is not in tables of one token. */
export function isDecoded({ decode, parameters }: Pick<SiteCost, 'decode' | 'parameters'>): boolean {
  return decode.dispatches > 0 || parameters > 0;
}

/** What tables of costs are about: one token, or the whole sequence of an encoder, which has no decode. */
export function mainWork(
  { encoder }: Pick<Explanation, 'encoder'>,
  { decode, prefill }: Pick<SiteCost, 'decode' | 'prefill'>,
): Work {
  return encoder === null ? decode : prefill;
}

/** The same in words. */
export function mainTitle({ encoder, chunk }: Pick<Explanation, 'encoder' | 'chunk'>): string {
  return encoder === null ? 'one token' : `a sequence of ${wholeText(chunk)}`;
}
