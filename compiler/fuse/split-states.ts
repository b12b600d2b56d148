// A rewriting rule: states that do not depend on each other get recurrences of their own, where one of them then has a class whose prefill
// goes in chunks. No row keeps copies of narrower states any more.
import { type Body } from '../ir/graph.ts';
import { isOp } from '../ir/ops/index.ts';
import { mapBody } from '../ir/rewrite.ts';
import { isRefused } from '../recurrence/affine.ts';
import { normalForm } from '../recurrence/normal-form.ts';
import { splitStates as splitScan } from '../recurrence/split-states.ts';
import { titleOf } from './facts.ts';
import type { FusionNote } from './group.ts';

const RULE = 'states that do not depend on each other get recurrences of their own';

export function splitStates(body: Body, notes: FusionNote[] = []): Body {
  return mapBody(body, (node, inputs, builder) => {
    if (!isOp(node, 'scan')) return undefined;
    const split = splitScan(node.attrs, inputs, builder);
    const forms = split?.parts.map(({ attrs }) => normalForm(attrs)) ?? [];
    const chunked = forms.some((form) => !isRefused(form) && form.class !== 'D');
    if (split === undefined || !chunked) return undefined;
    const names = node.attrs.states.map(({ name }) => name).join(', ');
    notes.push({ fired: true, rule: RULE, detail: `${titleOf(body, node.id)}: ${names}` });
    return split.result;
  });
}
