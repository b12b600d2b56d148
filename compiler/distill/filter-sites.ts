// The filters of a graph that a modal form can take the place of, and their taps.
import { requireAxis, rowMajorStrides, withoutAxes } from '../ir/axes.ts';
import { type Axis, type Graph, type NodeId } from '../ir/graph.ts';
import { interpretBody } from '../ir/interpret-one.ts';
import type { WeightValues } from '../ir/interpret.ts';
import { bodyOf, callAt } from '../ir/memory.ts';
import { isOp, nodeAt, type NodeOf } from '../ir/ops/index.ts';
import { removeDeadNodes } from '../ir/rewrite.ts';

/** One filter of one call. */
export interface FilterSite {
  /** Unique in the graph and stable; the fitted tensors' names begin with it. */
  readonly name: string;
  readonly call: number;
  /** The `longconv` node and the node of its filter. */
  readonly node: NodeId;
  readonly filter: NodeId;
  /** The filter's axes but that of its lags: a filter for each of their elements. */
  readonly axes: readonly Axis[];
  readonly lag: Axis;
  /** Whether the filter's last element is the tap of lag 0. */
  readonly oldestFirst: boolean;
}

/** Every causal filter that begins at lag 0, in order of the calls. */
export function filterSites(graph: Graph): readonly FilterSite[] {
  return graph.calls.flatMap((call, index) => {
    const body = bodyOf(graph, index);
    const nodes = body.nodes.filter((node) => isDistillable(node));
    return nodes.map((node, k) => {
      const filter = nodeAt(body.nodes, node.inputs[1]!);
      const { axis, oldestFirst = false } = node.attrs.filters[0]!;
      const lag = requireAxis(filter.type.axes, axis);
      return {
        name: `distilled.${index}.${call.label}.${k}`,
        call: index,
        node: node.id,
        filter: filter.id,
        axes: withoutAxes(filter.type.axes, [lag.name]),
        lag,
        oldestFirst,
      };
    });
  });
}

/** A filter that reads ahead has no decode to be made cheaper, and one that begins later would need a shift. */
export function isDistillable(node: Parameters<typeof isOp>[0]): node is NodeOf<'longconv'> {
  if (!isOp(node, 'longconv')) return false;
  const [filter, ...others] = node.attrs.filters;
  return filter !== undefined && others.length === 0 && !filter.ahead && filter.first === 0;
}

/** The taps of every filter of the site in f64, [element of axes][lag]. */
export function siteTaps(graph: Graph, site: FilterSite, weights: WeightValues): readonly Float64Array[] {
  const call = callAt(graph, site.call);
  const body = removeDeadNodes({ ...bodyOf(graph, site.call), outputs: { filter: site.filter } });
  const given = {
    inputs: {},
    weights: Object.fromEntries(
      Object.entries(call.weights).flatMap(([name, id]) =>
        body.nodes.some((node) => isOp(node, 'weight') && node.attrs.name === name)
          ? [[name, Float64Array.from(weights(id))]]
          : [],
      ),
    ),
    parameters: call.parameters,
  };
  const values = interpretBody(body, given, [1])['filter']!;
  const strides = rowMajorStrides(nodeAt(bodyOf(graph, site.call).nodes, site.filter).type.axes);
  const step = strides.get(site.lag.name)!;
  const last = site.lag.size - 1;
  return startsOf(site.axes, strides).map((start) =>
    Float64Array.from(
      { length: site.lag.size },
      (_, lag) => values[start + (site.oldestFirst ? last - lag : lag) * step]!,
    ),
  );
}

/** Where each element of the axes begins, row-major over them. */
function startsOf(axes: readonly Axis[], strides: ReadonlyMap<string, number>): readonly number[] {
  return axes.reduce<readonly number[]>(
    (starts, axis) =>
      starts.flatMap((start) =>
        Array.from({ length: axis.size }, (_, i) => start + i * strides.get(axis.name)!),
      ),
    [0],
  );
}
