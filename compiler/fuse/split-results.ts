// A rewriting rule: a recurrence of several results becomes one recurrence for each, of the states that it is made from.
// Those whose results a kernel can give together are joined again at the end.
import type { Body } from '../ir/graph.ts';
import { mapBody } from '../ir/rewrite.ts';
import { oneResult } from '../recurrence/one-result.ts';
import type { FusionNote } from './group.ts';
import { takenResult } from './scan-results.ts';

const RULE = 'a recurrence of several results runs once for each';

/** Every slice that takes one whole result reads a recurrence that has only this. */
export function splitResults(body: Body, notes: FusionNote[] = []): Body {
  return mapBody(body, (node, inputs, builder) => {
    const taken = takenResult(builder, { ...node, inputs });
    const name = taken?.scan.attrs.results[taken.index];
    if (taken === undefined || name === undefined) return undefined;
    notes.push({ fired: true, rule: RULE, detail: `${node.name ?? name}` });
    const { scan } = taken;
    const own = oneResult(scan.attrs, scan.inputs, name);
    return builder.addAny(scan.op, own.inputs, own.attrs, { ...scan, ...node });
  });
}
