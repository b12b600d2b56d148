// The kernels of a recurrence over a run of tokens: the entry of the table that takes it, by the schedule that is less work;
// another where rows see each other, for one token too.
import { isRowwise, scanShape } from '../fuse/scan-shape.ts';
import { anchorOf } from './pointwise-kernel.ts';
import { loopedScan } from './scan-looped.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { prefillSchedule } from './prefill-schedule.ts';
import { exchangeScanKernel } from './scan-exchange.ts';
import type { DispatchWork } from './recurrence-work.ts';
import type { NamedKernel, Templated } from './template.ts';

export function scanKernels(draft: KernelDraft): readonly NamedKernel[] {
  const { chunk, target, recurrences } = draft.context;
  const node = anchorOf(draft);
  if (!isRowwise(scanShape(node))) return [['', exchangeScanKernel(draft)]];
  const chosen = prefillSchedule(node, chunk, target, recurrences);
  if (chosen.schedule === 'looped') return [['', loopedScan(draft)]];
  const { form, entry, segment } = chosen;
  const made = entry.chunked(draft, form, segment);
  if (made === undefined) return [['', loopedScan(draft)]];
  return made.map(([part, kernel], i) => [part, withWork(kernel, chosen.work.dispatches[i])]);
}

/** The kernel with what it does by counting. */
export function withWork(kernel: Templated, work: DispatchWork | undefined): Templated {
  if (work === undefined) return kernel;
  const { flops, bytesRead, bytesWritten, barriers } = work;
  return { ...kernel, work: { flops, bytesRead, bytesWritten, barriers } };
}
