// The texts that a graph was made from: those that its nodes point into.
import type { Source } from '../../grammar/source.ts';
import type { Graph } from '../ir/graph.ts';

/** In the order of their first node; each name once. */
export function graphSources(graph: Graph): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const call of graph.calls)
    for (const node of graph.bodies[call.body]?.nodes ?? [])
      if (node.span !== undefined && !sources.has(node.span.source.name))
        sources.set(node.span.source.name, node.span.source);
  return [...sources.values()];
}
