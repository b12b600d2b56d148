// For every kernel: who calls it, and how long one call takes by the roofline.
import type { KernelPlan, Plan, Programs } from '../../runtime/plan.ts';
import type { DeviceProfile } from './devices.ts';
import type { KernelPlace, KernelUse } from './explanation.ts';
import { PROGRAM_ORDER } from './kernel-order.ts';
import { boundOf, dispatchMicroseconds } from './work.ts';

export function kernelUses(plan: Plan, device: DeviceProfile): readonly KernelUse[] {
  const places = PROGRAM_ORDER.map((program) => placesIn(plan, program));
  return plan.kernels.map((kernel, index) => ({
    ...described(kernel),
    uses: places.flatMap((place) => place.get(index) ?? []),
    microseconds: dispatchMicroseconds(kernel.cost, device),
    bound: boundOf(kernel.cost, device),
  }));
}

function described({
  name,
  title,
  cost,
  workgroup,
  features,
}: KernelPlan): Pick<KernelUse, 'name' | 'title' | 'cost' | 'workgroup' | 'features'> {
  return { name, title, cost, workgroup, features };
}

function placesIn({ programs }: Plan, program: keyof Programs): ReadonlyMap<number, KernelPlace> {
  const found = new Map<number, KernelPlace>();
  for (const { kernel, label } of programs[program]) {
    const known = found.get(kernel) ?? { program, dispatches: 0, labels: [] };
    const labels = known.labels.includes(label) ? known.labels : [...known.labels, label];
    found.set(kernel, { program, dispatches: known.dispatches + 1, labels });
  }
  return found;
}
