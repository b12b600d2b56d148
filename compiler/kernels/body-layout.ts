// Where a body's weights, derived values and memories lie, as its kernels see them. One layout serves all calls of the body.
import type { WeightEncoding } from '../../runtime/plan.ts';
import { type Axis, elementCount, type NodeId } from '../ir/graph.ts';
import type { ChosenForm } from './longconv/choose.ts';
import type { Stride } from './place.ts';

/** Weights that share one binding, laid out one after the other; or one large value derived from weights. */
export interface MatrixBlock {
  /** The nodes, in order of their offsets. */
  readonly weights: readonly NodeId[];
  readonly encoding: WeightEncoding;
  /** Elements, a multiple of 4. */
  readonly elements: number;
}

export interface WeightPlace {
  /** The block's index, or undefined for the vectors. */
  readonly block?: number;
  readonly offset: number;
  readonly strides: readonly Stride[];
  readonly encoding: WeightEncoding;
}

/**
 * Memory of one temporal value: `past` of a conv or shift, a scan's state, the keys or values of an attention, the history of what a long
 * convolution filters and what it gives to positions to come (`pending`).
 */
export interface StateLayout {
  readonly node: NodeId;
  readonly part: string;
  readonly kind: 'filter' | 'recurrent' | 'window' | 'cache' | 'pending';
  /** Outermost first. */
  readonly axes: readonly Axis[];
  readonly initial: number;
  /** Of keys and values: positions from the first one on that are never overwritten. */
  readonly pinned?: number;
  /** See StatePlan. */
  readonly reach: number | null;
  /** See StatePlan. */
  readonly remade?: boolean;
}

export interface BodyLayout {
  readonly weights: ReadonlyMap<NodeId, WeightPlace>;
  readonly blocks: readonly MatrixBlock[];
  /** f32 elements of the call's small weights, parameters and derived values together, a multiple of 4. */
  readonly vectorElements: number;
  /** Values derived from weights at load: large ones have a block each, the others lie behind the small weights. */
  readonly derived: ReadonlyMap<NodeId, WeightPlace>;
  readonly states: readonly StateLayout[];
  /** The forms of long convolutions in prefill. */
  readonly forms: ReadonlyMap<NodeId, ChosenForm>;
}

export function stateOf(layout: BodyLayout, node: NodeId, part: string): StateLayout {
  const state = layout.states.find((candidate) => candidate.node === node && candidate.part === part);
  if (state === undefined) throw new Error(`internal: node ${node} has no memory called ${part}`);
  return state;
}

/** `size` rounded up to a multiple of `unit`. */
export function roundUp(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}

/** Parts of one node's memory start at multiples of this many elements. */
const PART_ALIGNMENT = 64;

/**
 * What lies in memory together with one part of a node's, and is bound with it: the states of one recurrence, one after the other. `first`
 * names them; the elements are all together.
 */
export function memoryWith(
  layout: BodyLayout,
  node: NodeId,
  part: string,
): {
  readonly first: string;
  readonly parts: readonly { readonly state: StateLayout; readonly offset: number }[];
  readonly elements: number;
} {
  const own = stateOf(layout, node, part);
  const together = layout.states.filter((state) =>
    own.kind === 'recurrent' ? state.node === node && state.kind === 'recurrent' : state === own,
  );
  let elements = 0;
  const parts = together.map((state) => {
    const offset = roundUp(elements, PART_ALIGNMENT);
    elements = offset + roundUp(elementCount(state.axes), 4);
    return { state, offset };
  });
  return { first: together[0]?.part ?? part, parts, elements };
}
