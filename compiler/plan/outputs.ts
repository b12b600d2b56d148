// What a model gives: where its values lie when a run is done.
import type { OutputPlan } from '../../runtime/plan.ts';
import { type Axis, elementCount, type Graph, type GraphOutput, outputsOf } from '../ir/graph.ts';
import { bodyOf } from '../ir/memory.ts';
import { nodeAt } from '../ir/ops/index.ts';
import type { Activations } from './activations.ts';

/** The outputs; `one` holds the values of a single position where the model goes on position by position. */
export function planOutputs(
  graph: Graph,
  many: Activations,
  one: Activations | undefined,
): readonly OutputPlan[] {
  return outputsOf(graph).map((output) => {
    const { name, from, per } = output;
    const axes = axesOf(graph, output).map(({ name: axis, size }) => ({ name: axis, size }));
    return {
      name,
      per,
      axes,
      elements: elementCount(axes),
      rows: many.value(from),
      ...(one === undefined ? {} : { one: one.value(from) }),
    };
  });
}

function axesOf(graph: Graph, { from }: GraphOutput): readonly Axis[] {
  const body = bodyOf(graph, from.call);
  return nodeAt(body.nodes, body.outputs[from.output] ?? -1).type.axes;
}
