// Which values are zero where a choice was not made.
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { isOp, nodeAt, recordOf } from '../ir/ops/index.ts';

/** The factors of nested products. */
export function productFactors(nodes: readonly AnyNode[], id: NodeId): readonly NodeId[] {
  const node = nodeAt(nodes, id);
  return node.op === 'mul' ? node.inputs.flatMap((input) => productFactors(nodes, input)) : [id];
}

/** The choice that a value is zero without, if there is one: a node that says for each element whether it is among the largest. */
export function maskOf(nodes: readonly AnyNode[], id: NodeId): NodeId | undefined {
  return findMask(nodes, id, new Map());
}

/** Each value is looked at once, however many ways lead to it. */
function findMask(
  nodes: readonly AnyNode[],
  id: NodeId,
  known: Map<NodeId, NodeId | undefined>,
): NodeId | undefined {
  if (!known.has(id)) known.set(id, newMask(nodes, id, known));
  return known.get(id);
}

function newMask(
  nodes: readonly AnyNode[],
  id: NodeId,
  known: Map<NodeId, NodeId | undefined>,
): NodeId | undefined {
  const node = nodeAt(nodes, id);
  const [first, , third] = node.inputs;
  if (node.op === 'where' && first !== undefined && third !== undefined)
    return nodeAt(nodes, first).op === 'chosen' && isZero(nodeAt(nodes, third)) ? first : undefined;
  const mask = carriersOf(node)
    .map((input) => findMask(nodes, input, known))
    .find((found) => found !== undefined);
  return mask !== undefined && keepsPlaces(node, nodeAt(nodes, mask)) ? mask : undefined;
}

function isZero(node: AnyNode): boolean {
  return isOp(node, 'constant') && node.attrs.value === 0;
}

/** The inputs that make the value zero where one of them is. */
function carriersOf(node: AnyNode): readonly NodeId[] {
  const record = recordOf(node.op);
  if (node.op === 'mul' || record.kind === 'contract') return node.inputs;
  if (node.op === 'div' || node.op === 'sum' || node.op === 'broadcast' || node.op === 'rename')
    return node.inputs.slice(0, 1);
  const isOdd = record.kind === 'map' && record.arity === 1 && record.evaluate(0, 0, 0) === 0;
  return isOdd ? node.inputs : [];
}

/** Whether the choice's axes are still the value's, under their own names. */
function keepsPlaces(node: AnyNode, mask: AnyNode): boolean {
  const over = mask.attrs['over'] as readonly string[]; // A choice's attributes name its axes.
  const changed = [node.attrs['from'], node.attrs['to']];
  return over.every((name) => node.type.axes.some((axis) => axis.name === name) && !changed.includes(name));
}
