// What a kernel's bindings refer to, before the plan says where that lies for each layer.
import type { NodeId } from '../ir/graph.ts';
import type { ConvForm } from './fft/problem.ts';

/**
 * `control`, `tokens`, `features`: see the runtime's plan · `vectors`: a call's small weights and constants, and the small
 * values derived from them · `matrix`: a block of weights, or a large derived value · `group`: what a group stores · `input`: a value of another call · `state`: memory of a temporal op, of a recurrence's states together under the first one's name ·
 * `scratch`: a group's partial results · `spectra`: those of a long convolution's filters, a tile of them, the first one
 * behind the turns of the transforms.
 */
export type Slot =
  | { readonly kind: 'control' | 'tokens' | 'features' | 'vectors' }
  | { readonly kind: 'matrix'; readonly block: number }
  | { readonly kind: 'group' | 'scratch'; readonly group: number }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'state'; readonly node: NodeId; readonly part: string }
  | { readonly kind: 'spectra'; readonly node: NodeId; readonly tile: number; readonly form: ConvForm };

export function slotKey(slot: Slot): string {
  return Object.values(slot)
    .map((part) => (typeof part === 'object' ? JSON.stringify([part.spectra, part.turns]) : part))
    .join(':');
}
