// Devices by name, as far as a prediction needs them. The figures are the makers' or, for the software adapter, measured.
import type { Dispatch, Plan } from '../../runtime/plan.ts';

export interface DeviceProfile {
  readonly name: string;
  /** Bytes per second from memory. */
  readonly bandwidth: number;
  /** f32 operations per second. */
  readonly flops: number;
  /** Seconds between two dispatches that wait for each other. */
  readonly dispatch: number;
  /** The share of bandwidth and operations that kernels reach. */
  readonly efficiency: number;
}

export const DEVICE_PROFILES: readonly DeviceProfile[] = [
  { name: 'integrated', bandwidth: 60e9, flops: 1.5e12, dispatch: 5e-6, efficiency: 0.6 },
  { name: 'apple-m2', bandwidth: 100e9, flops: 3.6e12, dispatch: 4e-6, efficiency: 0.7 },
  { name: 'rtx-4090', bandwidth: 1008e9, flops: 82e12, dispatch: 3e-6, efficiency: 0.6 },
  { name: 'h100', bandwidth: 3350e9, flops: 67e12, dispatch: 3e-6, efficiency: 0.6 },
  { name: 'software', bandwidth: 0.5e9, flops: 1.5e9, dispatch: 8e-6, efficiency: 1 },
];

/** Seconds of one decoded token, and of one prefill run of `plan.chunk` tokens. */
export interface Prediction {
  readonly device: string;
  readonly decodeSeconds: number;
  readonly prefillSeconds: number;
}

/** Each dispatch takes the longer of its memory traffic and its arithmetic, and the time between dispatches. */
export function predict(plan: Plan, profile: DeviceProfile): Prediction {
  const { decode, sample, prefill, last } = plan.programs;
  const seconds = (dispatches: readonly Dispatch[]): number =>
    dispatches.reduce((sum, dispatch) => sum + dispatchSeconds(plan, dispatch, profile), 0);
  return {
    device: profile.name,
    decodeSeconds: seconds(decode) + seconds(sample),
    prefillSeconds: seconds(prefill) + seconds(last),
  };
}

function dispatchSeconds(plan: Plan, { kernel }: Dispatch, profile: DeviceProfile): number {
  const cost = plan.kernels[kernel]?.cost;
  if (cost === undefined) return profile.dispatch;
  const traffic = (cost.bytesRead + cost.bytesWritten) / (profile.bandwidth * profile.efficiency);
  const arithmetic = cost.flops / (profile.flops * profile.efficiency);
  return profile.dispatch + Math.max(traffic, arithmetic);
}
