// Times a prefill of a plan on a device, in Node and in a page: from the call to the last of its work done.
import { load } from '../../runtime/load.ts';
import type { Plan } from '../../runtime/plan.ts';

export interface Timing {
  /** Milliseconds of each repeat, in order of length. */
  readonly milliseconds: readonly number[];
}

export interface TimedPrefill extends Timing {
  /** Of the last token, so that two runtimes can be compared. */
  readonly logits: readonly number[];
}

/** So long may the repeats of one measurement take before no further one begins. */
export const BUDGET_MS = 1500;
export const MOST_REPEATS = 5;

export async function timePrefill(
  plan: Plan,
  weights: Uint8Array<ArrayBuffer>,
  device: GPUDevice,
  tokens: readonly number[],
): Promise<TimedPrefill> {
  const model = await load(plan, { device, weights });
  const session = await model.session();
  try {
    const once = async (): Promise<void> => {
      await session.reset();
      await session.prefill(tokens);
      await device.queue.onSubmittedWorkDone();
    };
    const start = performance.now();
    await once();
    const first = performance.now() - start;
    const logits = [...(await session.logits())];
    // Kernels are compiled before the first run, so that a long one need not be repeated.
    return { milliseconds: first > BUDGET_MS ? [first] : await repeat(once), logits };
  } finally {
    session.destroy();
    model.destroy();
  }
}

/** Times of several calls, at least one. */
export async function repeat(act: () => Promise<void>): Promise<readonly number[]> {
  const times: number[] = [];
  const end = performance.now() + BUDGET_MS;
  do {
    const start = performance.now();
    await act();
    times.push(performance.now() - start);
  } while (times.length < MOST_REPEATS && performance.now() < end);
  return times.toSorted((a, b) => a - b);
}

export function median({ milliseconds }: Timing): number {
  return milliseconds[Math.floor((milliseconds.length - 1) / 2)] ?? Number.NaN;
}
