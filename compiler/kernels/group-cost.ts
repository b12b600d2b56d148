// What a group costs: its arithmetic, and the bytes that it cannot do without reading and writing.
import type { KernelCost } from '../../runtime/plan.ts';
import type { Group } from '../fuse/group.ts';
import { nodeFlops } from '../ir/cost.ts';
import { type AnyNode, elementCount, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { nodeIn } from './elements.ts';
import { ENCODINGS } from './encodings.ts';
import { groupNodes } from './group-nodes.ts';
import type { KernelContext, SlotBinding } from './kernel-draft.ts';

/** For one token in decode, for a whole chunk in prefill; see KernelCost. Attention counts as seeing all that it can see. */
export function groupCost(
  context: KernelContext,
  group: Group,
  bindings: readonly SlotBinding[],
  barriers: number,
): KernelCost {
  const { body, phase } = context.grouping;
  const tokens = phase === 'many' ? context.chunk : 1;
  const visible = visiblePositions(context);
  const nodes = groupNodes(context.grouping, group);
  const flops = nodes.reduce((sum, node) => sum + tokens * nodeFlops(body, node, visible), 0);
  const outputs = group.segments.flatMap((segment) => segment.outputs);
  const written = outputs.reduce((sum, id) => sum + tokens * valueBytes(nodeIn(body, id)), 0);
  const states = stateBytes(bindings, group);
  return {
    tokens,
    flops,
    bytesRead: readBytes(context, group, nodes, tokens) + states.read,
    bytesWritten: written + states.written,
    barriers,
  };
}

function visiblePositions({ layout }: KernelContext): number {
  const memory = layout.states.find((state) => state.kind === 'cache' || state.kind === 'window');
  return memory?.axes.find((axis) => axis.name === 'slot')?.size ?? 1;
}

function valueBytes(node: AnyNode): number {
  return 4 * elementCount(node.type.axes);
}

/** Each value that the group's nodes read and do not compute, once. */
function readBytes(context: KernelContext, group: Group, nodes: readonly AnyNode[], tokens: number): number {
  const { body } = context.grouping;
  const inside = new Set(nodes.map((node) => node.id));
  const seen = new Set<NodeId>();
  let bytes = 0;
  const read = (id: NodeId, reader: AnyNode): void => {
    if (inside.has(id) || seen.has(id)) return;
    seen.add(id);
    const node = nodeIn(body, id);
    const moved = recordOf(node.op).kind === 'move' && !node.type.temporal;
    if (moved && !context.layout.derived.has(id)) node.inputs.forEach((input) => read(input, node));
    else bytes += leafBytes(context, node, reader, tokens);
  };
  for (const node of nodes) node.inputs.forEach((input) => read(input, node));
  if (group.kind === 'carry') bytes += anchorBytes(context, group, tokens);
  return bytes;
}

function anchorBytes(context: KernelContext, group: Group, tokens: number): number {
  const { body } = context.grouping;
  const input = group.anchor === undefined ? undefined : nodeIn(body, group.anchor).inputs[0];
  return input === undefined ? 0 : tokens * valueBytes(nodeIn(body, input));
}

/** Sources that lie in memory. */
const READ_SOURCES: readonly string[] = ['weight', 'input', 'features', 'parameter'];

/** A looked-up table costs only the rows that are looked up. */
function leafBytes(context: KernelContext, node: AnyNode, reader: AnyNode, tokens: number): number {
  const { kind } = recordOf(node.op);
  if (kind === 'source' && !READ_SOURCES.includes(node.op)) return 0;
  if (node.type.temporal) return tokens * valueBytes(node);
  const place = context.layout.weights.get(node.id);
  const perQuad = ENCODINGS[place?.encoding ?? 'f32'].bytesPerQuad;
  const looked = recordOf(reader.op).kind === 'gather' && reader.inputs[0] === node.id;
  const elements = looked ? tokens * elementCount(reader.type.axes) : elementCount(node.type.axes);
  return (elements * perQuad) / 4;
}

/** Memories are read whole, and written whole except by attention, which adds one position; partial results are written and read. */
function stateBytes(bindings: readonly SlotBinding[], group: Group): { read: number; written: number } {
  const own = bindings.filter(({ slot }) => slot.kind === 'state' || slot.kind === 'scratch');
  const read = own.reduce((sum, { bytes }) => sum + bytes, 0);
  const written = own.filter(({ access }) => access === 'read_write' && group.kind !== 'attend');
  return { read, written: written.reduce((sum, { bytes }) => sum + bytes, 0) };
}
