// The tunable sizes of the one-token product, with defaults from the shape and the target.
import { quadsOf, type GemvSpec } from './contract.ts';
import type { Target } from './template.ts';

/** All powers of two but `unroll`. */
export interface GemvTuning {
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** Invocations that share one row's depth; divides `workgroup`. */
  readonly lanes: number;
  /** Rows that one invocation works on at once, so that it reads the input once for all of them. */
  readonly rows: number;
  /** Quads of a row that one invocation loads before it uses the first: loads in flight. */
  readonly unroll: number;
  /** Lanes that are added up by shuffles: 1 is workgroup memory alone; never above the device's smallest subgroup. */
  readonly cluster: number;
}

const SHAPE = {
  workgroup: 64,
  lanes: { least: 4, most: 64 },
  /** Quads a lane should have at least, else fewer lanes share a row. */
  quadsPerLane: 3,
  /** Weight loads in flight in one invocation, over its rows and streams. */
  loads: 8,
  /** The smallest subgroup that WebGPU allows. */
  cluster: 4,
} as const;

/** Sizes that suit the shape; see the fields for what each trades. */
export function gemvTuning(spec: GemvSpec, target: Target): GemvTuning {
  const quads = quadsOf(spec.depth);
  const workgroup = Math.min(SHAPE.workgroup, target.maxInvocations);
  let lanes = Math.min(SHAPE.lanes.most, workgroup);
  while (lanes > SHAPE.lanes.least && quads < lanes * SHAPE.quadsPerLane) lanes /= 2;
  const rows = rowsFor(spec);
  const most = Math.max(2, Math.floor(SHAPE.loads / (rows * spec.streams)));
  const cluster = target.subgroups ? Math.min(target.minSubgroupSize ?? SHAPE.cluster, lanes) : 1;
  return { workgroup, lanes, rows, unroll: unrollFor(Math.floor(quads / lanes), most), cluster };
}

/** Few rows must spread over many invocations; many rows gain from reading the input once for several. */
function rowsFor(spec: GemvSpec): number {
  const byCount = spec.rows < 2048 ? 1 : spec.rows < 16_384 ? 2 : 4;
  let rows = Math.min(byCount, spec.streams >= 3 ? 1 : 4 / spec.streams);
  // The rows of an invocation have one input.
  while (spec.borders?.some((border) => border % rows !== 0) ?? false) rows /= 2;
  return rows;
}

/** A number of steps near `most` that divides `steps`, so that no step is left over; else `most`. */
function unrollFor(steps: number, most: number): number {
  if (steps <= most) return Math.max(steps, 1);
  for (let unroll = Math.floor(most * 1.5); unroll > most / 2; unroll--)
    if (steps % unroll === 0) return unroll;
  return most;
}
