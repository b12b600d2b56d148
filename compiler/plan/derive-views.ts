// Where the elements of a fixed value lie while its program is written: an array, or numbers that are counted, along named axes.
import type { DerivedLookup, DerivedOperand, DerivedPlace } from '../../runtime/plan.ts';
import { requireAxis, rowMajorStrides } from '../ir/axes.ts';
import type { AnyNode, Axis } from '../ir/graph.ts';
import { isOp } from '../ir/ops/index.ts';

export interface View {
  /** Counted numbers have no array: an element is then its own place. */
  readonly array: number | undefined;
  readonly offset: number;
  readonly strides: ReadonlyMap<string, number>;
  /** Whether the array holds one block of rows. */
  readonly blocked: boolean;
}

/** A table of entries that an index finds; the looked up axes are no longer among its strides. */
export interface Found {
  readonly table: View;
  readonly at: View;
  readonly lookup: DerivedLookup;
}

/** A whole array, or numbers counted from 0, row-major over the axes. */
export function wholeView(array: number | undefined, axes: readonly Axis[], blocked = false): View {
  return { array, offset: 0, strides: rowMajorStrides(axes), blocked };
}

/** The same number everywhere. */
export function numberView(value: number): View {
  return { array: undefined, offset: value, strides: new Map(), blocked: false };
}

/** What a move sees of its input without anything being copied; undefined where it must be. */
export function movedView(node: AnyNode, input: View): View | undefined {
  if (isOp(node, 'reverse')) {
    const { axis } = node.attrs;
    const last = requireAxis(node.type.axes, axis).size - 1;
    return replaced(input, axis, last, new Map([[axis, -1]]));
  }
  if (isOp(node, 'broadcast')) return input;
  if (isOp(node, 'rename')) {
    const { from, to } = node.attrs;
    return replaced(input, from, 0, new Map([[to, 1]]));
  }
  if (isOp(node, 'index')) return replaced(input, node.attrs.axis, node.attrs.at, new Map());
  if (!isOp(node, 'slice')) return undefined;
  const { axis, offset, into } = node.attrs;
  return replaced(input, axis, offset, rowMajorStrides(into));
}

/** The view from index `at` of an axis on, with other axes in its place, whose steps are so many of its own. */
export function replaced(view: View, axis: string, at: number, by: ReadonlyMap<string, number>): View {
  const along = view.strides.get(axis) ?? 0;
  const kept = [...view.strides].filter(([name]) => name !== axis);
  const added = [...by].map(([name, steps]) => [name, steps * along] as const);
  return { ...view, offset: view.offset + at * along, strides: new Map([...kept, ...added]) };
}

/** The view as loops read it; `rows` is the axis of a block's rows where the loops are in a block. */
export function operandOf(view: View | Found, loops: readonly Axis[], rows?: string): DerivedOperand {
  if ('lookup' in view)
    return {
      table: placeOf(view.table, loops, rows),
      at: placeOf(view.at, loops, rows),
      lookup: view.lookup,
    };
  const { array, offset } = view;
  const { strides, advance } = stepsOf(view, loops, rows);
  const more = advance === 0 ? {} : { advance };
  return array === undefined ? { first: offset, strides, ...more } : { array, offset, strides, ...more };
}

/** The same of a view of an array. */
export function placeOf(view: View, loops: readonly Axis[], rows?: string): DerivedPlace {
  const operand = operandOf(view, loops, rows);
  if (!('array' in operand)) throw new Error('internal: counted numbers have no place');
  return operand;
}

function stepsOf({ strides, blocked }: View, loops: readonly Axis[], rows: string | undefined) {
  return {
    strides: loops.map(({ name }) => strides.get(name) ?? 0),
    advance: blocked || rows === undefined ? 0 : (strides.get(rows) ?? 0),
  };
}
