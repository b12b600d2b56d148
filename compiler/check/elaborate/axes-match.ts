// Compares the axes of a value with those that are expected.
import type { Axis } from '../../ir/graph.ts';

/** Whether the axes are all allowed and include all required ones. */
export function axesMatch(
  axes: readonly Axis[],
  allowed: readonly Axis[],
  required: readonly Axis[],
): boolean {
  return axes.every((axis) => isIn(axis, allowed)) && required.every((axis) => isIn(axis, axes));
}

function isIn(axis: Axis, list: readonly Axis[]): boolean {
  return list.some(({ name }) => name === axis.name);
}
