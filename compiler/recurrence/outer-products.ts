// Takes what a recurrence writes apart into outer products of a key and a value.
import { hasAxis } from '../ir/axes.ts';
import type { BodyBuilder } from '../ir/build.ts';
import type { Axis, NodeId } from '../ir/graph.ts';
import { nodeAt } from '../ir/ops/index.ts';
import { negated, plus, times } from './coefficients.ts';

/** k vᵀ: `v` does not vary along the key. */
export interface OuterProduct {
  readonly k: NodeId;
  readonly v: NodeId;
}

/** Products with the same key become one, with the sum of their values. */
export function outerProducts(
  builder: BodyBuilder,
  free: NodeId | undefined,
  key: readonly Axis[],
): readonly OuterProduct[] {
  const products: OuterProduct[] = [];
  for (const { factors, negative } of free === undefined ? [] : addends(builder, free)) {
    const varies = (id: NodeId): boolean => builder.typeOf(id).axes.some(({ name }) => hasAxis(key, name));
    const k = productOf(builder, factors.filter(varies));
    const value = productOf(
      builder,
      factors.filter((id) => !varies(id)),
    );
    const v = negative ? negated(builder, value) : value;
    const known = products.findIndex((product) => product.k === k);
    const other = products[known];
    if (other === undefined) products.push({ k, v });
    else products[known] = { k, v: plus(builder, other.v, v) ?? v };
  }
  return products;
}

function productOf(builder: BodyBuilder, factors: readonly NodeId[]): NodeId {
  return factors.reduce((product, factor) => times(builder, product, factor), builder.constant(1));
}

interface Addend {
  readonly factors: readonly NodeId[];
  readonly negative: boolean;
}

/** The addends of a sum, in order. */
function addends(builder: BodyBuilder, id: NodeId): readonly Addend[] {
  const node = nodeAt(builder.nodes, id);
  const [a, b] = node.inputs;
  const flipped = (addend: Addend): Addend => ({ ...addend, negative: !addend.negative });
  if (node.op === 'neg' && a !== undefined) return addends(builder, a).map(flipped);
  if (node.op === 'broadcast' && a !== undefined) return addends(builder, a);
  if ((node.op === 'add' || node.op === 'sub') && a !== undefined && b !== undefined) {
    const second = addends(builder, b);
    return [...addends(builder, a), ...(node.op === 'add' ? second : second.map(flipped))];
  }
  return [factorsOf(builder, id)];
}

/** The factors of a product, those of its factors included. */
function factorsOf(builder: BodyBuilder, id: NodeId): Addend {
  const node = nodeAt(builder.nodes, id);
  const [a, b] = node.inputs;
  if (node.op === 'neg' && a !== undefined) {
    const inner = factorsOf(builder, a);
    return { ...inner, negative: !inner.negative };
  }
  if ((node.op !== 'mul' && node.op !== 'div') || a === undefined || b === undefined)
    return { factors: [id], negative: false };
  const first = factorsOf(builder, a);
  if (node.op === 'div')
    return { factors: [...first.factors, builder.map('recip', [b])], negative: first.negative };
  const second = factorsOf(builder, b);
  return { factors: [...first.factors, ...second.factors], negative: first.negative !== second.negative };
}
