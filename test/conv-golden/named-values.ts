// Values with named axes: their elements in an order of axes, and products.
import type { Axis } from '../../compiler/ir/graph.ts';

export interface Named {
  readonly axes: readonly Pick<Axis, 'name' | 'size'>[];
  readonly values: ArrayLike<number>;
}

export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

export function sizeOf({ axes }: Named, name: string): number {
  return axes.find((axis) => axis.name === name)?.size ?? 1;
}

/** The elements by these axes, row-major; those that the value lacks repeat it. */
export function inOrder(
  value: Named,
  wanted: readonly string[],
  sizes: (name: string) => number = (name) => sizeOf(value, name),
  from: (name: string) => number = () => 0,
): readonly number[] {
  const missing = value.axes.filter(({ name, size }) => size > 1 && !wanted.includes(name));
  if (missing.length > 0) throw new Error(`the value also has ${missing.map(({ name }) => name).join(', ')}`);
  const strides = new Map<string, number>();
  value.axes.reduceRight((stride, { name, size }) => {
    strides.set(name, stride);
    return stride * size;
  }, 1);
  const offsets = wanted.reduce<readonly number[]>(
    (before, name) =>
      before.flatMap((offset) =>
        range(from(name), sizes(name)).map((i) => offset + i * (strides.get(name) ?? 0)),
      ),
    [0],
  );
  return offsets.map((offset) => value.values[offset] ?? NaN);
}

/** A real value's elements, or both parts of a complex one's. */
export type Parts = readonly (readonly number[])[];

export function multiplied([aRe = [], aIm]: Parts, [bRe = [], bIm]: Parts): Parts {
  if (aIm === undefined || bIm === undefined) return [byElement(aRe, bRe)];
  const crossed = byElement(aIm, bIm);
  const turned = byElement(aIm, bRe);
  return [
    byElement(aRe, bRe).map((value, at) => value - (crossed[at] ?? NaN)),
    byElement(aRe, bIm).map((value, at) => value + (turned[at] ?? NaN)),
  ];
}

function byElement(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, at) => value * (b[at] ?? NaN));
}
