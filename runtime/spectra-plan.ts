// How the spectra of long filters lie in memory, and the step that makes them at load. Plain JSON.

/** Equal steps around the circle: e^(−2πi·step·i / of) for i = 0 … count − 1. */
export interface Turns {
  readonly of: number;
  readonly step: number;
  readonly count: number;
}

/** The spectra of filters of a long convolution, which are added up lag by lag. */
export interface SpectraStep {
  readonly kind: 'spectra';
  /** Of the axes along which there are filters: they are counted row-major. */
  readonly sizes: readonly number[];
  /** Element i of an array's taps is that of lag first + i, back or ahead; the last one is that of `first` with `oldestFirst`. */
  readonly filters: readonly {
    readonly array: number;
    /** Along `sizes`, and then along the taps. */
    readonly strides: readonly number[];
    readonly lags: number;
    readonly first: number;
    readonly ahead: boolean;
    readonly oldestFirst: boolean;
  }[];
  /** Numbers on the circle that lie before the spectra, list after list. */
  readonly turns: readonly Turns[];
  readonly plan: SpectraPlan;
  readonly out: number;
}

/**
 * The order of the spectra of long filters, from which transforms in kernels read them: complex numbers as pairs of f32,
 * [tile of rows][segment][position][row of the tile][sum, difference]. A row is for two neighbouring channels a and b: the
 * sum is (Ha + Hb) / 2 and the difference (Ha − Hb) / 2, each divided by the length of the transform.
 */
export interface SpectraPlan {
  /** The factors of the transform's length: the digits of a position with these radices, the most significant first, are the digits of its frequency from the least significant on. */
  readonly radices: readonly number[];
  /** Lags from … to − 1; lag l lies at index (l − origin) modulo the length. Taps that a filter does not have are zero. */
  readonly segments: readonly { readonly from: number; readonly to: number; readonly origin: number }[];
  /** The filters of the two channels of each row. */
  readonly rows: readonly (readonly [number, number])[];
  /** Rows of one tile. */
  readonly tile: number;
  /** Whether differences are there: where the two channels of some row have filters of their own. */
  readonly differences: boolean;
}
