// The recurrences of a graph in words, with equal ones of one body once.
import { isOp } from '../ir/ops/index.ts';
import { type PrefillSchedule, prefillSchedule } from '../kernels/prefill-schedule.ts';
import type { PlannedGraph } from '../plan-graph.ts';
import { operandNames } from '../recurrence/describe.ts';
import { describeRecurrence } from '../recurrence/describe-states.ts';
import type { RecurrenceSummary } from './explanation.ts';

/** In the order of the bodies' first calls. */
export function recurrenceSummaries(planned: PlannedGraph): readonly RecurrenceSummary[] {
  const { fused: graph, plan, target, recurrences } = planned;
  const names = [...new Set(graph.calls.map((call) => call.body))];
  return names.flatMap((name) => {
    const body = graph.bodies[name];
    const sites = graph.calls.filter((call) => call.body === name).length;
    const scans = body?.nodes.filter((node) => isOp(node, 'scan')) ?? [];
    const found = new Map<string, RecurrenceSummary>();
    for (const scan of scans) {
      if (body === undefined) continue;
      const description = describeRecurrence(scan.attrs, operandNames(body, scan));
      const prefill = scheduleText(prefillSchedule(scan, plan.chunk, target, recurrences), plan.chunk);
      found.set(JSON.stringify(description), { body: name, sites, ...description, prefill });
    }
    return [...found.values()];
  });
}

/** How prefill goes through a recurrence in a full run, and why. */
function scheduleText(chosen: PrefillSchedule, tokens: number): string {
  if (chosen.schedule === 'looped') return `token by token: ${chosen.reason}`;
  const { work, segment, reason } = chosen;
  const parts = work.dispatches.map(({ name, workgroups }) => `${name} ${workgroups}`).join(', ');
  const cut = segment === undefined ? '' : `, in segments of ${segment} tokens`;
  return `in chunks${cut}: ${reason} for ${tokens} tokens; workgroups: ${parts}`;
}
