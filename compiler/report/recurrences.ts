// The recurrences of a graph in words, with equal ones of one body once.
import type { Graph } from '../ir/graph.ts';
import { isOp } from '../ir/ops/index.ts';
import { describeRecurrence, operandNames } from '../recurrence/describe.ts';
import type { RecurrenceSummary } from './explanation.ts';

/** In the order of the bodies' first calls. The graph is the one that kernels are made of. */
export function recurrenceSummaries(graph: Graph): readonly RecurrenceSummary[] {
  const names = [...new Set(graph.calls.map((call) => call.body))];
  return names.flatMap((name) => {
    const body = graph.bodies[name];
    const sites = graph.calls.filter((call) => call.body === name).length;
    const scans = body?.nodes.filter((node) => isOp(node, 'scan')) ?? [];
    const found = new Map<string, RecurrenceSummary>();
    for (const scan of scans) {
      if (body === undefined) continue;
      const description = describeRecurrence(scan.attrs, operandNames(body, scan));
      found.set(JSON.stringify(description), { body: name, sites, ...description });
    }
    return [...found.values()];
  });
}
