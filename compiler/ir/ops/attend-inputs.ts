// What an attend is given: the names of its inputs, and how a table of biases lies in time.
import type { Body } from '../graph.ts';
import { internal } from '../internal.ts';

/** Biases by lag: what is added to the score of a position so far behind the query's own, or ahead of it. */
export interface LagTable {
  /** The table's axis of lags. */
  readonly axis: string;
  /** Whether its lags go to later positions. */
  readonly ahead: boolean;
  /** The lag of the nearest entry; lags past the farthest one take that entry. */
  readonly first: number;
  /** Whether entries go from the farthest lag to the nearest, as a filter's taps do. */
  readonly farthestFirst: boolean;
}

export type AttendAttrs = {
  /** The axis of q and k that scores sum over. */
  readonly over: string;
  readonly scale: number;
  /** Whether scores are divided by the number of positions in sight as well. */
  readonly perVisible?: boolean;
  /** Position s is visible at t iff t − s < window, or s < pinned; all s ≤ t without a window. */
  readonly window?: number;
  readonly pinned?: number;
  /** Positions come in blocks of so many, and see only their own block. */
  readonly chunk?: number;
  /** Present and false: later positions are visible as well, where |t − s| < window. */
  readonly causal?: boolean;
  /** Scores become softcap·tanh(score / softcap), before a bias is added. */
  readonly softcap?: number;
  /** How the inputs behind q, k, v are read; with no table ahead, the first goes by distance. */
  readonly biases?: readonly LagTable[];
  /**
   * Instead of a softmax: what a value is multiplied by, from the `input` node `score` to the output `weight`, element by element.
   * Nothing is then divided by a total.
   */
  readonly body?: Body;
};

/** An attend's inputs by name, whatever stands for them: nodes, types, values. */
export interface AttendInputs<Input> {
  readonly query: Input;
  readonly key: Input;
  readonly value: Input;
  /** A table for each of the attributes' `biases`. */
  readonly biases: readonly Input[];
  readonly sink: Input | undefined;
}

/** The inputs lie in this order: q, k, v, the biases, and the sink if there is one. */
export function attendInputs<Input>(
  inputs: readonly Input[],
  { biases = [] }: Pick<AttendAttrs, 'biases'>,
): AttendInputs<Input> {
  const [query, key, value, ...others] = inputs;
  const sink = others[biases.length];
  if (query === undefined || key === undefined || value === undefined || others.length < biases.length)
    internal(`attend with ${inputs.length} inputs`);
  if (others.length > biases.length + 1) internal(`attend with ${inputs.length} inputs`);
  return { query, key, value, biases: others.slice(0, biases.length), sink };
}

/** How many positions a position sees behind and with it: itself, and at most so many. */
export function reachBack({ window = Infinity, chunk = Infinity }: AttendAttrs): number {
  return Math.min(window, chunk);
}
