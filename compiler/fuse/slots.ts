// A choice's slots: what a value along the choice's axes is at the places chosen, computed for those alone.
import { hasAxis, withoutAxes } from '../ir/axes.ts';
import type { BodyBuilder } from '../ir/build.ts';
import { type AnyNode, type Axis, type NodeId } from '../ir/graph.ts';
import { nodeAt, recordOf, type NodeOf } from '../ir/ops/index.ts';
import { reachable } from '../ir/rewrite.ts';

export interface Slots {
  readonly builder: BodyBuilder;
  readonly mask: NodeOf<'chosen'>;
  /** The axis that counts what is chosen, largest first. */
  readonly axis: Axis;
  /** The places chosen. */
  readonly index: NodeId;
  /** What the choice is made from: computed for all places anyway. */
  readonly before: ReadonlySet<NodeId>;
  readonly known: Map<NodeId, NodeId>;
}

export function newSlots(builder: BodyBuilder, mask: NodeOf<'chosen'>, axis: Axis): Slots {
  const [scores = 0] = mask.inputs;
  const index = builder.top(
    scores,
    { ...mask.attrs, choice: axis.name },
    { name: axis.name, span: mask.span },
  );
  const nodes = builder.nodes.slice(0, mask.id);
  const before = reachable({ nodes }, [scores]);
  return { builder, mask, axis, index, before, known: new Map() };
}

/** The value with the slots' axis in place of the choice's; the value itself where it has none of those. */
export function atSlots(slots: Slots, id: NodeId): NodeId {
  const known = slots.known.get(id);
  if (known !== undefined) return known;
  const node = nodeAt(slots.builder.nodes, id);
  const has = slots.mask.attrs.over.some((name) => hasAxis(node.type.axes, name));
  const made = has ? (computed(slots, node) ?? lookedUp(slots, node)) : id;
  slots.known.set(id, made);
  return made;
}

/** The value computed for each slot; nothing where its op looks across the choice's axes, or all of it is there anyway. */
function computed(slots: Slots, node: AnyNode): NodeId | undefined {
  const { builder, mask } = slots;
  const { kind } = recordOf(node.op);
  const { over } = mask.attrs;
  if (slots.before.has(node.id) || kind === 'source' || touchesAxes(node, over)) return undefined;
  const again = (): NodeId =>
    builder.addAny(
      node.op,
      node.inputs.map((input) => atSlots(slots, input)),
      node.attrs,
      node,
    );
  if (node.op === 'where' && node.inputs[0] === mask.id && node.inputs[1] !== undefined)
    return widened(slots, node, atSlots(slots, node.inputs[1]));
  if (kind === 'map' || kind === 'reduce' || kind === 'contract') return again();
  const whole = node.inputs.every((input) =>
    over.every((name) => hasAxis(nodeAt(builder.nodes, input).type.axes, name)),
  );
  return kind === 'move' && whole ? again() : undefined;
}

/** Whether an attribute of the node names one of the axes. */
function touchesAxes(node: AnyNode, over: readonly string[]): boolean {
  if (recordOf(node.op).kind === 'map') return false;
  const text = JSON.stringify(node.attrs);
  return over.some((name) => text.includes(JSON.stringify(name)));
}

/** A value that lacks axes of what it stands for gets them. */
function widened(slots: Slots, node: AnyNode, id: NodeId): NodeId {
  const { builder, axis, mask } = slots;
  const wanted = [...withoutAxes(node.type.axes, mask.attrs.over), axis];
  const missing = wanted.filter(({ name }) => !hasAxis(builder.typeOf(id).axes, name));
  return missing.length === 0 ? id : builder.broadcast(id, missing);
}

function lookedUp({ builder, mask, index }: Slots, node: AnyNode): NodeId {
  const { over } = mask.attrs;
  const axes = over.flatMap((name) => builder.typeOf(mask.id).axes.filter((axis) => axis.name === name));
  const missing = axes.filter(({ name }) => !hasAxis(node.type.axes, name));
  const whole = missing.length === 0 ? node.id : builder.broadcast(node.id, missing);
  return builder.gather(whole, index, over, node);
}
