// What dispatches do, summed, and how long a device needs for them by its roofline.
import type { Dispatch, KernelCost, Plan } from '../../runtime/plan.ts';
import type { DeviceProfile } from './devices.ts';
import type { Bound, Work } from './explanation.ts';

/** What is asked for most: one token, and one full run that ends a prompt; of a model without logits, one whose outputs are wanted. */
export type Phase = 'decode' | 'prefill';

/** The dispatches of a phase, in order. */
export function phaseDispatches({ programs }: Plan, phase: Phase): readonly Dispatch[] {
  return phase === 'decode'
    ? [...programs.decode, ...programs.sample]
    : [...programs.prefill, ...(programs.last.length === 0 ? programs.all : programs.last)];
}

export function kernelCost(plan: Plan, { kernel }: Dispatch): KernelCost {
  const found = plan.kernels[kernel];
  if (found === undefined) throw new Error(`internal: kernel ${kernel} is not in the plan`);
  return found.cost;
}

/** Sums what the dispatches do. `unfused` is the number of dispatches that the unfused plan has for the same. */
export function workOf(
  plan: Plan,
  dispatches: readonly Dispatch[],
  device: DeviceProfile,
  unfused: number | null,
): Work {
  const costs = dispatches.map((dispatch) => kernelCost(plan, dispatch));
  const total = (of: (cost: KernelCost) => number): number => costs.reduce((sum, cost) => sum + of(cost), 0);
  return {
    dispatches: costs.length,
    unfused,
    flops: total((cost) => cost.flops),
    bytes: total((cost) => cost.bytesRead + cost.bytesWritten),
    barriers: total((cost) => cost.barriers),
    microseconds: total((cost) => dispatchMicroseconds(cost, device)),
  };
}

/** The sum of what several lists of dispatches do. */
export function addWork(works: readonly Work[]): Work {
  const total = (of: (work: Work) => number): number => works.reduce((sum, work) => sum + of(work), 0);
  return {
    dispatches: total((work) => work.dispatches),
    unfused: works.some((work) => work.unfused === null) ? null : total((work) => work.unfused ?? 0),
    flops: total((work) => work.flops),
    bytes: total((work) => work.bytes),
    barriers: total((work) => work.barriers),
    microseconds: total((work) => work.microseconds),
  };
}

/** The roofline of one dispatch: the longer of its traffic and its arithmetic, and the gap to the next. */
export function dispatchMicroseconds(cost: KernelCost, device: DeviceProfile): number {
  const { traffic, arithmetic } = roofline(cost, device);
  return Math.max(traffic, arithmetic) + device.gap;
}

/** What a dispatch waits for most on this device. */
export function boundOf(cost: KernelCost, device: DeviceProfile): Bound {
  const { traffic, arithmetic } = roofline(cost, device);
  if (Math.max(traffic, arithmetic) < device.gap) return 'dispatch';
  return traffic >= arithmetic ? 'memory' : 'arithmetic';
}

function roofline(cost: KernelCost, device: DeviceProfile): { traffic: number; arithmetic: number } {
  return {
    traffic: (1e6 * (cost.bytesRead + cost.bytesWritten)) / device.bandwidth,
    arithmetic: (1e6 * cost.flops) / device.flops,
  };
}
