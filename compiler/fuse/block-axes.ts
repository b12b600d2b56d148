// Which axes a row of kernels can be cut along, so that one workgroup computes its piece of all of them: those that nobody sums over,
// moves or looks across on the way from one to the next.
import type { AnyNode, Axis, Body, NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { isSource, nodeOf } from './facts.ts';
import { scanShape } from './scan-shape.ts';

/** Rows, and what is computed for each. */
export interface StageRows {
  readonly rows: readonly Axis[];
  readonly values: readonly NodeId[];
}

export interface BlockAxes {
  readonly axes: readonly Axis[];
  /** Whether any stage reads other rows of an earlier one than its own. */
  readonly crosses: boolean;
  /** The values of earlier stages that later ones read. */
  readonly kept: ReadonlySet<NodeId>;
}

/** The axes that all stages have and that no stage crosses to read an earlier one. */
export function blockAxes(
  body: Body,
  stages: readonly StageRows[],
  isStored: (id: NodeId) => boolean,
): BlockAxes {
  const crossed = new Set<string>();
  const kept = new Set<NodeId>();
  const earlier = new Set<NodeId>();
  for (const { values } of stages) {
    const own = new Set(values);
    const known = new Map<NodeId, boolean>();
    const reads = (id: NodeId): boolean => {
      const found = known.get(id) ?? look(id);
      known.set(id, found);
      return found;
    };
    const look = (id: NodeId): boolean => {
      if (earlier.has(id)) {
        kept.add(id);
        return true;
      }
      const node = nodeOf(body, id);
      if (isSource(node) || !node.type.temporal || (isStored(id) && !own.has(id))) return false;
      const found = node.inputs.map(reads).includes(true);
      if (found) for (const name of axesCrossed(body, node)) crossed.add(name);
      return found;
    };
    values.forEach(reads);
    for (const id of values) earlier.add(id);
  }
  const [first, ...others] = stages.map(({ rows }) => rows);
  const common = (first ?? []).filter((axis) =>
    others.every((rows) => rows.some((other) => other.name === axis.name && other.size === axis.size)),
  );
  const widest = Math.max(...stages.map(({ rows }) => rows.length));
  return {
    axes: common.filter((axis) => !crossed.has(axis.name)),
    crosses: common.length < widest || common.some((axis) => crossed.has(axis.name)),
    kept,
  };
}

/** The axes along which an element of the node reads other elements of its inputs than its own. */
function axesCrossed(body: Body, node: AnyNode): readonly string[] {
  const { kind } = recordOf(node.op);
  const attribute = <Value>(name: string): Value => node.attrs[name] as Value; // As the op's record says, which nodes are checked against.
  if (kind === 'map' || node.op === 'conv' || node.op === 'shift' || node.op === 'broadcast') return [];
  if (kind === 'reduce' || kind === 'contract') return attribute<readonly string[]>('over');
  if (node.op === 'rename') return [attribute<string>('from'), attribute<string>('to')];
  if (node.op === 'index' || node.op === 'reverse' || node.op === 'rotate')
    return [attribute<string>('axis')];
  if (node.op === 'scan') {
    const { column, body: inner } = scanShape(node);
    const moves = inner.nodes.some(
      (each) => !['map', 'reduce', 'contract', 'source'].includes(recordOf(each.op).kind),
    );
    return moves ? allAxes(body, node) : column.map(({ name }) => name);
  }
  return allAxes(body, node);
}

function allAxes(body: Body, node: AnyNode): readonly string[] {
  return [node.id, ...node.inputs].flatMap((id) => nodeOf(body, id).type.axes.map(({ name }) => name));
}
