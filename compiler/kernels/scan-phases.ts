// The order in which a recurrence whose rows see each other computes one position: what all invocations must have finished before any
// goes on.
import { isCheap } from '../fuse/facts.ts';
import { hasAxis } from '../ir/axes.ts';
import type { AnyNode, Body, NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { nodeIn } from './elements.ts';

/**
 * The values that are kept where the whole workgroup can read them, by phase: each is computed from states, operands and values of earlier
 * phases. They are the sums, and what a sum reads again and again if it costs more than a multiplication.
 */
export function scanPhases(body: Body): readonly (readonly AnyNode[])[] {
  const kept = new Set<NodeId>();
  for (const node of body.nodes)
    if (isSum(node)) {
      kept.add(node.id);
      for (const input of node.inputs) keepReused(body, node, input, kept);
    }
  const ready = new Map<NodeId, number>();
  const phases: AnyNode[][] = [];
  for (const node of body.nodes) {
    const phase = Math.max(0, ...node.inputs.map((input) => ready.get(input) ?? 0));
    if (kept.has(node.id)) (phases[phase] ??= []).push(node);
    ready.set(node.id, kept.has(node.id) ? phase + 1 : phase);
  }
  return phases;
}

/** Keeps an input of a sum that several of its elements read, under whatever name. */
function keepReused(body: Body, sum: AnyNode, input: NodeId, kept: Set<NodeId>): void {
  const node = nodeIn(body, input);
  const [from] = node.inputs;
  if (node.op === 'rename' && from !== undefined) return keepReused(body, sum, from, kept);
  const again = sum.type.axes.some(({ name }) => !hasAxis(nodeIn(body, input).type.axes, name));
  if (again && isCostly(body, node, kept)) kept.add(node.id);
}

function isCostly(body: Body, node: AnyNode, kept: ReadonlySet<NodeId>): boolean {
  if (kept.has(node.id) || recordOf(node.op).kind === 'source') return false;
  return !isCheap(node) || node.inputs.some((input) => isCostly(body, nodeIn(body, input), kept));
}

function isSum(node: AnyNode): boolean {
  return ['reduce', 'contract'].includes(recordOf(node.op).kind);
}
