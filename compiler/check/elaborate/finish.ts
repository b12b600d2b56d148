// Finishes a body: dead nodes go, and the scans that were read several times become one node each.
import { elementCount, type AnyNode, type NodeId } from '../../ir/graph.ts';
import { isOp, recordOf, type NodeOf } from '../../ir/ops/index.ts';
import { RESULTS_AXIS } from '../../ir/ops/scan.ts';
import { liveNodes, type Live } from './live.ts';

/** The nodes that the outputs need, with joined and trimmed scans. */
export function finishGraph(nodes: readonly AnyNode[], outputs: Readonly<Record<string, NodeId>>): Live {
  const live = liveNodes(nodes, outputs);
  const joined = joinScans(live);
  return liveNodes(joined.nodes, joined.outputs);
}

type ScanNode = NodeOf<'scan'>;

/** Rebuilds the nodes with one `scan` for each body, in the place of the first, and a slice for each result. */
function joinScans(live: Live): Live {
  const groups = new Map<unknown, ScanNode[]>();
  for (const node of live.nodes) {
    if (isOp(node, 'scan')) groups.set(node.attrs.body, [...(groups.get(node.attrs.body) ?? []), node]);
  }
  const nodes: AnyNode[] = [];
  const moved = new Map<NodeId, NodeId>();
  const push = (node: Omit<AnyNode, 'id'>): NodeId => nodes.push({ ...node, id: nodes.length }) - 1;
  for (const node of live.nodes) {
    if (moved.has(node.id)) continue;
    const inputs = node.inputs.map((input) => moved.get(input) ?? input);
    if (isOp(node, 'scan')) {
      placeScan(groups.get(node.attrs.body) ?? [node], inputs, push, moved);
    } else {
      moved.set(node.id, push({ ...node, inputs }));
    }
  }
  const outputs = Object.entries(live.outputs).map(([name, id]) => [name, moved.get(id) ?? id]);
  return { nodes, outputs: Object.fromEntries(outputs) };
}

function placeScan(
  group: readonly ScanNode[],
  inputs: readonly NodeId[],
  push: (node: Omit<AnyNode, 'id'>) => NodeId,
  moved: Map<NodeId, NodeId>,
): void {
  const [first] = group;
  if (first === undefined) return;
  const results = group.flatMap((node) => node.attrs.results);
  const trimmed = trim(first, results);
  const attrs = { ...first.attrs, ...trimmed.attrs, results };
  const operands = trimmed.operands.map((index) => inputs[index] ?? 0);
  const several = group.length > 1;
  const type = several
    ? { dtype: 'f32' as const, axes: [{ name: RESULTS_AXIS, size: totalSize(group) }], temporal: true }
    : first.type;
  const id = push({ ...first, inputs: operands, attrs, type });
  let offset = 0;
  for (const node of group) {
    moved.set(node.id, several ? push(sliceOf(node, id, offset, type)) : id);
    offset += elementCount(node.type.axes);
  }
}

function totalSize(group: readonly ScanNode[]): number {
  return group.reduce((sum, node) => sum + elementCount(node.type.axes), 0);
}

function sliceOf(node: ScanNode, scan: NodeId, offset: number, type: AnyNode['type']): Omit<AnyNode, 'id'> {
  const attrs = { axis: RESULTS_AXIS, offset, into: node.type.axes };
  const { name, span } = node;
  return {
    op: 'slice',
    inputs: [scan],
    attrs,
    type: recordOf('slice').infer([type], attrs),
    ...(name === undefined ? {} : { name }),
    ...(span === undefined ? {} : { span }),
  };
}

/** The scan's body without the states and operands that no result needs. */
function trim(node: ScanNode, results: readonly string[]) {
  const { body, states } = node.attrs;
  const outputs = neededOutputs(node, results);
  const live = liveNodes(body.nodes, outputs);
  const operands: number[] = [];
  const nodes = live.nodes.map((inner): AnyNode => {
    const index = operandIndex(inner);
    return index === undefined
      ? inner
      : { ...inner, attrs: { ...inner.attrs, name: `operand:${operands.push(index) - 1}` } };
  });
  const attrs = {
    states: states.filter((state) => Object.hasOwn(outputs, `state:${state.name}`)),
    body: { ...body, nodes, outputs: live.outputs },
  };
  return { attrs, operands };
}

function operandIndex(node: AnyNode): number | undefined {
  const index = node.op === 'input' ? /^operand:(\d+)$/.exec(String(node.attrs['name']))?.[1] : undefined;
  return index === undefined ? undefined : Number(index);
}

/** The results, and every state that they or another needed state read. */
function neededOutputs({ attrs: { body } }: ScanNode, results: readonly string[]): Record<string, NodeId> {
  // Without a prototype, so that `__proto__` is a name like any other.
  const outputs = Object.create(null) as Record<string, NodeId>; // Object.create has no type of its own.
  let pending = [...results];
  while (pending.length > 0) {
    for (const name of pending) {
      const id = body.outputs[name];
      if (id !== undefined) outputs[name] = id;
    }
    const read = liveNodes(body.nodes, outputs).nodes.flatMap((node) =>
      node.op === 'input' && String(node.attrs['name']).startsWith('state:')
        ? [String(node.attrs['name'])]
        : [],
    );
    pending = read.filter((name) => !Object.hasOwn(outputs, name));
  }
  return outputs;
}
