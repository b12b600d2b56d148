// Boxes of elements: what a weight copies, cut to a window of its destination and to pieces of its source.

export interface BoxDimension {
  readonly size: number;
  /** Strides in elements. */
  readonly source: number;
  readonly target: number;
}

/** Element `i, j, …` goes from `source + Σ i·dimension.source` to `target + Σ i·dimension.target`. */
export interface Box {
  readonly source: number;
  readonly target: number;
  readonly dimensions: readonly BoxDimension[];
}

/** From the first element to the one after the last, along source or target. */
export function extent(dimensions: readonly BoxDimension[], along: 'source' | 'target'): number {
  return dimensions.reduce((sum, dimension) => sum + (dimension.size - 1) * dimension[along], 1);
}

/** Whether the box has no element. */
export function isEmpty(box: Box): boolean {
  return box.dimensions.some(({ size }) => size === 0);
}

/**
 * Boxes that together hold all of `box` that falls on target elements [from, to), and little else.
 * `whole`: boxes that reach no further than this many target elements are not cut smaller.
 */
export function boxesInWindow(box: Box, from: number, to: number, whole: number): readonly Box[] {
  const [outer, ...inner] = sorted(box.dimensions, 'target');
  if (outer === undefined) return box.target >= from && box.target < to ? [box] : [];
  const reach = extent(inner, 'target');
  const first = Math.max(0, Math.ceil((from - box.target - reach + 1) / outer.target));
  const last = Math.min(outer.size - 1, Math.floor((to - 1 - box.target) / outer.target));
  if (last < first) return [];
  const at = (index: number, dimensions: readonly BoxDimension[]): Box => ({
    source: box.source + index * outer.source,
    target: box.target + index * outer.target,
    dimensions,
  });
  if (reach <= whole) return [at(first, [{ ...outer, size: last - first + 1 }, ...inner])];
  const indices = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return indices.flatMap((index) => boxesInWindow(at(index, inner), from, to, whole));
}

/** Boxes whose source reaches over at most `most` elements, in the order of the source. */
export function* boxesBySource(box: Box, most: number): Generator<Box, void, void> {
  const dimensions = sorted(box.dimensions, 'source');
  if (extent(dimensions, 'source') <= most) {
    yield { ...box, dimensions };
    return;
  }
  const [outer, ...inner] = dimensions;
  if (outer === undefined) return;
  const reach = extent(inner, 'source');
  const group = reach > most ? 1 : Math.floor((most - reach) / outer.source) + 1;
  for (let index = 0; index < outer.size; index += group) {
    const size = Math.min(group, outer.size - index);
    const part: Box = {
      source: box.source + index * outer.source,
      target: box.target + index * outer.target,
      dimensions: size === 1 ? inner : [{ ...outer, size }, ...inner],
    };
    if (reach > most) yield* boxesBySource(part, most);
    else yield part;
  }
}

/** Calls `run(source, target, size, sourceStride, targetStride)` for every innermost row. */
export function forEachRow(
  box: Box,
  run: (source: number, target: number, size: number, sourceStride: number, targetStride: number) => void,
): void {
  const row = box.dimensions.at(-1) ?? { size: 1, source: 1, target: 1 };
  const outer = box.dimensions.slice(0, -1);
  const visit = (level: number, source: number, target: number): void => {
    const dimension = outer[level];
    if (dimension === undefined) return run(source, target, row.size, row.source, row.target);
    for (let i = 0; i < dimension.size; i++)
      visit(level + 1, source + i * dimension.source, target + i * dimension.target);
  };
  visit(0, box.source, box.target);
}

/** Largest stride first; dimensions of size 1 say nothing and are left out, and neighbours that continue each other join. */
function sorted(dimensions: readonly BoxDimension[], along: 'source' | 'target'): readonly BoxDimension[] {
  const ordered = dimensions.filter(({ size }) => size !== 1).toSorted((a, b) => b[along] - a[along]);
  const joined: BoxDimension[] = [];
  for (const dimension of ordered) {
    const before = joined.at(-1);
    const continues =
      before !== undefined &&
      before.source === dimension.source * dimension.size &&
      before.target === dimension.target * dimension.size;
    if (continues) joined[joined.length - 1] = { ...dimension, size: before.size * dimension.size };
    else joined.push(dimension);
  }
  return joined;
}
