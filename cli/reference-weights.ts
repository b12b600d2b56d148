// Gives the reference executor its weights: the runtime's own reader, with memory as the destination.
import {
  elementCount,
  inOtherLayout,
  type Graph,
  type GraphWeight,
  type TensorView,
} from '../compiler/ir/graph.ts';
import type { WeightValues } from '../compiler/ir/interpret.ts';
import type { ReadEncoding, WeightPlan } from '../runtime/plan.ts';
import { openCheckpoint } from '../runtime/weights/checkpoint.ts';
import { matchWeights } from '../runtime/weights/match-weights.ts';
import { uploadWeights } from '../runtime/weights/upload-weights.ts';
import type { WeightsPlace } from './weights.ts';

/** Reads every weight of the graph, row-major over its axes, folds applied. Throws a HybError that lists every mismatch. */
export async function readReferenceWeights(graph: Graph, place: WeightsPlace): Promise<WeightValues> {
  const weights = Object.values(graph.weights);
  const plans = weights.flatMap((weight, buffer) => planWeight(weight, buffer, isFolded(weight)));
  const otherwise = weights.flatMap((weight, buffer) => {
    const other = inOtherLayout(weight);
    return other === undefined ? [] : planWeight(other, buffer, isFolded(weight));
  });
  const values: (Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>)[] = [];
  const checkpoint = await openCheckpoint(place.open(plans), undefined);
  try {
    const matched = matchWeights({ weights: plans, otherwise, ignored: graph.ignored }, checkpoint.tensors);
    // Only now is it known that the file has what the config claims.
    values.push(...weights.map((weight) => emptyValues(weight)));
    const target = {
      write: (buffer: number, byteOffset: number, bytes: Uint8Array) => {
        const words = values[buffer];
        if (words !== undefined) new Uint8Array(words.buffer).set(bytes, byteOffset);
      },
      flush: () => Promise.resolve(),
    };
    await uploadWeights(matched, target, undefined, () => undefined);
  } finally {
    await checkpoint.close();
  }
  const byId = new Map(weights.map((weight, index) => [weight.id, values[index]] as const));
  return (id) => {
    const found = byId.get(id);
    if (found === undefined) throw new Error(`internal: the graph has no weight '${id}'`);
    return found;
  };
}

/** Whether some layout has the weight folded: then it keeps the digits of f64, as what is derived from weights at load does. */
function isFolded({ fold, otherwise }: GraphWeight): boolean {
  return fold.length + (otherwise?.fold.length ?? 0) > 0;
}

function emptyValues(weight: GraphWeight): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  const elements = elementCount(weight.axes);
  return isFolded(weight) ? new Float64Array(elements) : new Float32Array(elements);
}

/** One record for each stored view; where there is one view per index of an axis, each fills one slice. */
function planWeight(
  weight: GraphWeight,
  buffer: number,
  folded: boolean,
): readonly WeightPlan<ReadEncoding>[] {
  const targets = rowMajorStrides(weight.axes.map((axis) => axis.size));
  const each = weight.axes.findIndex((axis) => axis.name === weight.each);
  const kept = weight.axes.map((_, index) => index).filter((index) => index !== each);
  return weight.views.map((view: TensorView, index) => ({
    name: weight.id,
    tensors: view.tensors,
    shape: view.shape,
    sourceOffset: view.offset,
    buffer,
    targetByteOffset: each < 0 ? 0 : index * (targets[each] ?? 0) * (folded ? 8 : 4),
    encoding: folded ? 'f64' : 'f32',
    dimensions: kept.map((axis, dimension) => ({
      size: weight.axes[axis]?.size ?? 1,
      source: view.strides[dimension] ?? 0,
      target: targets[axis] ?? 0,
    })),
    fold: weight.fold,
    optional: weight.optional,
  }));
}

function rowMajorStrides(sizes: readonly number[]): readonly number[] {
  return sizes.map((_, index) => sizes.slice(index + 1).reduce((product, size) => product * size, 1));
}
