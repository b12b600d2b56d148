// Sums over the lanes of a group: by shuffles inside a subgroup, then through workgroup memory with one or two barriers.
import type { Code, SharedVariable } from './wgsl.ts';

/**
 * A workgroup split into groups of `lanes` consecutive invocations, each of which has its own partial sums of `values` values.
 * `cluster` lanes are added up by shuffles; it is 1 without subgroups and never more than the smallest subgroup of the device. Neighbouring
 * invocations of a one-dimensional workgroup are taken to be neighbours in their subgroup, as every WebGPU implementation has them.
 */
export interface LaneSum {
  readonly groups: number;
  readonly lanes: number;
  readonly values: number;
  readonly cluster: number;
  /** The name of the workgroup variable. */
  readonly memory: string;
}

/** Partial sums that one invocation adds up alone at the end; more are first folded by the whole workgroup. */
const FOLD_ABOVE = 16;
const FOLD_TO = 8;

/** Partial sums per value that go through workgroup memory; 1 when shuffles did everything. */
export function partialsOf(sum: LaneSum): number {
  return sum.lanes / sum.cluster;
}

export function laneSumBarriers(sum: LaneSum): number {
  const partials = partialsOf(sum);
  return partials === 1 ? 0 : partials > FOLD_ABOVE ? 2 : 1;
}

export function laneSumMemory(sum: LaneSum): readonly SharedVariable[] {
  if (partialsOf(sum) === 1) return [];
  const length = sum.groups * sum.values * pitchOf(sum);
  return [{ name: sum.memory, type: `array<f32, ${length}>`, bytes: 4 * length }];
}

/** Padding that spreads the values over the memory's banks. */
function pitchOf(sum: LaneSum): number {
  const partials = partialsOf(sum);
  return partials > FOLD_ABOVE ? partials + FOLD_TO : partials > 4 ? partials + 1 : partials;
}

/**
 * Adds up the f32 variables `names` (one per value) over the lanes of each group. Afterwards, `readLaneSum` gives a group's totals to any
 * invocation; where shuffles did everything, the variables themselves are the totals, in every lane.
 */
export function writeLaneSum(
  code: Code,
  sum: LaneSum,
  names: readonly string[],
  group: string,
  lane: string,
): void {
  for (let distance = 1; distance < sum.cluster; distance *= 2) {
    for (const name of names) code.line(`${name} += subgroupShuffleXor(${name}, ${distance}u);`);
  }
  if (partialsOf(sum) === 1) return;
  if (sum.cluster === 1) storePartials(code, sum, names, group, lane);
  else
    code.block(`if (${lane} % ${sum.cluster}u == 0u)`, (inner) =>
      storePartials(inner, sum, names, group, `${lane} / ${sum.cluster}u`),
    );
  code.line('workgroupBarrier();');
  if (partialsOf(sum) > FOLD_ABOVE) foldPartials(code, sum);
}

function storePartials(
  code: Code,
  sum: LaneSum,
  names: readonly string[],
  group: string,
  partial: string,
): void {
  const pitch = pitchOf(sum);
  names.forEach((name, value) => {
    const offset = value * pitch === 0 ? '' : `${value * pitch}u + `;
    code.line(`${sum.memory}[${group} * ${sum.values * pitch}u + ${offset}${partial}] = ${name};`);
  });
}

/** Folds the partial sums of every value to FOLD_TO of them. In place: what an invocation overwrites, only it has read. */
function foldPartials(code: Code, sum: LaneSum): void {
  const workgroup = sum.groups * sum.lanes;
  const items = sum.groups * sum.values * FOLD_TO;
  const fold = (inner: Code, item: string): void => {
    const start = inner.let('start', `${item} / ${FOLD_TO}u * ${pitchOf(sum)}u + ${item} % ${FOLD_TO}u`);
    const terms = Array.from({ length: partialsOf(sum) / FOLD_TO }, (_, index) =>
      index === 0 ? `${sum.memory}[${start}]` : `${sum.memory}[${start} + ${index * FOLD_TO}u]`,
    );
    inner.line(`${sum.memory}[${start}] = ${terms.join(' + ')};`);
  };
  const whole = Math.floor(items / workgroup);
  for (let pass = 0; pass < whole; pass++)
    fold(code, code.let('item', `local_invocation_index + ${pass * workgroup}u`));
  if (items % workgroup !== 0)
    code.block(`if (local_invocation_index < ${items % workgroup}u)`, (inner) =>
      fold(inner, inner.let('item', `local_invocation_index + ${whole * workgroup}u`)),
    );
  code.line('workgroupBarrier();');
}

/** The total of one value of a group, from workgroup memory, into a fresh name. `value` is an expression. */
export function readLaneSum(code: Code, sum: LaneSum, hint: string, group: string, value: string): string {
  const partials = partialsOf(sum) > FOLD_ABOVE ? FOLD_TO : partialsOf(sum);
  const start = code.let('start', `(${group} * ${sum.values}u + ${value}) * ${pitchOf(sum)}u`);
  const terms = Array.from({ length: partials }, (_, index) =>
    index === 0 ? `${sum.memory}[${start}]` : `${sum.memory}[${start} + ${index}u]`,
  );
  return code.let(hint, terms.join(' + '));
}
