// What every kernel of a long convolution is told: its filters, where x is read, which positions are wanted, what follows.
import type { Action, Hook } from '../template.ts';

/** One filter: Σ_i tap(i) · x[t ∓ (i + first)]. */
export interface FilterSpec {
  readonly size: number;
  /** The lag of tap 0. */
  readonly first: number;
  /** Whether lags go to later positions. */
  readonly ahead: boolean;
  /** One tap for a channel of the result; the index is below `size`. */
  readonly tap: Hook<[channel: string, index: string]>;
}

export interface LongConvSpec {
  /** Elements of the result at one position. */
  readonly channels: number;
  readonly filters: readonly FilterSpec[];
  /** Channels come in groups of `members` with equal taps in every filter; see `channelOf`. */
  readonly members: number;
  readonly channelOf: (group: string, member: string) => string;
  /** x for a channel of the result at a position below `end`. */
  readonly readX: Hook<[channel: string, position: string]>;
  /** The positions wanted are start … start + count − 1; x is 0 from `end` on. Expressions of module scope, u32. */
  readonly start: string;
  readonly count: string;
  readonly end: string;
  /** Most positions wanted at once. */
  readonly maximum: number;
  /** Whether positions from `end` on are wanted: what earlier positions give to those to come. */
  readonly beyond: boolean;
  /** What is done with the sum at position start + token. */
  readonly finish: Action<[token: string, channel: string, value: string]>;
  readonly reserved: readonly string[];
}

/** What the Fourier forms read and write besides: see the hooks of `fft/`. */
export interface FourierMemory {
  readonly spectrum: (tile: number, index: string) => string;
  readonly turn: (index: string) => string;
  readonly scratch: string;
}
