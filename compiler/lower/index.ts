// Makes the graph of a checked model: its bodies and calls as they are, and its weights with their places in the checkpoint.
import type { Model, ModelWeight } from '../check/model.ts';
import type { Graph, GraphWeight, WeightLayout } from '../ir/graph.ts';
import { weightAxesOf } from './weight-axes.ts';

export function lower(model: Model): Graph {
  const { name, vocab, features, width, context, prefix, bodies, calls, outputs, ignored } = model;
  const axes = weightAxesOf(bodies, calls);
  const weights = model.weights.map((weight) => [weight.request.id, lowerWeight(weight, axes)] as const);
  return {
    name,
    vocab,
    ...(features === undefined ? {} : { features }),
    width,
    ...(context === undefined ? {} : { context }),
    ...(prefix === undefined ? {} : { prefix }),
    bodies,
    calls,
    ...(outputs === undefined ? {} : { outputs }),
    weights: Object.fromEntries(weights),
    ignored,
  };
}

function lowerWeight(
  { request, mapped, pinned }: ModelWeight,
  axes: ReturnType<typeof weightAxesOf>,
): GraphWeight {
  const { id, span } = request;
  const known = axes.get(id);
  if (known === undefined) throw new Error(`internal: no call reads the weight '${id}'`);
  const layout = ({ views, each, fold }: WeightLayout): WeightLayout => ({
    views,
    ...(each === undefined ? {} : { each: nameOfEach(request.axes, each, known) }),
    fold,
  });
  return {
    id,
    axes: known,
    pinned,
    ...layout(mapped),
    ...(mapped.otherwise === undefined ? {} : { otherwise: layout(mapped.otherwise) }),
    optional: mapped.optional,
    span,
  };
}

/** The checkpoint speaks of axes by the user's words; the graph's names have the same order. */
function nameOfEach(
  words: readonly { readonly name: string }[],
  each: string,
  axes: readonly { readonly name: string }[],
): string {
  return axes[words.findIndex(({ name }) => name === each)]?.name ?? each;
}
