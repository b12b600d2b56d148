// A rewriting rule: a factor that the summed axes do not touch moves out of the sum. Σ (x·s)·w = s·Σ x·w, where s is one number per
// token: so a norm's scale is applied to a projection's result, and the projection can start before the scale is known.
import type { BodyBuilder } from '../ir/build.ts';
import type { Body, NodeId } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { mapBody } from '../ir/rewrite.ts';
import { matrixProduct, titleOf } from './facts.ts';
import type { FusionNote } from './group.ts';

const RULE = 'a factor that is one number per token moves behind the projection';

/** Rewrites every matrix product whose input is a product with such factors. */
export function factorOut(body: Body, notes: FusionNote[] = []): Body {
  return mapBody(body, (node, inputs, builder) => {
    const product = matrixProduct(body, node);
    const data = product === undefined ? undefined : inputs[node.inputs.indexOf(product.data)];
    const weight = product === undefined ? undefined : inputs[node.inputs.indexOf(product.matrix)];
    if (product === undefined || data === undefined || weight === undefined) return undefined;
    const over = product.over.map((axis) => axis.name);
    const factors = factorsOf(builder, data);
    const isOuter = (factor: NodeId): boolean =>
      !touches(builder, factor, over) && sumsOver(builder, factor, over);
    const inner = factors.filter((factor) => !isOuter(factor));
    const outer = factors.filter(isOuter);
    if (outer.length === 0 || inner.length === 0) return undefined;
    notes.push({
      fired: true,
      rule: RULE,
      detail: `${titleOf(body, node.id)}: ${outer.map((id) => describe(builder, id)).join(', ')}`,
    });
    const kept = multiply(builder, inner);
    const sum = builder.contract(kept, weight, over, node);
    return builder.map('mul', [sum, multiply(builder, outer)]);
  });
}

/** The factors of nested products. */
function factorsOf(builder: BodyBuilder, id: NodeId): readonly NodeId[] {
  const node = builder.nodes[id];
  return node?.op === 'mul' ? node.inputs.flatMap((input) => factorsOf(builder, input)) : [id];
}

function touches(builder: BodyBuilder, id: NodeId, over: readonly string[]): boolean {
  return builder.typeOf(id).axes.some((axis) => over.includes(axis.name));
}

/**
 * Whether a factor is made from a sum over exactly the projection's axes: it can then be summed in the projection's own loop. Other
 * factors gain nothing by moving.
 */
function sumsOver(builder: BodyBuilder, id: NodeId, over: readonly string[]): boolean {
  const node = builder.nodes[id];
  if (node === undefined) return false;
  const { kind } = recordOf(node.op);
  if (kind === 'reduce' || kind === 'contract') {
    const axes = node.attrs['over'] as readonly string[]; // Both kinds name their axes so.
    return axes.length === over.length && axes.every((axis) => over.includes(axis));
  }
  return kind === 'map' && node.inputs.some((input) => sumsOver(builder, input, over));
}

function multiply(builder: BodyBuilder, factors: readonly NodeId[]): NodeId {
  const [first, ...rest] = factors;
  if (first === undefined) throw new Error('internal: a product of nothing');
  return rest.reduce((product, factor) => builder.map('mul', [product, factor]), first);
}

function describe(builder: BodyBuilder, id: NodeId): string {
  const node = builder.nodes[id];
  return node?.name ?? node?.op ?? String(id);
}
