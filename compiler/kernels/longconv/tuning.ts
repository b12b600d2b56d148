// The sizes that the kernels of long convolutions are tuned by.

/** Direct form: positions of one invocation, and invocations of a workgroup. */
export const DIRECT = { positions: 8, workgroup: 64 } as const;

/**
 * Toeplitz form: positions of a block, columns (channels that share a filter, of one or more blocks), positions of x at a time; rows
 * and columns of one invocation.
 */
export const TOEPLITZ = { block: 64, columns: 32, depth: 16, rows: 8, across: 4 } as const;

/** One token: invocations of a workgroup, channels side by side, and workgroups that bring earlier positions to those to come. */
export const STEP = { workgroup: 256, channels: 16, rows: 8, pushers: 64 } as const;

/** Large tiles of one token go by blocks of so many positions, or as prefill has them up to `most`; filters have `least` blocks. */
export const TILE = { block: 256, most: 512, least: 2 } as const;

/** Filters of at most this many lags are summed up anew for each token; longer ones leave sums for the tokens to come. */
export const MOST_SUMMED = 256;
