// What a model takes of the device's memory, by what it is for.
import type { BufferUse, Plan } from '../../runtime/plan.ts';
import type { DeviceMemory } from './explanation.ts';

export function deviceMemory(plan: Plan): DeviceMemory {
  const of = (...uses: readonly BufferUse[]): number =>
    plan.buffers.reduce((sum, { use, bytes }) => sum + (uses.includes(use) ? bytes : 0), 0);
  return {
    weights: of('weights', 'constants'),
    state: of('state'),
    activations: of('activations'),
    other: of('control', 'tokens', 'logits'),
  };
}
