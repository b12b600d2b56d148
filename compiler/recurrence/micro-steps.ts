// Takes an update apart into steps of its own that follow each other within a position, where their composition would need sums.
import { hasAxis } from '../ir/axes.ts';
import type { Axis, NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { nodeAt } from '../ir/ops/index.ts';
import { type Affine, isRefused } from './affine.ts';
import { type AffineBody, affineOf, dependsOnState } from './affine-body.ts';
import { hasSums } from './ask.ts';
import { type OuterProduct, outerProducts } from './outer-products.ts';

/** b (aᵀ S): what is found along `a` in the state is added along `b`. */
export interface Correction {
  readonly a: NodeId;
  readonly b: NodeId;
}

/** S ← decay ⊙ S + Σ b (aᵀ S) + Σ k vᵀ. */
export interface MicroStep {
  readonly decay: NodeId;
  readonly corrections: readonly Correction[];
  readonly writes: readonly OuterProduct[];
}

export function microStep({ builder }: AffineBody, after: Affine, key: readonly Axis[]): MicroStep {
  return {
    decay: after.terms.find(({ vector }) => vector === undefined)?.factor ?? builder.constant(0),
    corrections: after.terms.flatMap(({ vector, factor }) =>
      vector === undefined ? [] : [{ a: vector, b: factor }],
    ),
    writes: outerProducts(builder, after.free, key),
  };
}

/**
 * The steps of one position in their order, each as long as its coefficients need no sums; one if the whole update needs none, or
 * cannot be taken apart.
 */
export function microSteps(reading: AffineBody, update: NodeId, key: readonly Axis[]): readonly MicroStep[] {
  const values = valuesOfState(reading, update);
  const steps: MicroStep[] = [];
  for (let from = 0; from < values.length - 1;) {
    let to = from + 1;
    let step = stepBetween(reading, values[from], values[to], key);
    for (; to < values.length - 1; to += 1) {
      const longer = stepBetween(reading, values[from], values[to + 1], key);
      if (longer === undefined || needsSums(reading, longer)) break;
      step = longer;
    }
    if (step === undefined) return internal('a step that is not affine in an update that is');
    steps.push(step);
    from = to;
  }
  return steps;
}

function stepBetween(
  reading: AffineBody,
  from: NodeId | undefined,
  to: NodeId | undefined,
  key: readonly Axis[],
): MicroStep | undefined {
  if (from === undefined || to === undefined) return undefined;
  const state: Affine = { terms: [{ of: 'before', factor: reading.builder.constant(1), over: [] }] };
  const after = affineOf({ ...reading, known: new Map([[from, state]]) }, to);
  return isRefused(after) ? undefined : microStep(reading, after, key);
}

function needsSums({ builder }: AffineBody, { decay, corrections, writes }: MicroStep): boolean {
  const ids = [decay, ...corrections.flatMap(({ a, b }) => [a, b]), ...writes.flatMap(({ k, v }) => [k, v])];
  return ids.some((id) => hasSums(builder, id));
}

/** The state's values one after the other: the nodes on its axes that all of the update sees the state through, itself first. */
function valuesOfState(reading: AffineBody, update: NodeId): readonly NodeId[] {
  const { nodes } = reading.body;
  const between = new Set([update]);
  for (let id = update; id >= 0; id -= 1) {
    if (!between.has(id)) continue;
    for (const input of nodeAt(nodes, id).inputs) if (dependsOnState(reading, input)) between.add(input);
  }
  const ordered = [...between].toSorted((a, b) => a - b);
  // What a node before is read by a node behind it goes past the node.
  let furthest = 0;
  const values: NodeId[] = [];
  for (const id of ordered) {
    const { axes } = nodeAt(nodes, id).type;
    if (furthest <= id && reading.state.every(({ name }) => hasAxis(axes, name))) values.push(id);
    const readers = ordered.filter((other) => nodeAt(nodes, other).inputs.includes(id));
    furthest = Math.max(furthest, ...readers);
  }
  return values;
}
