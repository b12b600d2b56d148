// The sizes of an elementwise scan: how a column of the state is spread over lanes, and how many tokens are staged at once.
import { isShared, type ScanOperand } from './scan-operands.ts';
import type { Target } from './template.ts';
import { powerOfTwoAbove, powerOfTwoBelow } from './text.ts';

export interface ScanTuning {
  readonly workgroup: number;
  /** Invocations that share one column; a power of two. */
  readonly lanes: number;
  /** Columns of a workgroup. */
  readonly channels: number;
  /** Elements of one invocation. */
  readonly each: number;
  /** Lanes whose results are added up by shuffles; the others' are added up through workgroup memory. */
  readonly cluster: number;
  /** Tokens between two barriers' work. */
  readonly tokens: number;
}

export const SCAN_SIZES = {
  workgroup: 64,
  /** States that one invocation keeps in registers at most, as long as there are lanes. */
  most: 16,
  /** Elements of one invocation where lanes are cheap, because shuffles add them up. */
  cheap: 4,
  /** Every device's subgroups have at least so many lanes. */
  cluster: 4,
  tokens: 32,
} as const;

/** What the sizes follow from: an element has several states, and a token several readings. */
export interface ScanExtent {
  readonly column: number;
  readonly states: number;
  readonly readings: number;
}

export function scanTuning(
  { column, states, readings }: ScanExtent,
  step: readonly ScanOperand[],
  target: Target,
): ScanTuning {
  const workgroup = Math.min(SCAN_SIZES.workgroup, powerOfTwoBelow(target.maxInvocations));
  const needed = powerOfTwoAbove(Math.ceil((column * states) / SCAN_SIZES.most));
  const wished = target.subgroups
    ? Math.min(SCAN_SIZES.cluster, powerOfTwoAbove(Math.ceil(column / SCAN_SIZES.cheap)))
    : 1;
  // Lanes beyond the column would have nothing to do.
  const lanes = Math.min(workgroup, powerOfTwoAbove(column), Math.max(needed, wished));
  const cluster = target.subgroups ? Math.min(lanes, SCAN_SIZES.cluster) : 1;
  const channels = workgroup / lanes;
  const stagedLength = step
    .filter((operand) => isShared(operand, lanes))
    .reduce((sum, operand) => sum + lengthOf(operand, column, channels), 0);
  const perToken = 4 * ((readings * channels * lanes) / cluster + stagedLength);
  const tokens = Math.min(SCAN_SIZES.tokens, powerOfTwoBelow(target.maxSharedBytes / perToken));
  if (tokens * perToken > target.maxSharedBytes)
    throw new Error(`internal: one token of a scan over columns of ${column} does not fit workgroup memory`);
  return { workgroup, lanes, channels, each: Math.ceil(column / lanes), cluster, tokens };
}

/** f32 values of a staged operand for each token. */
export function lengthOf(operand: ScanOperand, column: number, channels: number): number {
  return operand.over === 'column' ? column : operand.over === 'parallel' ? channels : 1;
}
