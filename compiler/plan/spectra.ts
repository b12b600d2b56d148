// Where the Fourier forms of long convolutions find their spectra.
import type { SpectraPlan } from '../../runtime/plan.ts';
import type { ConvForm } from '../kernels/fft/problem.ts';
import type { Slot } from '../kernels/slots.ts';
import type { Memory, Region } from './memory.ts';

type SpectraSlot = Extract<Slot, { kind: 'spectra' }>;

/** One tile of the spectra of a convolution of a call; equal ones for prefill and decode are one. */
export function spectraRegion(memory: Memory, call: number, slot: SpectraSlot, bytes: number): Region {
  const { node, tile, form } = slot;
  const key = JSON.stringify(['spectra', call, node, tile, form.spectra, form.turns]);
  return memory.region(key, () => {
    const region = memory.take('weights', bytes);
    const turns = tile === 0 ? form.turns : [];
    memory.spectra.push({ call, node, plan: tileOf(form, tile), turns, region });
    return region;
  });
}

/** The plan of one tile's rows, where each has its own. */
function tileOf({ spectra, tiles }: ConvForm, tile: number): SpectraPlan {
  const { rows } = spectra;
  if (rows.length <= spectra.tile) return spectra;
  const { first, pairs } = tiles[tile]!;
  return { ...spectra, rows: rows.slice(first, first + pairs), tile: pairs };
}
