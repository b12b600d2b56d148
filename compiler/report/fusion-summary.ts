// What was fused and what was declined, with equal remarks of one body put together.
import type { FusionNote } from '../fuse/group.ts';
import type { Graph } from '../ir/graph.ts';
import type { FusionSummary } from './explanation.ts';

/** In the order of the bodies' first calls; in each, what fired and then what was declined. */
export function fusionSummaries(
  graph: Graph,
  notes: ReadonlyMap<string, readonly FusionNote[]>,
): readonly FusionSummary[] {
  const bodies = [...new Set(graph.calls.map((call) => call.body))];
  return bodies.flatMap((body) => {
    const found = notes.get(body) ?? [];
    const sites = graph.calls.filter((call) => call.body === body).length;
    return [true, false].flatMap((fired) => {
      const own = found.filter((note) => note.fired === fired);
      const rules = [...new Set(own.map((note) => note.rule))];
      return rules.map((rule) => ({ body, sites, fired, rule, details: counted(own, rule) }));
    });
  });
}

function counted(notes: readonly FusionNote[], rule: string): FusionSummary['details'] {
  const counts = new Map<string, number>();
  for (const note of notes)
    if (note.rule === rule) counts.set(note.detail, (counts.get(note.detail) ?? 0) + 1);
  return [...counts].map(([text, count]) => ({ text, count }));
}
