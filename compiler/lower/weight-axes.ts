// The axes of every weight, as the bodies that read it name them.
import type { Axis, Body, BodyCall } from '../ir/graph.ts';

/** By the weight's id; where several bodies read one weight, the first names its axes. */
export function weightAxesOf(
  bodies: Readonly<Record<string, Body>>,
  calls: readonly BodyCall[],
): ReadonlyMap<string, readonly Axis[]> {
  const axes = new Map<string, readonly Axis[]>();
  for (const call of calls) {
    for (const node of bodies[call.body]?.nodes ?? []) {
      const id = node.op === 'weight' ? call.weights[String(node.attrs['name'])] : undefined;
      if (id !== undefined && !axes.has(id)) axes.set(id, node.type.axes);
    }
  }
  return axes;
}
