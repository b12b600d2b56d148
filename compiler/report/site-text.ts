// How places and their dispatches are called in tables.
import type { SiteCost } from './explanation.ts';

/** `3 MLP`, or `head` outside the layers. */
export function siteName({ layer, label }: Pick<SiteCost, 'layer' | 'label'>): string {
  return layer === null ? label : `${layer} ${label}`;
}

/** What only a prompt's end needs is not in tables of one token. */
export function isDecoded({ decode, parameters }: Pick<SiteCost, 'decode' | 'parameters'>): boolean {
  return decode.dispatches > 0 || parameters > 0;
}
