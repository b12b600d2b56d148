// A rewriting rule: a recurrence of several results becomes one recurrence for each. Kernels give one result for each row; the states
// are then kept once for each result, which is the price.
import type { BodyBuilder } from '../ir/build.ts';
import { type AnyNode, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { isOp, nodeAt } from '../ir/ops/index.ts';
import { resultTypes } from '../ir/ops/scan.ts';
import { mapBody } from '../ir/rewrite.ts';
import type { FusionNote } from './group.ts';

const RULE = 'a recurrence of several results runs once for each';

/** Every slice that takes one whole result reads a recurrence that has only this. */
export function splitResults(body: Body, notes: FusionNote[] = []): Body {
  return mapBody(body, (node, inputs, builder) => {
    const result = resultOf(node, inputs, builder);
    if (result === undefined) return undefined;
    notes.push({ fired: true, rule: RULE, detail: `${node.name ?? result.name}` });
    const { scan, name } = result;
    return builder.addAny(scan.op, scan.inputs, { ...scan.attrs, results: [name] }, { ...scan, ...node });
  });
}

/** The recurrence behind a slice of its joined results, and the result that the slice takes. */
function resultOf(
  node: AnyNode,
  inputs: readonly NodeId[],
  builder: BodyBuilder,
): { readonly scan: AnyNode; readonly name: string } | undefined {
  const [input] = inputs;
  if (!isOp(node, 'slice') || input === undefined) return undefined;
  const scan = nodeAt(builder.nodes, input);
  if (!isOp(scan, 'scan') || scan.attrs.results.length < 2) return undefined;
  const types = resultTypes(scan.attrs);
  const { offset, into } = node.attrs;
  let start = 0;
  for (const [index, { axes }] of types.entries()) {
    const whole = into.length === axes.length && into.every((axis, i) => axis.name === axes[i]?.name);
    const name = scan.attrs.results[index];
    if (start === offset && whole && name !== undefined) return { scan, name };
    start += elementCount(axes);
  }
  return undefined;
}
