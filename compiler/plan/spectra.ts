// Where the Fourier forms of long convolutions find their spectra and tables.
import type { SpectraPlan } from '../../runtime/plan.ts';
import type { Slot } from '../kernels/slots.ts';
import type { ConvForm } from '../kernels/fft/problem.ts';
import { turnsOf } from '../kernels/longconv/fourier.ts';
import type { Memory, Region } from './memory.ts';

type SpectraSlot = Extract<Slot, { kind: 'spectra' }>;

/** One tile of the spectra of a convolution of a call; equal ones for prefill and decode are one. */
export function spectraRegion(memory: Memory, call: number, slot: SpectraSlot, bytes: number): Region {
  const { node, tile, form } = slot;
  return memory.region(`spectra:${call}:${node}:${tile}:${JSON.stringify(form.spectra)}`, () => {
    const region = memory.take('weights', bytes);
    memory.spectra.push({ call, node, plan: tileOf(form, tile), region });
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

/** Equal tables are one. */
export function turnsRegion(memory: Memory, form: ConvForm): Region {
  return memory.region(`turns:${JSON.stringify(form.turns)}`, () => {
    const values = turnsOf(form);
    const region = memory.take('constants', 4 * values.length);
    memory.constants.push({ buffer: region.buffer, byteOffset: region.byteOffset, values });
    return region;
  });
}
