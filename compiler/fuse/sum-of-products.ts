// A sum of products with looked-up matrices in it, written so that it is one projection: Σ_j p_j Σ_k h_jk W_jk = Σ_jk (p_j h_jk) W_jk.
import { hasAxis } from '../ir/axes.ts';
import type { BodyBuilder } from '../ir/build.ts';
import { type AnyNode, type NodeId } from '../ir/graph.ts';
import { isOp, nodeAt } from '../ir/ops/index.ts';
import { productFactors } from './sparse.ts';

/** Σ over `over` of the product of the factors. */
export function sumOfProducts(
  builder: BodyBuilder,
  factors: readonly NodeId[],
  over: readonly string[],
): NodeId {
  const all = factors.flatMap((factor) => productFactors(builder.nodes, factor));
  for (const [at, factor] of all.entries()) {
    const rest = all.filter((_, other) => other !== at);
    const made = moveInside(builder, nodeAt(builder.nodes, factor), rest, over);
    if (made !== undefined) return made;
  }
  const last = all.at(-1);
  const others = all.slice(0, -1);
  if (last === undefined) throw new Error('internal: a sum of nothing');
  if (others.length === 0) return builder.sum(last, over);
  const first = multiply(builder, others);
  return spans(builder, first, over) && spans(builder, last, over)
    ? builder.contract(first, last, over)
    : builder.sum(builder.map('mul', [first, last]), over);
}

/** The sum with one of its factors taken apart, if that brings the rest to a looked-up matrix. */
function moveInside(
  builder: BodyBuilder,
  factor: AnyNode,
  rest: readonly NodeId[],
  over: readonly string[],
): NodeId | undefined {
  if (!readsLookup(builder, factor.id)) return undefined;
  const [a, b] = factor.inputs;
  const within = (id: NodeId): NodeId => sumOfProducts(builder, [...rest, id], over);
  if (isOp(factor, 'contract')) return widened(builder, factor, rest, over);
  if ((factor.op === 'add' || factor.op === 'sub') && a !== undefined && b !== undefined) {
    const both = [a, b].every((side) =>
      over.every((name) => [...rest, side].some((id) => spans(builder, id, [name]))),
    );
    return both ? builder.map(factor.op, [within(a), within(b)]) : undefined;
  }
  if (factor.op === 'div' && a !== undefined && b !== undefined)
    return spansAny(builder, b, over) ? undefined : builder.map('div', [within(a), b]);
  if (isOp(factor, 'rename') && a !== undefined) {
    const { from, to } = factor.attrs;
    const isFree = !over.includes(to) && rest.every((id) => !spansAny(builder, id, [from, to]));
    return isFree ? builder.rename(within(a), from, to) : undefined;
  }
  return undefined;
}

/** The contraction that sums over `over` as well, with the rest among its data. */
function widened(
  builder: BodyBuilder,
  factor: AnyNode,
  rest: readonly NodeId[],
  over: readonly string[],
): NodeId | undefined {
  const [data, matrix] = isLookup(builder, factor.inputs[1]) ? factor.inputs : factor.inputs.toReversed();
  if (data === undefined || matrix === undefined || !isLookup(builder, matrix)) return undefined;
  const axes = [...builder.typeOf(data).axes.map(({ name }) => name), ...over];
  const fits = rest.every((id) => builder.typeOf(id).axes.every(({ name }) => axes.includes(name)));
  const given = multiply(builder, [...rest, data]);
  if (!fits || !spans(builder, given, over) || !spans(builder, matrix, over)) return undefined;
  const summed = factor.attrs['over'] as readonly string[]; // A contract's attributes hold the names of its axes.
  return builder.contract(given, matrix, [...over, ...summed], factor);
}

/** Whether a value is made, by sums and elementwise work, from a contraction with a looked-up matrix. */
function readsLookup(builder: BodyBuilder, id: NodeId): boolean {
  const node = nodeAt(builder.nodes, id);
  if (isOp(node, 'contract')) return node.inputs.some((input) => isLookup(builder, input));
  return ['add', 'sub', 'div', 'mul', 'rename'].includes(node.op)
    ? node.inputs.some((input) => readsLookup(builder, input))
    : false;
}

/** Whether the value is a weight's entries at an index that changes with time. */
function isLookup(builder: BodyBuilder, id: NodeId | undefined): boolean {
  const node = id === undefined ? undefined : nodeAt(builder.nodes, id);
  const table = node?.inputs[0];
  return (
    node?.op === 'gather' &&
    node.type.temporal &&
    table !== undefined &&
    nodeAt(builder.nodes, table).op === 'weight'
  );
}

function spans(builder: BodyBuilder, id: NodeId, names: readonly string[]): boolean {
  return names.every((name) => hasAxis(builder.typeOf(id).axes, name));
}

function spansAny(builder: BodyBuilder, id: NodeId, names: readonly string[]): boolean {
  return names.some((name) => hasAxis(builder.typeOf(id).axes, name));
}

function multiply(builder: BodyBuilder, factors: readonly NodeId[]): NodeId {
  const [first, ...rest] = factors;
  if (first === undefined) throw new Error('internal: a product of nothing');
  return rest.reduce((product, factor) => builder.map('mul', [product, factor]), first);
}
