// The nodes whose values attention looks up at other positions.
import type { AnyNode, NodeId } from './graph.ts';
import { attendInputs } from './ops/attend-inputs.ts';
import { isOp } from './ops/index.ts';

/** The keys and the values of an attend; nothing of any other node. */
export function keysAndValues(node: AnyNode): readonly NodeId[] {
  if (!isOp(node, 'attend')) return [];
  const { key, value } = attendInputs(node.inputs, node.attrs);
  return [key, value];
}
