// What a layer case is as a model of the language, and where each of its quantities is found.

/** A named value of the layer that the reference executor computed: its axes in the quantity's order, of which one may be `position`. */
export interface Computed {
  readonly value: string;
  readonly axes: readonly string[];
  /** So many of the outermost axis. */
  readonly first?: number;
  /** The last positions alone: what a recurrence or a filter remembers behind them. Oldest first, and innermost. */
  readonly last?: number;
}

/** The layer's output over the run, its output at the step behind it, or a value. */
export type Place = 'run' | 'step' | Computed;

export interface CaseModel {
  /** The case's name in the file. */
  readonly golden: string;
  readonly width: number;
  /** What the one letter is bound to. */
  readonly layer: string;
  /** The lines of the checkpoint section. */
  readonly names: string;
  /** A block and mixers of the case's own. */
  readonly block?: string;
  readonly mixers?: string;
  /** The tensor that goes in, or a single 1 at the first position, to which a filter answers with its taps. */
  readonly input: string | { readonly impulse: number };
  /** Positions of the run; those behind them are steps. */
  readonly steps: number;
  /** The axes [time, width] of what the layer gives, unless the quantity has them the other way round. */
  readonly transposed?: boolean;
  readonly finds: Readonly<Record<string, Place>>;
}
