// Which schedule a recurrence's prefill has, and why: the one that takes fewer steps by counting, unless one is asked for.
import { isRowwise, scanShape } from '../fuse/scan-shape.ts';
import type { AnyNode } from '../ir/graph.ts';
import { isOp } from '../ir/ops/index.ts';
import { isRefused } from '../recurrence/affine.ts';
import { isCoupled, type RecurrenceForm, recurrenceForm } from '../recurrence/coupled-form.ts';
import type { RecurrencePrefill } from './kernel-draft.ts';
import { entryFor, type RecurrenceKernels } from './recurrence-kernels.ts';
import { type ScheduleWork, scheduleSteps, scheduleWorks } from './recurrence-work.ts';
import type { Target } from './template.ts';

export type PrefillSchedule =
  | { readonly schedule: 'looped'; readonly work?: ScheduleWork; readonly reason: string }
  | {
      readonly schedule: 'chunked';
      readonly work: ScheduleWork;
      readonly reason: string;
      readonly form: RecurrenceForm;
      readonly entry: RecurrenceKernels;
      readonly segment: number | undefined;
    };

/** Chunks have to take this much fewer steps, as they are more kernels. */
const GAIN = 0.75;

/** For runs of at most `tokens` tokens. */
export function prefillSchedule(
  node: AnyNode,
  tokens: number,
  target: Target,
  wished: RecurrencePrefill = 'auto',
): PrefillSchedule {
  const form = isOp(node, 'scan') ? recurrenceForm(node.attrs) : undefined;
  if (form === undefined || isRefused(form))
    return { schedule: 'looped', reason: 'it is not affine in its states' };
  if (!isRowwise(scanShape(node))) return { schedule: 'looped', reason: 'its rows see each other' };
  const entry = entryFor(form, node);
  const { looped, chunked } = scheduleWorks(form, tokens, target);
  const alone = (reason: string): PrefillSchedule => ({ schedule: 'looped', work: looped, reason });
  if (wished === 'looped') return alone('as asked for');
  if (entry === undefined) return alone('its vectors are no products of keys and values');
  if (chunked === undefined)
    return alone(
      form.class === 'D' || isCoupled(form)
        ? `${tokens} tokens are too few segments`
        : 'its chunks do not fit the device',
    );
  const steps = { looped: scheduleSteps(looped), chunked: scheduleSteps(chunked) };
  const compared = `${rounded(steps.chunked)} steps against ${rounded(steps.looped)} token by token`;
  if (wished === 'auto' && steps.chunked > GAIN * steps.looped) return alone(`chunks would take ${compared}`);
  const reason = wished === 'auto' ? compared : 'as asked for';
  return { schedule: 'chunked', work: chunked, reason, form, entry, segment: chunked.segment };
}

function rounded(steps: number): string {
  return `${Math.max(1, Math.round(steps / 1000))}k`;
}
