// A rewriting rule: a filter of many taps over earlier positions is a long convolution, whose kernels do not write every tap out.
import type { Body } from '../ir/graph.ts';
import { requireAxis } from '../ir/axes.ts';
import { isOp } from '../ir/ops/index.ts';
import { mapBody } from '../ir/rewrite.ts';
import { titleOf } from './facts.ts';
import type { FusionNote } from './group.ts';

const RULE = 'a filter of many taps is a long convolution';

/** Filters of at most so many taps are computed where their result is needed. */
const FEW_TAPS = 8;

export function longFilters(body: Body, notes: FusionNote[] = []): Body {
  return mapBody(body, (node, inputs, builder) => {
    const [x, filter] = inputs;
    if (!isOp(node, 'conv') || x === undefined || filter === undefined) return undefined;
    const { name: axis, size } = requireAxis(builder.typeOf(filter).axes, node.attrs.taps);
    if (size <= FEW_TAPS) return undefined;
    notes.push({ fired: true, rule: RULE, detail: `${titleOf(body, node.id)}: ${size} taps` });
    const filters = [{ axis, ahead: false, first: 0, oldestFirst: true }];
    return builder.longconv(x, [filter], { filters }, node);
  });
}
