// The tunable sizes of the many-token product, with defaults from the shape and the target.
import type { GemmSpec } from './contract.ts';
import type { Target } from './template.ts';

/** A workgroup computes `tokens × rows` sums, 4 × 4 in each invocation. */
export interface GemmTuning {
  /** Tokens of a tile: 16, 32 or 64. */
  readonly tokens: number;
  /** Rows of a tile: 16, 32 or 64. */
  readonly rows: number;
}

/** Rows and tokens that one invocation computes. */
export const PER_INVOCATION = 4;
/** Quads of the depth that one stage of the loop brings into workgroup memory. */
export const STAGE_QUADS = 4;
/** Entries between one quad's column of a tile and the next; the padding spreads the writes over the banks. */
export const PADDING = 2;

/** Workgroups below which a product is cut into smaller tiles, so that more of them can run side by side. */
const FEW_WORKGROUPS = 48;
const TILES: readonly GemmTuning[] = [
  { tokens: 64, rows: 64 },
  { tokens: 32, rows: 64 },
  { tokens: 32, rows: 32 },
  { tokens: 32, rows: 16 },
  { tokens: 16, rows: 32 },
  { tokens: 16, rows: 16 },
];

/** The largest tile that fits the target and the shape and leaves work for enough workgroups; where none does, a middling one. */
export function gemmTuning(spec: GemmSpec, target: Target): GemmTuning {
  const fitting = TILES.filter((tile) => fits(tile, spec, target));
  const smallest = fitting.at(-1);
  if (smallest === undefined)
    throw new Error(`internal: no tile for ${spec.streams} streams fits the target`);
  const useful = fitting.filter((tile) => !isTooLarge(tile, spec));
  const isBusy = (tile: GemmTuning): boolean => workgroups(tile, spec) >= FEW_WORKGROUPS;
  const isMiddling = (tile: GemmTuning): boolean => tile.tokens <= 32 && tile.rows <= 32;
  return useful.find((tile) => isBusy(tile) || isMiddling(tile)) ?? smallest;
}

/** Bytes of workgroup memory: one tile of inputs and one of weights per stream. */
export function tileBytes(tile: GemmTuning, streams: number): number {
  return 16 * STAGE_QUADS * (tile.tokens + PADDING + streams * (tile.rows + PADDING));
}

function fits(tile: GemmTuning, spec: GemmSpec, target: Target): boolean {
  const invocations = (tile.tokens * tile.rows) / PER_INVOCATION ** 2;
  return invocations <= target.maxInvocations && tileBytes(tile, spec.streams) <= target.maxSharedBytes;
}

/** Whether the next smaller tile would hold the whole shape in that direction. */
function isTooLarge(tile: GemmTuning, spec: GemmSpec): boolean {
  return (
    (tile.tokens > 16 && spec.tokens.maximum <= tile.tokens / 2) ||
    (tile.rows > 16 && spec.rows <= tile.rows / 2)
  );
}

function workgroups(tile: GemmTuning, spec: GemmSpec): number {
  return Math.ceil(spec.tokens.maximum / tile.tokens) * Math.ceil(spec.rows / tile.rows);
}
