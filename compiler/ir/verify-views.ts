// Checks that a weight's views fit its axes and stay inside the stored tensors.
import type { Axis, GraphWeight, TensorView, WeightLayout } from './graph.ts';
import { internal } from './internal.ts';

/** Throws "internal: …" unless there is one view, or one for each index of `each`, and every element read is stored. */
export function verifyWeightViews({ id, axes, otherwise, ...first }: GraphWeight): void {
  verifyLayout(id, axes, first);
  if (otherwise !== undefined) verifyLayout(id, axes, otherwise);
}

function verifyLayout(id: string, axes: readonly Axis[], { each, views }: WeightLayout): void {
  const eachAxis = axes.find((axis) => axis.name === each);
  if (each !== undefined && eachAxis === undefined) internal(`weight '${id}' has no axis '${each}'`);
  const expected = eachAxis?.size ?? 1;
  if (views.length !== expected) internal(`weight '${id}' has ${views.length} views instead of ${expected}`);
  const viewed = axes.filter((axis) => axis !== eachAxis);
  for (const view of views) verifyView(id, viewed, view);
}

function verifyView(
  id: string,
  axes: readonly Axis[],
  { tensors, shape, offset, strides }: TensorView,
): void {
  if (tensors.length === 0) internal(`weight '${id}' has a view of no tensor`);
  if (strides.length !== axes.length)
    internal(`weight '${id}' has ${strides.length} strides for ${axes.length} axes`);
  const reaches = axes.map(({ size }, i) => (size - 1) * (strides[i] ?? 0));
  const first = offset + sum(reaches.filter((reach) => reach < 0));
  const last = offset + sum(reaches.filter((reach) => reach > 0));
  const stored = shape.reduce((product, size) => product * size, 1);
  if (!(first >= 0 && last < stored))
    internal(`weight '${id}' reads elements ${first} to ${last} of a tensor of ${stored}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
