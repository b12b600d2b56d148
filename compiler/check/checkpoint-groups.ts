// The weights that may share a tensor, and what a stored shape may say of them.
import type { LayoutSurroundings } from './stored-shape.ts';
import type { WeightRequest } from './weight-request.ts';

/** The weights that one line may put into one tensor: those of one letter, layer and part. */
export type Groups = ReadonlyMap<string, readonly WeightRequest[]>;

export function groupByTensor(requests: readonly WeightRequest[]): Groups {
  return groupBy(requests, groupKey);
}

function groupKey({ scope, layer, letter, site, path }: WeightRequest): string {
  return JSON.stringify([scope, layer, letter, site, ...path.slice(0, -1)]);
}

export function groupOf(groups: Groups, request: WeightRequest): readonly WeightRequest[] {
  return groups.get(groupKey(request)) ?? [request];
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Sizes and products come from every weight of the group, so that one shape can speak of all of them. */
export function surroundingsOf(
  request: WeightRequest,
  group: readonly WeightRequest[],
  named: boolean,
  outside: ReadonlySet<string>,
): LayoutSurroundings {
  const sizes = new Map<string, number>();
  const products = new Map<string, readonly string[]>();
  const present = new Set<string>();
  for (const other of [...group, request]) {
    if (other.bias === request.bias) present.add(other.path.at(-1) ?? '');
    for (const [name, axes] of other.known ?? []) {
      sizes.set(
        name,
        axes.reduce((product, axis) => product * axis.size, 1),
      );
      products.set(
        name,
        axes.map((axis) => axis.name),
      );
    }
    for (const { axes, size } of other.term?.all ?? [])
      if (axes[0] !== undefined && axes.length === 1) sizes.set(axes[0], size);
    for (const { name, size, kind } of other.axes)
      sizes.set(name, size).set(kind === 'plain' ? name : kind, size);
    for (const [name, axes] of writtenProducts(other)) products.set(name, axes);
  }
  return {
    sizeOf: (axis) => sizes.get(axis),
    expand: (axis) => products.get(axis),
    present: (label) => present.has(label),
    named,
    outside,
  };
}

/** `axis channel = heads * part`: the axes that were written as `channel`. */
function writtenProducts(request: WeightRequest): ReadonlyMap<string, readonly string[]> {
  const written = groupBy(
    request.axes.filter((axis) => axis.of !== undefined),
    (axis) => axis.of ?? '',
  );
  return new Map([...written].map(([name, axes]) => [name, [...new Set(axes.map((axis) => axis.name))]]));
}
