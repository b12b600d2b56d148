// Axis arithmetic: unions, lookups, and the offset tables by which the reference executor walks named axes.
import { elementCount, type Axis, type ValueType } from './graph.ts';
import { internal } from './internal.ts';

export function axisNamed(axes: readonly Axis[], name: string): Axis | undefined {
  return axes.find((axis) => axis.name === name);
}

/** The axis of that name; it is our mistake if there is none. */
export function requireAxis(axes: readonly Axis[], name: string): Axis {
  return axisNamed(axes, name) ?? internal(`no axis '${name}' among ${describeAxes(axes)}`);
}

export function hasAxis(axes: readonly Axis[], name: string): boolean {
  return axisNamed(axes, name) !== undefined;
}

export function withoutAxes(axes: readonly Axis[], names: readonly string[]): readonly Axis[] {
  return axes.filter((axis) => !names.includes(axis.name));
}

/** All axes, each once, in order of first appearance; one name with two sizes is our mistake. */
export function unionAxes(...lists: readonly (readonly Axis[])[]): readonly Axis[] {
  const union: Axis[] = [];
  for (const axis of lists.flat()) {
    const known = axisNamed(union, axis.name);
    if (known === undefined) union.push(axis);
    else if (known.size !== axis.size)
      internal(`axis '${axis.name}' has sizes ${known.size} and ${axis.size}`);
  }
  return union;
}

/** Throws unless no name appears twice and every size is a positive whole number. */
export function checkAxes(axes: readonly Axis[]): readonly Axis[] {
  axes.forEach((axis, index) => {
    if (axes.findIndex((other) => other.name === axis.name) !== index)
      internal(`axis '${axis.name}' twice in ${describeAxes(axes)}`);
    if (!Number.isSafeInteger(axis.size) || axis.size < 1)
      internal(`axis '${axis.name}' has size ${axis.size}`);
  });
  return axes;
}

/** Whether both have the same names with the same sizes, in any order. */
export function sameAxes(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((axis) => axisNamed(b, axis.name)?.size === axis.size);
}

/** Whether two types are equal, the storage order of their axes included. */
export function sameType(a: ValueType, b: ValueType): boolean {
  const sameOrder = a.axes.every((axis, i) => axis.name === b.axes[i]?.name && axis.size === b.axes[i]?.size);
  return a.dtype === b.dtype && a.temporal === b.temporal && a.axes.length === b.axes.length && sameOrder;
}

export function describeAxes(axes: readonly Axis[]): string {
  return `[${axes.map((axis) => `${axis.name} ${axis.size}`).join(', ')}]`;
}

/** `f32 [batch, time, channel 384]`; f32 is left unsaid. */
export function describeType(type: ValueType): string {
  const time = type.temporal ? ['batch', 'time'] : [];
  const axes = [...time, ...type.axes.map((axis) => `${axis.name} ${axis.size}`)].join(', ');
  return `${type.dtype === 'f32' ? '' : `${type.dtype} `}[${axes}]`;
}

/** Elements from one index to the next of each axis, stored row-major (last axis fastest). */
export function rowMajorStrides(axes: readonly Axis[]): ReadonlyMap<string, number> {
  const strides = new Map<string, number>();
  let stride = 1;
  for (const axis of axes.toReversed()) {
    strides.set(axis.name, stride);
    stride *= axis.size;
  }
  return strides;
}

/**
 * For every index of `loop` in row-major order, where a value stored row-major over `stored` has its element. Axes of `loop` that
 * `stored` lacks do not move; axes of `stored` that `loop` lacks stay at 0.
 */
export function offsetTable(loop: readonly Axis[], stored: readonly Axis[]): Int32Array {
  const strides = rowMajorStrides(stored);
  return strideTable(
    loop.map((axis) => axis.size),
    loop.map((axis) => strides.get(axis.name) ?? 0),
  );
}

/** All offsets Σ index[i]·strides[i], row-major over `sizes`. */
export function strideTable(sizes: readonly number[], strides: readonly number[]): Int32Array {
  let table = new Int32Array(1);
  sizes.forEach((size, axis) => {
    const stride = strides[axis] ?? 0;
    const next = new Int32Array(table.length * size);
    for (let outer = 0, at = 0; outer < table.length; outer++)
      for (let index = 0; index < size; index++) next[at++] = table[outer]! + index * stride;
    table = next;
  });
  return table;
}

/** The constant difference between the table's neighbours (0 for one entry), or nothing if they differ. */
export function tableStep(table: Int32Array): number | undefined {
  const step = table.length > 1 ? table[1]! - table[0]! : 0;
  for (let i = 1; i < table.length; i++) if (table[i]! - table[i - 1]! !== step) return undefined;
  return step;
}

/** Elements that one evaluation of `count` positions of the value holds. */
export function storedCount(type: ValueType, count: number): number {
  return elementCount(type.axes) * (type.temporal ? count : 1);
}
