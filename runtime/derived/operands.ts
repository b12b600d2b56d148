// Where the elements of a loop's operands lie: whatever an operand is, it becomes an array with a stride for each loop.
import type { DerivedOperand, DerivedPlace, LoopStep } from '../plan.ts';
import { extentOf } from './steps.ts';

/** Element `offset + Σ index[loop]·strides[loop]`. */
export interface Operand {
  readonly values: Float64Array;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** The rows [begin, begin + rows) that a block is about; all of them for a step of no block. */
export interface Block {
  readonly begin: number;
  readonly rows: number;
}

export type Arrays = readonly Float64Array[];

/** How often each loop runs for these rows. */
export function sizesIn({ sizes, along }: LoopStep, block: Block | undefined): readonly number[] {
  return block === undefined ? sizes : sizes.map((size, loop) => (loop === along ? block.rows : size));
}

export function placeIn(place: DerivedPlace, arrays: Arrays, block: Block | undefined): Operand {
  const values = arrays[place.array] ?? new Float64Array(0);
  const offset = place.offset + (block?.begin ?? 0) * (place.advance ?? 0);
  return { values, offset, strides: place.strides };
}

export function operandIn(
  operand: DerivedOperand,
  sizes: readonly number[],
  arrays: Arrays,
  block: Block | undefined,
): Operand {
  if ('first' in operand) return counted(operand, sizes, block);
  if ('lookup' in operand) return found(operand, sizes, arrays, block);
  return placeIn(operand, arrays, block);
}

/** Numbers that loops count, along the loops that count them. */
function counted(
  { first, strides, advance = 0 }: Extract<DerivedOperand, { first: number }>,
  sizes: readonly number[],
  block: Block | undefined,
): Operand {
  const counting = sizes.map((size, loop) => ((strides[loop] ?? 0) === 0 ? 1 : size));
  const start = first + (block?.begin ?? 0) * advance;
  const values = Float64Array.from(offsetsOf(counting, strides), (offset) => start + offset);
  const steps = counting.map((size, loop) => (size === 1 ? 0 : extentOf(counting.slice(loop + 1))));
  return { values, offset: 0, strides: steps };
}

/** What an index finds, for all loops, row-major. NaN where it finds nothing. */
function found(
  { table, at, lookup }: Extract<DerivedOperand, { lookup: unknown }>,
  sizes: readonly number[],
  arrays: Arrays,
  block: Block | undefined,
): Operand {
  const [from, index] = [placeIn(table, arrays, block), placeIn(at, arrays, block)];
  const entries = offsetsOf(lookup.sizes, lookup.strides);
  const [fromTable, fromIndex] = [offsetsOf(sizes, from.strides), offsetsOf(sizes, index.strides)];
  const values = new Float64Array(fromTable.length);
  for (let i = 0; i < values.length; i++) {
    const entry = index.values[index.offset + fromIndex[i]!] ?? Number.NaN;
    const place = lookup.clamp ? Math.min(entry, entries.length - 1) : entry;
    values[i] = from.values[from.offset + (entries[place] ?? Number.NaN) + fromTable[i]!] ?? Number.NaN;
  }
  const strides = sizes.map((_, loop) => extentOf(sizes.slice(loop + 1)));
  return { values, offset: 0, strides };
}

/** Σ index[loop]·strides[loop] for every index, the last loop fastest. */
export function offsetsOf(sizes: readonly number[], strides: readonly number[]): Int32Array {
  let offsets = new Int32Array(1);
  sizes.forEach((size, loop) => {
    const stride = strides[loop] ?? 0;
    const next = new Int32Array(offsets.length * size);
    for (let outer = 0, at = 0; outer < offsets.length; outer++)
      for (let index = 0; index < size; index++) next[at++] = offsets[outer]! + index * stride;
    offsets = next;
  });
  return offsets;
}
