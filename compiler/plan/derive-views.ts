// Where the elements of a fixed value lie while its program is written: an array seen along named axes, a number, or an index.
import type { DerivedOperand } from '../../runtime/plan.ts';
import { rowMajorStrides } from '../ir/axes.ts';
import { type AnyNode, type Axis, elementCount } from '../ir/graph.ts';
import { isOp } from '../ir/ops/index.ts';

export interface ArrayView {
  readonly kind: 'array';
  readonly array: number;
  readonly offset: number;
  readonly strides: ReadonlyMap<string, number>;
  /** Whether the array holds one block of rows. */
  readonly blocked: boolean;
}

export type View =
  | ArrayView
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'index'; readonly axis: string; readonly first: number };

/** A whole array, row-major over the axes. */
export function wholeView(array: number, axes: readonly Axis[], blocked = false): ArrayView {
  return { kind: 'array', array, offset: 0, strides: rowMajorStrides(axes), blocked };
}

/** What a move sees of its input without anything being copied; undefined where it must be. */
export function movedView(node: AnyNode, input: View): View | undefined {
  if (isOp(node, 'broadcast') || input.kind === 'number') return input;
  if (isOp(node, 'rename')) {
    const { from, to } = node.attrs;
    if (input.kind === 'index') return input.axis === from ? { ...input, axis: to } : input;
    return { ...input, strides: replaced(input, from, new Map([[to, strideOf(input, from)]])) };
  }
  if (isOp(node, 'index')) {
    const { axis, at } = node.attrs;
    if (input.kind === 'index')
      return input.axis === axis ? { kind: 'number', value: input.first + at } : input;
    const offset = input.offset + at * strideOf(input, axis);
    return { ...input, offset, strides: replaced(input, axis, new Map()) };
  }
  if (!isOp(node, 'slice')) return undefined;
  const { axis, offset, into } = node.attrs;
  if (input.kind === 'index') return input.axis === axis ? undefined : input;
  const along = strideOf(input, axis);
  const within = new Map([...rowMajorStrides(into)].map(([name, stride]) => [name, stride * along]));
  return { ...input, offset: input.offset + offset * along, strides: replaced(input, axis, within) };
}

function strideOf({ strides }: ArrayView, axis: string): number {
  return strides.get(axis) ?? 0;
}

function replaced(
  { strides }: ArrayView,
  axis: string,
  by: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map([...[...strides].filter(([name]) => name !== axis), ...by]);
}

/** The view as loops over the axes read it; `rows` is the axis of a block's rows, if the loops are in a block. */
export function operandOf(view: View, loops: readonly Axis[], rows?: string): DerivedOperand {
  if (view.kind === 'number') return { value: view.value };
  if (view.kind === 'index') {
    const loop = loops.findIndex(({ name }) => name === view.axis);
    const operand = { loop, first: view.first };
    return view.axis === rows ? { ...operand, advance: 1 } : operand;
  }
  return placeOf(view, loops, rows);
}

export function placeOf(view: ArrayView, loops: readonly Axis[], rows?: string) {
  const place = {
    array: view.array,
    offset: view.offset,
    strides: loops.map(({ name }) => strideOf(view, name)),
  };
  const advance = view.blocked || rows === undefined ? 0 : strideOf(view, rows);
  return advance === 0 ? place : { ...place, advance };
}

/** Whether the array is just these axes, row-major. */
export function isWhole(view: View, axes: readonly Axis[], elements: number): view is ArrayView {
  if (view.kind !== 'array' || view.offset !== 0 || elementCount(axes) !== elements) return false;
  const wanted = rowMajorStrides(axes);
  return axes.every(({ name, size }) => size === 1 || view.strides.get(name) === wanted.get(name));
}
