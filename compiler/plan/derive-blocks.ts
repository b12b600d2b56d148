// Where derived values are large along an axis, they are made block after block of its rows: which axis, and which values.
import { type AnyNode, type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { isOp, recordOf } from '../ir/ops/index.ts';

export interface Blocks {
  /** The axis whose indices are the rows. */
  readonly axis: Axis;
  /** Of a block. */
  readonly rows: number;
  readonly nodes: ReadonlySet<NodeId>;
}

/** f64 elements that a block's values may have together, so that they stay in a processor's cache. */
export const BLOCK_ELEMENTS = 2 ** 17;

/** The axis along which most elements can be made in blocks, if they are more than a block should have. */
export function chooseBlocks(nodes: readonly AnyNode[], most: number): Blocks | undefined {
  let best: { axis: Axis; blocked: readonly AnyNode[]; elements: number } | undefined;
  for (const axis of axesOf(nodes)) {
    const blocked = blockedNodes(nodes, axis.name);
    const elements = blocked.reduce((sum, { type }) => sum + elementCount(type.axes), 0);
    if (elements > (best?.elements ?? most)) best = { axis, blocked, elements };
  }
  if (best === undefined) return undefined;
  const { axis, blocked, elements } = best;
  const rows = Math.max(1, Math.floor((most * axis.size) / elements));
  return { axis, rows, nodes: new Set(blocked.map(({ id }) => id)) };
}

function axesOf(nodes: readonly AnyNode[]): readonly Axis[] {
  return [...new Map(nodes.flatMap(({ type }) => type.axes).map((axis) => [axis.name, axis])).values()];
}

/**
 * Nodes of which each row follows from the same row of others, or from what has no rows and comes before all blocks. What follows
 * from them in another way comes after.
 */
function blockedNodes(nodes: readonly AnyNode[], axis: string): readonly AnyNode[] {
  const blocked = new Map<NodeId, AnyNode>();
  const after = new Set<NodeId>();
  for (const node of nodes) {
    if (recordOf(node.op).kind === 'source') continue;
    const inBlocks = node.inputs.some((input) => blocked.has(input));
    const late = node.inputs.some((input) => after.has(input));
    if (!late && goesByRows(node, axis)) blocked.set(node.id, node);
    else if (late || inBlocks) after.add(node.id);
  }
  return [...blocked.values()];
}

/** Whether an element of one row is made of elements of that row alone. */
function goesByRows(node: AnyNode, axis: string): boolean {
  if (node.type.axes.every(({ name }) => name !== axis)) return false;
  if (isOp(node, 'rename')) return node.attrs.from !== axis && node.attrs.to !== axis;
  if (isOp(node, 'reverse')) return node.attrs.axis !== axis;
  if (isOp(node, 'slice'))
    return node.attrs.axis !== axis && node.attrs.into.every(({ name }) => name !== axis);
  if (isOp(node, 'concat'))
    return node.attrs.axis.name !== axis && node.attrs.parts.every((part) => !part.includes(axis));
  if (isOp(node, 'gather')) return !node.attrs.axes.includes(axis);
  return ['map', 'reduce', 'contract', 'move'].includes(recordOf(node.op).kind);
}
