// Arithmetic on the coefficients of a recurrence: nodes of a small body of their own, with neutral constants left out.
import { axisNamed } from '../ir/axes.ts';
import type { BodyBuilder } from '../ir/build.ts';
import { type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import { isOp, nodeAt } from '../ir/ops/index.ts';
import { constantOf } from './ask.ts';

export function times(builder: BodyBuilder, a: NodeId, b: NodeId): NodeId {
  if (constantOf(builder, a) === 1) return b;
  if (constantOf(builder, b) === 1) return a;
  if (constantOf(builder, a) === -1) return negated(builder, b);
  if (constantOf(builder, b) === -1) return negated(builder, a);
  return builder.map('mul', [a, b]);
}

export function negated(builder: BodyBuilder, a: NodeId): NodeId {
  const value = constantOf(builder, a);
  if (value !== undefined) return builder.constant(-value);
  const node = nodeAt(builder.nodes, a);
  return isOp(node, 'neg') ? (node.inputs[0] ?? a) : builder.map('neg', [a]);
}

/** The sum of two coefficients, either of which may be absent, which means zero. */
export function plus(builder: BodyBuilder, a: NodeId | undefined, b: NodeId | undefined): NodeId | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : builder.map('add', [a, b]);
}

/** Σ over `over` of a·b, where either may lack some of the axes. */
export function sumOfProduct(builder: BodyBuilder, a: NodeId, b: NodeId, over: readonly Axis[]): NodeId {
  const names = over.map(({ name }) => name);
  const varies = (id: NodeId, name: string): boolean =>
    axisNamed(builder.typeOf(id).axes, name) !== undefined;
  if (names.every((name) => varies(a, name) && varies(b, name))) return builder.contract(a, b, names);
  const whole = times(builder, a, b);
  const present = names.filter((name) => varies(whole, name));
  const sum = present.length === 0 ? whole : builder.sum(whole, present);
  const repeats = elementCount(over.filter(({ name }) => !present.includes(name)));
  return times(builder, sum, builder.constant(repeats));
}
