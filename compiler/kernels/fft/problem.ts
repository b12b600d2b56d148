// A long convolution as the Fourier forms are told it, and what a form needs: scratch memory, spectra, tables of turns.
import type { SpectraPlan, Turns } from '../../../runtime/plan.ts';
import type { Action, Hook } from '../template.ts';
import { counted } from '../text.ts';
import type { FftShape } from './shape.ts';

/** y_t = Σ_lag taps[lag] · x[t − lag] for the positions of a run, lags being −ahead … back. */
export interface ConvProblem {
  /** Channels, in an order in which `filterOf` holds. */
  readonly channels: number;
  /** Channel c has the filter floor(c / inner) mod count. */
  readonly filters: { readonly inner: number; readonly count: number };
  /** The largest lag, and how far a filter reads ahead; at most as many positions as a sequence has. */
  readonly back: number;
  readonly ahead: number;
  /** Most positions wanted in one run. */
  readonly maximum: number;
}

/** What prints a problem's data. Expressions are of module scope and uniform: they read no memory that the kernel writes. */
export interface ConvHooks {
  /** x for a channel at a position below `end`. */
  readonly readX: Hook<[channel: string, position: string]>;
  /** What is done with the sum of a channel at the wanted position start + token. */
  readonly finish: Action<[token: string, channel: string, value: string]>;
  /** The positions wanted are start … start + count − 1; x is 0 from `end` on. Expressions of type u32. */
  readonly start: string;
  readonly count: string;
  readonly end: string;
  /** One complex number of a tile of the spectra, vec2<f32>. */
  readonly spectrum: (tile: number, index: string) => string;
  /** One complex number of the form's table of turns, vec2<f32>. */
  readonly turn: (index: string) => string;
  /** An array<vec2<f32>> for writing, where the form needs scratch memory. */
  readonly scratch: string;
  /** Names that the hooks mention. */
  readonly reserved: readonly string[];
}

/** Pairs of neighbouring channels that one sequence of dispatches is for. */
export interface PairTile {
  readonly first: number;
  readonly pairs: number;
}

/** A way to compute a problem, with all that it needs; `printConv` makes its kernels. */
export interface ConvForm {
  readonly kind: 'window' | 'blocks' | 'four-step';
  readonly problem: ConvProblem;
  /** One transform, or that of columns and that of rows. */
  readonly shapes: readonly FftShape[];
  readonly spectra: SpectraPlan;
  /** One after the other in one table. */
  readonly turns: readonly Turns[];
  /** Complex numbers of scratch memory; tiles use it one after the other. */
  readonly scratch: number;
  readonly tiles: readonly PairTile[];
  /** Positions before the first wanted one that the window has. */
  readonly past: number;
  /** Positions of a block, and how many blocks before the first wanted position are read; 0 where there are no blocks. */
  readonly block: number;
  readonly history: number;
}

export function pairsOf({ channels }: ConvProblem): number {
  return Math.ceil(channels / 2);
}

/** The filters of the pairs, without repetition where they repeat in order; and the row of a pair, as text. */
export interface FilterRows {
  readonly rows: readonly (readonly [number, number])[];
  readonly rowOf: (pair: string) => string;
  /** Whether every pair has a row of its own. */
  readonly own: boolean;
  readonly differences: boolean;
}

export function filterRows(problem: ConvProblem): FilterRows {
  const { inner, count } = problem.filters;
  const pairs = pairsOf(problem);
  const filterOf = (channel: number): number =>
    Math.floor(Math.min(channel, problem.channels - 1) / inner) % count;
  const row = (pair: number) => [filterOf(2 * pair), filterOf(2 * pair + 1)] as const;
  if (count === 1) return { rows: [[0, 0]], rowOf: () => '0u', own: pairs === 1, differences: false };
  if (inner % 2 === 0 && count < pairs) {
    const rowOf = (pair: string): string => `${pair} / ${inner / 2}u % ${count}u`;
    return { rows: counted(count, (f) => [f, f] as const), rowOf, own: false, differences: false };
  }
  const repeats = inner === 1 && count % 2 === 0 && count / 2 < pairs;
  const rows = counted(repeats ? count / 2 : pairs, row);
  return {
    rows,
    rowOf: (pair) => (repeats ? `${pair} % ${count / 2}u` : pair),
    own: !repeats,
    differences: rows.some(([a, b]) => a !== b),
  };
}
