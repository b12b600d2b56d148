// What the forms of a long convolution cost for a run, counted: operations, bytes, barriers and workgroups for each dispatch.
import { type DispatchWork, scheduleSteps } from '../recurrence-work.ts';
import { powerOfTwoAbove } from '../text.ts';
import type { LongConvShape } from './shape.ts';
import { toeplitzColumns } from './toeplitz.ts';
import { DIRECT, TOEPLITZ } from './tuning.ts';

/** Operations and reads of one invocation of the direct form for each lag: its products, and bringing in a value of x and a tap. */
const DIRECT_STEPS = DIRECT.positions + 7;

/**
 * The lags that are met on average: where a filter is much longer than a run, half of it, as sequences begin short; what lies before a sequence
 * is left out.
 */
export function lagsMet({ back, ahead, maximum }: LongConvShape): number {
  const met = (reach: number): number => (reach < 4 * maximum ? reach : reach / 2);
  return 1 + met(back) + met(ahead) / 2;
}

/** Bytes that memory gives in the time of one step of all invocations that run at once. */
const BYTES_PER_STEP = 800;

/** An estimate of the time of a form in steps: each dispatch takes as long as its operations or its memory, whichever is longer. */
export function formSteps(dispatches: readonly DispatchWork[]): number {
  return dispatches.reduce((sum, work) => {
    const steps = scheduleSteps({ dispatches: [work] });
    return sum + Math.max(steps, (work.bytesRead + work.bytesWritten) / BYTES_PER_STEP);
  }, 0);
}

/** Every product once; x, for all lags that are met, and the result once, and the taps. */
function commonWork(shape: LongConvShape) {
  const { channels, maximum, members, back, ahead } = shape;
  return {
    flops: 2 * channels * maximum * lagsMet(shape),
    bytesRead: 4 * channels * (maximum + lagsMet(shape)) + 4 * (channels / members) * (back + ahead + 1),
    bytesWritten: 4 * channels * maximum,
  };
}

export function directWork(shape: LongConvShape): DispatchWork {
  const { positions, workgroup } = DIRECT;
  const lanes = Math.min(workgroup, powerOfTwoAbove(shape.channels));
  const tokens = positions * (workgroup / lanes);
  return {
    name: 'direct',
    ...commonWork(shape),
    workgroups: Math.ceil(shape.channels / lanes) * Math.ceil(shape.maximum / tokens),
    barriers: 0,
    steps: lagsMet(shape) * DIRECT_STEPS,
  };
}

export function toeplitzWork(shape: LongConvShape): DispatchWork {
  const { block, depth, columns, rows, across } = TOEPLITZ;
  const { channels, blocks } = toeplitzColumns(shape.members);
  const steps = Math.ceil((lagsMet(shape) + block) / depth);
  const workgroup = (block / rows) * (columns / across);
  const loads = 8 * ((depth * columns) / workgroup);
  return {
    name: 'toeplitz',
    ...commonWork(shape),
    flops: 2 * shape.channels * shape.maximum * steps * depth,
    workgroups:
      (shape.channels / shape.members) *
      Math.ceil(shape.members / channels) *
      Math.ceil(shape.maximum / (blocks * block)),
    barriers: 2 * steps + 1,
    steps: steps * (depth * (rows * across + 2) + loads),
  };
}
