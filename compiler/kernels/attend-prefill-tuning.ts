// The tile sizes of prefill attention, so that queries, keys, values and weights share the workgroup memory.
import type { AttendShape } from './attend.ts';
import type { Target } from './template.ts';

/** A tile is `rows` queries (tokens × heads of one group) against `columns` positions. */
export interface PrefillTuning {
  readonly rows: 16 | 32;
  readonly columns: 32;
  /** Invocations side by side along the columns; the others are along the rows, four rows each. */
  readonly across: number;
  /** Columns of one invocation. */
  readonly each: 2 | 4;
  readonly heads: number;
  readonly headTiles: number;
  readonly tokens: number;
  /** Elements of queries and keys that are in workgroup memory at once, and how many times that is needed. */
  readonly span: number;
  readonly spans: number;
  /** Whether all of the queries stay in workgroup memory. */
  readonly resident: boolean;
  /** Quads of the value row that one workgroup sums up, `across` in each pass. */
  readonly valueQuads: number;
  readonly valueTiles: number;
  readonly passes: number;
  /** vec4 values of workgroup memory. */
  readonly memory: { readonly queries: number; readonly rows: number; readonly weights: number };
}

export const PREFILL_WORKGROUP = 64;

/** Value elements of one workgroup: more would not fit in registers. */
const MOST_VALUES = 256;
/** With more value elements than this, a workgroup takes half of the rows. */
const WIDE_VALUES = 128;

export function prefillTuning(shape: AttendShape, target: Target): PrefillTuning {
  const quads = Math.ceil(shape.value / 4);
  const valueTiles = Math.ceil(quads / (MOST_VALUES / 4));
  const valueQuads = Math.ceil(quads / valueTiles);
  const rows = valueQuads * 4 > WIDE_VALUES ? 16 : 32;
  const columns = 32;
  const across = PREFILL_WORKGROUP / (rows / 4);
  const headTiles = Math.ceil(shape.per / rows);
  const heads = Math.ceil(shape.per / headTiles);
  const keyQuads = Math.ceil(shape.key / 4);
  const rowMemory = columns * across;
  const spans = Math.ceil(keyQuads / (rowMemory / columns));
  const span = 4 * Math.ceil(keyQuads / spans);
  const weights = (columns * rows) / 4;
  const whole = (span * spans * rows) / 4;
  const resident = 16 * (whole + rowMemory + weights) <= target.maxSharedBytes;
  return {
    rows,
    columns,
    across,
    each: rows === 32 ? 4 : 2,
    heads,
    headTiles,
    tokens: Math.floor(rows / heads),
    span,
    spans,
    resident,
    valueQuads,
    valueTiles,
    passes: Math.ceil(valueQuads / across),
    memory: { queries: resident ? whole : (span * rows) / 4, rows: rowMemory, weights },
  };
}

/** Barriers for one tile of positions. */
export function tileBarriers(tuning: PrefillTuning, shape: AttendShape): number {
  return 2 * tuning.spans + (shape.weigh === undefined ? 3 : 2) + 2 * (tuning.passes - 1);
}
