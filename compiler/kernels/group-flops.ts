// Floating-point operations of a group: those of the nodes that only it computes.
import type { Group } from '../fuse/group.ts';
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { nodeIn } from './elements.ts';
import type { KernelContext } from './kernel-draft.ts';

/** The nodes whose values the group computes on the way to what it stores. */
export function groupNodes(context: KernelContext, group: Group): readonly AnyNode[] {
  const { body, stored } = context.grouping;
  const found = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (found.has(id)) return;
    const node = nodeIn(body, id);
    const storing = stored.get(id);
    const elsewhere = storing !== undefined && storing !== group.index;
    if (elsewhere || recordOf(node.op).kind === 'source') return;
    if (!node.type.temporal && group.kind !== 'prepare') return;
    found.add(id);
    node.inputs.forEach(visit);
  };
  if (group.kind === 'append')
    nodeIn(body, group.anchor ?? 0)
      .inputs.slice(1)
      .forEach(visit);
  else if (group.kind !== 'carry') {
    if (group.anchor !== undefined) visit(group.anchor);
    for (const segment of group.segments) segment.outputs.forEach(visit);
  }
  return [...found].toSorted((a, b) => a - b).map((id) => nodeIn(body, id));
}

/** Attention is counted as if it saw all it can see: its window, or the slots of its memory. */
export function groupFlops(context: KernelContext, group: Group): number {
  const { body, phase } = context.grouping;
  const tokens = phase === 'many' && group.kind !== 'prepare' ? context.chunk : 1;
  const visible =
    context.layout.states
      .find((state) => state.kind === 'cache' || state.kind === 'window')
      ?.axes.find((axis) => axis.name === 'slot')?.size ?? 1;
  let flops = 0;
  for (const node of groupNodes(context, group)) {
    const inputs = node.inputs.map((input) => nodeIn(body, input).type);
    flops +=
      tokens * recordOf(node.op).flops({ inputs, attrs: node.attrs as never, type: node.type }, visible);
  }
  return flops;
}
