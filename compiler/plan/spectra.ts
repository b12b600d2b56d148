// Where the Fourier forms of long convolutions find their spectra and tables.
import { internal } from '../ir/internal.ts';
import type { NodeId } from '../ir/graph.ts';
import type { BodyLayout } from '../kernels/body-layout.ts';
import { turnsOf } from '../kernels/longconv/fourier.ts';
import type { Memory, Region } from './memory.ts';

/** One tile of the spectra of a convolution of a call. */
export function spectraRegion(
  memory: Memory,
  call: number,
  { node, tile }: { readonly node: NodeId; readonly tile: number },
  bytes: number,
): Region {
  return memory.region(`spectra:${call}:${node}:${tile}`, () => memory.take('weights', bytes));
}

/** Equal tables are one. */
export function turnsRegion(memory: Memory, layout: BodyLayout, node: NodeId): Region {
  const form = layout.forms.get(node)?.plan.fourier ?? internal(`%${node} has no Fourier form`);
  return memory.region(`turns:${JSON.stringify(form.turns)}`, () => {
    const values = turnsOf(form);
    const region = memory.take('constants', 4 * values.length);
    memory.constants.push({ buffer: region.buffer, byteOffset: region.byteOffset, values });
    return region;
  });
}
