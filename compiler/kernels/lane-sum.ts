// Sums over the lanes of a group: by shuffles inside a subgroup, then through workgroup memory with one or two barriers.
import { counted } from './text.ts';
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
  const length = sum.groups * sum.values * laneSumPitch(sum);
  return [{ name: sum.memory, type: `array<f32, ${length}>`, bytes: 4 * length }];
}

/** Words between one value and the next; the padding spreads the values over the memory's banks. */
export function laneSumPitch(sum: LaneSum): number {
  const partials = partialsOf(sum);
  return partials > FOLD_ABOVE ? partials + FOLD_TO : partials > 4 ? partials + 1 : partials;
}

/**
 * Adds up the f32 variables `names` (one per value) over the lanes of each group. Afterwards, `readLaneSum` gives a group's totals (from `laneSumStart`) to any
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
  const start = laneSumStart(sum, group);
  names.forEach((name, value) => {
    code.line(`${sum.memory}[${plus(start, value * laneSumPitch(sum))} + ${partial}] = ${name};`);
  });
}

/** Folds the partial sums of every value to FOLD_TO of them. In place: what an invocation overwrites, only it has read. */
function foldPartials(code: Code, sum: LaneSum): void {
  const workgroup = sum.groups * sum.lanes;
  const items = sum.groups * sum.values * FOLD_TO;
  const fold = (inner: Code, item: string): void => {
    const start = inner.let('start', `${item} / ${FOLD_TO}u * ${laneSumPitch(sum)}u + ${item} % ${FOLD_TO}u`);
    const terms = counted(
      partialsOf(sum) / FOLD_TO,
      (index) => `${sum.memory}[${plus(start, index * FOLD_TO)}]`,
    );
    inner.line(`${sum.memory}[${start}] = ${terms.join(' + ')};`);
  };
  const whole = Math.floor(items / workgroup);
  const rest = items % workgroup;
  for (let pass = 0; pass < whole; pass++)
    fold(code, code.let('item', plus('local_invocation_index', pass * workgroup)));
  if (rest > 0)
    code.block(`if (local_invocation_index < ${rest}u)`, (inner) =>
      // A bound that Tint can prove, once, instead of a clamp on every read.
      fold(inner, inner.let('item', plus(`min(local_invocation_index, ${rest - 1}u)`, whole * workgroup))),
    );
  code.line('workgroupBarrier();');
}

/** Where a group's first value begins in the workgroup memory; the next values follow `laneSumPitch` apart. */
export function laneSumStart(sum: LaneSum, group: string): string {
  return `${group} * ${sum.values * laneSumPitch(sum)}u`;
}

/** The total of the `value`-th value after `start`, from workgroup memory, as a fresh name. */
export function readLaneSum(code: Code, sum: LaneSum, hint: string, start: string, value: number): string {
  const partials = partialsOf(sum) > FOLD_ABOVE ? FOLD_TO : partialsOf(sum);
  const offset = value * laneSumPitch(sum);
  return code.let(
    hint,
    counted(partials, (index) => `${sum.memory}[${plus(start, offset + index)}]`).join(' + '),
  );
}

function plus(name: string, offset: number): string {
  return offset === 0 ? name : `${name} + ${offset}u`;
}
