// What a body's states have to be brought up to before tokens go one by one.
import type { Group, Grouping } from '../fuse/group.ts';
import type { Body } from '../ir/graph.ts';
import type { BodyLayout } from '../kernels/body-layout.ts';

/** One group for each memory that is made from others. */
export function settleGrouping(body: Body, { states }: BodyLayout): Grouping {
  const groups = states
    .filter(({ remade }) => remade === true)
    .map(({ node }, index): Group => ({
      index,
      kind: 'settle',
      anchor: node,
      segments: [],
      riders: [],
      preamble: [],
    }));
  return { body, phase: 'one', groups, stored: new Map(), notes: [] };
}
