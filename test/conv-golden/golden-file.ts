// Layers with long filters whose parameters are drawn from a stream of numbers, and what they give, computed from the papers' formulas.
import { readFileSync } from 'node:fs';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import type { Tensor } from '../support/tensors.ts';

interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly seed: number;
  readonly scale: number;
  readonly off: number;
  readonly post: 'negabs' | 'add1_lastdim0' | null;
}

/** A value in full where it is small, else its first and last elements and two sums. */
interface Expected {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly abssum: number;
  readonly head: readonly number[];
  readonly tail: readonly number[];
  readonly data: readonly number[] | null;
}

export interface ConvCase {
  readonly name: string;
  readonly cfg: ConstantObject;
  readonly params: readonly Parameter[];
  readonly out: Readonly<Record<string, Expected>>;
}

export function readConvCases(): readonly ConvCase[] {
  const path = 'test/fixtures/conv/golden_conv.json';
  // The file is one of ours; its shape is what the types above say.
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly cases: readonly ConvCase[] }).cases;
}

/** The case's parameters by name, in f64. */
export function tensorsOf({ params }: ConvCase): ReadonlyMap<string, Tensor> {
  return new Map(params.map((each) => [each.name, tensorOf(each)]));
}

function tensorOf({ name, shape, seed, scale, off, post }: Parameter): Tensor {
  const size = shape.reduce((product, each) => product * each, 1);
  const last = shape.at(-1) ?? 1;
  const values = numbers(seed, size).map((value, index) => {
    const drawn = off + scale * (2 * value - 1);
    if (post === 'negabs') return -Math.abs(drawn);
    return post === 'add1_lastdim0' && index % last === 0 ? drawn + 1 : drawn;
  });
  return { name, dtype: 'F32', shape, values };
}

/** Mulberry32: numbers from 0 to less than 1. */
function numbers(seed: number, count: number): Float64Array {
  let state = seed >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = ((mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed) >>> 0;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  });
}

/** The largest difference from what is known of the value; Infinity where the sizes differ. */
export function differenceFrom(
  { shape, sum, abssum, head, tail, data }: Expected,
  values: readonly number[],
): number {
  if (values.length !== shape.reduce((product, each) => product * each, 1)) return Infinity;
  const pairs = [
    ...(data ?? head).map((expected, index) => [values[index], expected] as const),
    ...tail.map((expected, index) => [values.at(index - tail.length), expected] as const),
    [values.reduce((total, value) => total + value, 0), sum] as const,
    [values.reduce((total, value) => total + Math.abs(value), 0), abssum] as const,
  ];
  const differences = pairs.map(([value, expected]) => Math.abs((value ?? Infinity) - expected));
  // A NaN is no difference that could be small.
  return differences.some(Number.isNaN) ? Infinity : Math.max(...differences);
}
