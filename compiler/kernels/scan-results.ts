// What a kernel knows of a recurrence's results for the row and token it works on.
import { takenResult } from '../fuse/scan-results.ts';
import type { AnyNode } from '../ir/graph.ts';
import type { Elements } from './elements.ts';

/** Makes the results known: of one, the recurrence itself is; of several, the slices that take them. */
export function bindResults(
  { body, bound }: Pick<Elements, 'body' | 'bound'>,
  scan: AnyNode,
  results: readonly string[],
): void {
  const [first, ...others] = results;
  if (first === undefined) throw new Error('internal: a recurrence without results');
  if (others.length === 0) {
    bound.set(scan.id, first);
    return;
  }
  for (const node of body.nodes) {
    const taken = node.inputs.includes(scan.id) ? takenResult(body, node) : undefined;
    if (taken !== undefined) bound.set(node.id, results[taken.index] ?? first);
  }
}
