// A rewriting rule: a sum along axes of what is zero but for the k largest becomes a sum over k slots, each with the place of its
// element, so that only those k are computed and only their weights are read (the experts of a mixture).
import { hasAxis, requireAxis } from '../ir/axes.ts';
import { type AnyNode, type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { isOp, nodeAt, type NodeOf } from '../ir/ops/index.ts';
import { mapBody, reachable } from '../ir/rewrite.ts';
import { titleOf } from './facts.ts';
import type { FusionNote } from './group.ts';
import { atSlots, newSlots, type Slots } from './slots.ts';
import { maskOf, productFactors } from './sparse.ts';
import { sumOfProducts } from './sum-of-products.ts';

const RULE = 'only what is chosen is computed';

/** Rewrites the sums along the axes of each choice that leaves out weights, where their terms are zero without it. */
export function chooseSlots(body: Body, notes: FusionNote[] = []): Body {
  const axes = slotAxes(body);
  if (axes.size === 0) return body;
  const slots = new Map<NodeId, Slots>();
  return mapBody(body, (node, inputs, builder) => {
    const axis = axes.get(node.id);
    if (axis !== undefined) {
      const id = builder.addAny(node.op, inputs, node.attrs, node);
      const mask = nodeAt(builder.nodes, id);
      if (isOp(mask, 'chosen')) slots.set(id, newSlots(builder, mask, axis));
      return id;
    }
    const mask = summedMask(builder.nodes, node, inputs);
    const found = mask === undefined ? undefined : slots.get(mask.id);
    if (mask === undefined || found === undefined) return undefined;
    notes.push({
      fired: true,
      rule: RULE,
      detail: `${titleOf(body, node.id)}: ${mask.attrs.count} of ${placesOf(mask)}`,
    });
    const over = node.attrs['over'] as readonly string[]; // Sums and contractions name their axes so.
    const rest = over.filter((name) => !mask.attrs.over.includes(name));
    return sumOfProducts(
      builder,
      inputs.map((input) => atSlots(found, input)),
      [found.axis.name, ...rest],
    );
  });
}

/** The choice that makes all but k terms of a sum zero, where the sum is along all of the choice's axes. */
function summedMask(
  nodes: readonly AnyNode[],
  node: AnyNode,
  inputs: readonly NodeId[],
): NodeOf<'chosen'> | undefined {
  if (!isOp(node, 'sum') && !isOp(node, 'contract')) return undefined;
  for (const factor of inputs.flatMap((input) => productFactors(nodes, input))) {
    const id = maskOf(nodes, factor);
    const mask = id === undefined ? undefined : nodeAt(nodes, id);
    if (mask === undefined || !isOp(mask, 'chosen')) continue;
    if (mask.attrs.over.every((name) => node.attrs.over.includes(name))) return mask;
  }
  return undefined;
}

/** For each choice that is worth it, an axis for its slots: those that leave out weights which nothing else needs. */
function slotAxes(body: Body): ReadonlyMap<NodeId, Axis> {
  const axes = new Map<NodeId, Axis>();
  for (const node of body.nodes) {
    const mask = summedMask(body.nodes, node, node.inputs);
    if (mask === undefined || axes.has(mask.id) || mask.attrs.count >= placesOf(mask)) continue;
    const before = reachable(body, [mask.id]);
    const weights = [...reachable(body, node.inputs)]
      .map((id) => nodeAt(body.nodes, id))
      .filter((weight) => weight.op === 'weight' && !before.has(weight.id));
    if (weights.some(({ type }) => mask.attrs.over.every((name) => hasAxis(type.axes, name))))
      axes.set(mask.id, { name: freshAxis(body, mask, [...axes.values()]), size: mask.attrs.count });
  }
  return axes;
}

/** The elements that the choice is made among. */
function placesOf({ type, attrs }: NodeOf<'chosen'>): number {
  return elementCount(attrs.over.map((name) => requireAxis(type.axes, name)));
}

/** A name of its own: two choices never meet by accident. */
function freshAxis(body: Body, { attrs }: NodeOf<'chosen'>, others: readonly Axis[]): string {
  const taken = new Set([...body.nodes.flatMap(({ type }) => type.axes), ...others].map(({ name }) => name));
  const stem = `chosen_${attrs.over.join('_')}`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? stem : `${stem}_${number}`;
    if (!taken.has(name)) return name;
  }
}
