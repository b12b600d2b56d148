// The memory of a sequence: of what kinds it is, and how it grows with the sequence.
import { type Plan, ROLLBACK, type StatePlan } from '../../runtime/plan.ts';
import { graphCost } from '../ir/cost.ts';
import { elementCount, type Graph } from '../ir/graph.ts';
import { bodyOf, graphMemory, type ValueMemory } from '../ir/memory.ts';
import type { StateCost, StateGrowth, StateKind } from './explanation.ts';

const KINDS: readonly StateKind[] = ['recurrent', 'filter', 'window', 'cache'];

/** One piece of memory, with its bytes at a length. */
interface Piece {
  readonly kind: StateKind;
  readonly bytes: (context: number) => number;
}

/** Lengths are in positions. */
export function stateCost(graph: Graph, plan: Plan, context: number, contexts: readonly number[]): StateCost {
  const pieces = piecesOf(graph);
  const kinds = KINDS.map((kind) => {
    const own = pieces.filter((piece) => piece.kind === kind);
    return { kind, pieces: own.length, bytes: bytesAt(own, context) };
  });
  return {
    bytes: bytesAt(pieces, context),
    kinds: kinds.filter((kind) => kind.pieces > 0),
    growth: contexts.map((length) => growthAt(graph, pieces, length)),
    allocated: bytesOf(plan.states, Infinity),
    snapshot: bytesOf(copiedStates(plan), context) + 4 * plan.vocab,
    rollback: rollbackCost(plan),
  };
}

/** Bytes of states after so many positions: rows that no position has used yet do not count. */
function bytesOf(states: readonly StatePlan[], positions: number): number {
  return states.reduce((sum, { bytes, rows }) => {
    return sum + (rows === undefined ? bytes : Math.min(bytes, rows.groups * rows.rowBytes * positions));
  }, 0);
}

/** What is made from other states is in no copy. */
function copiedStates({ states }: Plan): readonly StatePlan[] {
  return states.filter(({ remade }) => remade !== true);
}

/** Only what cannot go back by itself is copied, with the logits. */
function rollbackCost({ states, vocab }: Plan): StateCost['rollback'] {
  const copied = states.filter(({ reach }) => reach !== null);
  if (copied.length === 0) return { copies: 0, bytes: 0 };
  const bytes = bytesOf(copied, Infinity) + 4 * vocab;
  return { copies: Math.min(ROLLBACK.copies, Math.floor(ROLLBACK.bytes / bytes)), bytes };
}

function growthAt(graph: Graph, pieces: readonly Piece[], context: number): StateGrowth {
  const of = (kind: StateKind): number =>
    bytesAt(
      pieces.filter((piece) => piece.kind === kind),
      context,
    );
  return {
    context,
    flops: graphCost(graph, { context }).flops,
    bytes: bytesAt(pieces, context),
    byKind: {
      recurrent: of('recurrent'),
      filter: of('filter'),
      window: of('window'),
      cache: of('cache'),
    },
  };
}

function bytesAt(pieces: readonly Piece[], context: number): number {
  return pieces.reduce((sum, piece) => sum + piece.bytes(context), 0);
}

function piecesOf(graph: Graph): readonly Piece[] {
  const memory = graphMemory(graph);
  const values = memory.values.map((value): Piece => {
    const { type, positions, pinned } = value;
    const one = 4 * elementCount(type.axes);
    return { kind: kindOf(graph, value), bytes: (context) => one * Math.min(context, positions + pinned) };
  });
  const states = memory.nodes.flatMap((node) =>
    node.states.map((state): Piece => ({ kind: 'recurrent', bytes: () => 4 * state.count })),
  );
  return [...values, ...states];
}

function kindOf(graph: Graph, { positions, readers }: ValueMemory): StateKind {
  if (!Number.isFinite(positions)) return 'cache';
  const attended = readers.some(({ call, node }) => bodyOf(graph, call).nodes[node]?.op === 'attend');
  return attended ? 'window' : 'filter';
}
