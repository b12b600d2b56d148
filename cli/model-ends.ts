// What goes into a graph's model and what comes out, as engines say it.
import { readsAhead } from '../compiler/ir/causality.ts';
import { type Axis, type Graph, outputsOf } from '../compiler/ir/graph.ts';
import { bodyOf } from '../compiler/ir/memory.ts';
import { nodeAt } from '../compiler/ir/ops/index.ts';
import type { EngineEnds } from './engine.ts';
import { describeAhead } from '../compiler/ir/describe-ahead.ts';

export function endsOf(graph: Graph): EngineEnds {
  const { vocab, features } = graph;
  const ahead = readsAhead(graph);
  return {
    vocab,
    ...(features !== undefined && { features: { name: features.name, shape: sizesOf(features.axes) } }),
    outputs: outputsOf(graph).map(({ name, from, per }) => {
      const body = bodyOf(graph, from.call);
      return { name, per, shape: sizesOf(nodeAt(body.nodes, body.outputs[from.output] ?? -1).type.axes) };
    }),
    ...(ahead !== undefined && { readsAhead: describeAhead(ahead) }),
  };
}

function sizesOf(axes: readonly Axis[]): readonly number[] {
  return axes.map(({ size }) => size);
}
