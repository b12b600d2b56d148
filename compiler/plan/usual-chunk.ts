// How many tokens a prefill run takes where nobody says.
import type { Graph } from '../ir/graph.ts';
import { isOp } from '../ir/ops/index.ts';
import { plannedPositions } from '../ir/positions.ts';
import { mostLags } from '../kernels/longconv/roles.ts';
import { MOST_SUMMED } from '../kernels/longconv/tuning.ts';
import { DEFAULT_CHUNK } from './options.ts';

/** With filters so long that each run goes through what lies before it again, longer runs do so less often. */
const LONG_CHUNK = 1024;

export function usualChunk(graph: Graph, context: number | undefined): number {
  const isLong = Object.values(graph.bodies).some((body) =>
    body.nodes.some((node) => isOp(node, 'longconv') && mostLags(body, node) > MOST_SUMMED),
  );
  return isLong ? Math.min(LONG_CHUNK, Math.max(1, plannedPositions(graph.context, context))) : DEFAULT_CHUNK;
}
