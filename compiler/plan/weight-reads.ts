// How a weight gets from the file into its place, in a buffer or in an array of a derived program.
import type { ReadEncoding, WeightPlan } from '../../runtime/plan.ts';
import {
  type Axis,
  type BodyCall,
  type Graph,
  type GraphWeight,
  inOtherLayout,
  type TensorView,
} from '../ir/graph.ts';
import type { WeightPlace } from '../kernels/body-layout.ts';

/** A weight, the axes of the node that reads it, and where that has its elements. */
export interface WeightRead {
  readonly weight: GraphWeight;
  readonly axes: readonly Axis[];
  readonly place: Pick<WeightPlace, 'offset' | 'strides'>;
}

interface Destination {
  readonly buffer: number;
  readonly byteOffset: number;
}

const BYTES: Readonly<Record<ReadEncoding, number>> = { f16: 2, f32: 4, f64: 8 };

export function weightOf(graph: Graph, call: BodyCall, name: unknown): GraphWeight {
  const weight = graph.weights[call.weights[String(name)] ?? ''];
  if (weight === undefined) throw new Error(`internal: call of ${call.body} lacks weight ${String(name)}`);
  return weight;
}

/** The same from files of another layout, if the weight has one. */
export function otherReads<Encoding extends ReadEncoding>(
  { weight, axes, place }: WeightRead,
  target: Destination,
  encoding: Encoding,
): readonly WeightPlan<Encoding>[] {
  const other = inOtherLayout(weight);
  return other === undefined ? [] : readsOf({ weight: other, axes, place }, target, encoding);
}

/** One strided copy, or one for each index of the axis `each`. */
export function readsOf<Encoding extends ReadEncoding>(
  { weight, axes, place }: WeightRead,
  target: Destination,
  encoding: Encoding,
): readonly WeightPlan<Encoding>[] {
  const eachAt = weight.each === undefined ? -1 : weight.axes.findIndex((axis) => axis.name === weight.each);
  return weight.views.map((view, index) => {
    const stride = eachAt < 0 ? 0 : strideOf(axes, place, eachAt);
    return {
      name: weight.views.length === 1 ? weight.id : `${weight.id}[${index}]`,
      tensors: view.tensors,
      shape: view.shape,
      sourceOffset: view.offset,
      buffer: target.buffer,
      targetByteOffset: target.byteOffset + BYTES[encoding] * (place.offset + index * stride),
      encoding,
      dimensions: dimensions(weight, axes, place, view, eachAt),
      fold: weight.fold,
      optional: weight.optional,
    };
  });
}

/** The weight's axes and the node's are the same in the same order, whatever each calls them. */
function strideOf(axes: readonly Axis[], place: WeightRead['place'], at: number): number {
  const name = axes[at]?.name;
  return place.strides.find((stride) => stride.axis.name === name)?.stride ?? 0;
}

function dimensions(
  weight: GraphWeight,
  axes: readonly Axis[],
  place: WeightRead['place'],
  view: TensorView,
  eachAt: number,
): WeightPlan['dimensions'] {
  const all = weight.axes
    .map((axis, at) => ({ size: axis.size, target: strideOf(axes, place, at), at }))
    .filter(({ at }) => at !== eachAt)
    .map(({ size, target }, i) => ({ size, source: view.strides[i] ?? 0, target }));
  return all.toSorted((a, b) => b.target - a.target);
}
