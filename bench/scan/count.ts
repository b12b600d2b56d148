// What the schedules of each class cost, by counting.
import { type ScheduleWork, scanWork } from '../../compiler/kernels/recurrence-work.ts';
import { DEFAULT_TARGET, type Target } from '../../compiler/kernels/template.ts';
import { scanModel } from './model.ts';
import { BENCH_RECURRENCES, type BenchRecurrence, SIZES, type Sizes } from './recurrences.ts';

export type Schedule = ScheduleWork['schedule'];

export interface CountRow {
  readonly class: string;
  readonly tokens: number;
  readonly schedule: Schedule;
  readonly flops: number;
  readonly bytes: number;
  readonly barriersPerToken: number;
  readonly workgroups: number;
  readonly dispatches: number;
}

/** A row for each class, length and schedule that the class has at that length. */
export function countRows(
  lengths: readonly number[],
  sizes: Sizes = SIZES,
  target: Target = DEFAULT_TARGET,
): readonly CountRow[] {
  return BENCH_RECURRENCES.flatMap((recurrence) => rowsOf(recurrence, lengths, sizes, target));
}

function rowsOf(
  recurrence: BenchRecurrence,
  lengths: readonly number[],
  sizes: Sizes,
  target: Target,
): readonly CountRow[] {
  const { scan } = scanModel(recurrence, sizes);
  return lengths.flatMap((tokens) => {
    const works = scanWork(scan, tokens, target);
    if (works === undefined) throw new Error(`internal: ${recurrence.class} has no normal form`);
    const { looped, chunked } = works;
    return [looped, ...(chunked === undefined ? [] : [chunked])].map((work) => ({
      class: recurrence.class,
      tokens,
      schedule: work.schedule,
      flops: work.flops,
      bytes: work.bytes,
      barriersPerToken: work.barriersPerToken,
      workgroups: work.workgroups,
      dispatches: work.dispatches.length,
    }));
  });
}
