// What a recurrence's result reads of its state: sums over it, or the state itself.
import type { AnyNode, NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { nodeAt } from '../ir/ops/index.ts';
import { type Affine, isRefused, type Refused } from './affine.ts';
import { type AffineBody, affineOf, dependsOnState, isSum } from './affine-body.ts';

/** One value read of the state: Σ of its terms, and `free`. */
export interface Reading extends Affine {
  /** The node of the scan's body that it is. */
  readonly node: NodeId;
}

interface Results {
  readonly readings: readonly Reading[];
  readonly results: readonly NodeId[];
}

/** The results as functions of readings, which are `reading:K` among the coefficients; `update` is the new state. */
export function readResults(
  before: AffineBody,
  update: NodeId,
  results: readonly NodeId[],
): Results | Refused {
  const { builder } = before;
  const state: Affine = { terms: [{ of: 'after', factor: builder.constant(1), over: [] }] };
  const reading: AffineBody = { ...before, known: new Map([[update, state]]) };
  const readings: Reading[] = [];
  const made = new Map<NodeId, NodeId>();
  let refused: Refused | undefined;
  const take = (node: AnyNode): NodeId => {
    const value = affineOf(reading, node.id);
    if (isRefused(value)) refused ??= value;
    else readings.push({ ...value, node: node.id });
    const type = node.type;
    return builder.input(`reading:${readings.length - 1}`, type, { name: node.name, span: node.span });
  };
  const copy = (id: NodeId): NodeId => {
    const node = nodeAt(reading.body.nodes, id);
    if (!dependsOnState(reading, id)) return freeNode(reading, id);
    if (isSum(node) || node.op === 'input' || id === update) return take(node);
    return builder.addAny(node.op, node.inputs.map(once), node.attrs, node);
  };
  const once = (id: NodeId): NodeId => {
    const known = made.get(id) ?? copy(id);
    made.set(id, known);
    return known;
  };
  const whole = results.map(once);
  return refused ?? { readings, results: whole };
}

function freeNode(reading: AffineBody, id: NodeId): NodeId {
  const value = affineOf(reading, id);
  if (isRefused(value) || value.free === undefined) return internal('a free value that is none');
  return value.free;
}
