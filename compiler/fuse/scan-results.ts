// A recurrence with several results yields them one after the other on one axis; slices take them apart again.
import { type AnyNode, type Body, elementCount } from '../ir/graph.ts';
import { isOp, nodeAt, type NodeOf } from '../ir/ops/index.ts';
import { resultTypes } from '../ir/ops/scan.ts';

export interface TakenResult {
  readonly scan: NodeOf<'scan'>;
  /** Which of the results. */
  readonly index: number;
}

/** The recurrence of several results that a slice takes one whole result of, and which. */
export function takenResult({ nodes }: Pick<Body, 'nodes'>, node: AnyNode): TakenResult | undefined {
  const [input] = node.inputs;
  if (!isOp(node, 'slice') || input === undefined) return undefined;
  const scan = nodeAt(nodes, input);
  if (!isOp(scan, 'scan') || scan.attrs.results.length < 2) return undefined;
  const { offset, into } = node.attrs;
  let start = 0;
  for (const [index, { axes }] of resultTypes(scan.attrs).entries()) {
    const whole = into.length === axes.length && into.every((axis, i) => axis.name === axes[i]?.name);
    if (start === offset && whole) return { scan, index };
    start += elementCount(axes);
  }
  return undefined;
}
