// Matrices that are looked up: of several in one weight, one for each slot, at an index that is itself a value.
import type { Lookup, MatrixProduct } from '../fuse/facts.ts';
import { type Axis, elementCount } from '../ir/graph.ts';
import { quadsOf } from './contract.ts';
import { element } from './elements.ts';
import type { KernelDraft } from './kernel-draft.ts';
import { plainIndex } from './place.ts';
import type { Code } from './wgsl.ts';

/** The axes of one row of a weight's matrix: those summed over, without the slots. */
export function depthAxes({ over, lookup }: MatrixProduct): readonly Axis[] {
  return lookup?.summed === true ? over.slice(1) : over;
}

/** The rows of one matrix of a weight. */
export function matrixRows({ rows, lookup }: MatrixProduct): readonly Axis[] {
  return lookup === undefined || lookup.summed ? rows : rows.slice(1);
}

/** All rows of a weight: those of each of its matrices, one matrix after the other. */
export function weightRows(product: MatrixProduct): number {
  return elementCount([...(product.lookup?.axes ?? []), ...matrixRows(product)]);
}

/** Positions that a product sums over; each slot has whole quads. */
export function depthOf(product: MatrixProduct): number {
  const own = elementCount(depthAxes(product));
  const { lookup } = product;
  return lookup?.summed === true ? lookup.slot.size * 4 * quadsOf(own) : own;
}

/** The matrix that a slot has, as a u32. */
export function entryOf(draft: KernelDraft, code: Code, lookup: Lookup, token: string, slot: string): string {
  const place = { axes: new Map([[lookup.slot.name, plainIndex(slot)]]), token };
  return code.let('entry', `u32(${element(draft, code, lookup.index, place)})`);
}

/** The slot of a quad, and the quad within it, of a product that sums over its slots. */
export function slotOfQuad(
  code: Code,
  product: MatrixProduct,
  quad: string,
): { slot: string; within: string } {
  const quads = quadsOf(elementCount(depthAxes(product)));
  return {
    slot: code.let('slot', `${paren(quad)} / ${quads}u`),
    within: code.let('within', `${paren(quad)} % ${quads}u`),
  };
}

function paren(text: string): string {
  return /^\w+$/.test(text) ? text : `(${text})`;
}
