// A model of one layer that is a mixer given as text, run in f64: what it makes of its input, position by position.
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { randomValues } from '../ir/helpers.ts';
import { graphOf } from './graph-of.ts';

export const WIDTH = 4;

export interface Filtered {
  /** The mixer's input and output: [position][channel]. */
  readonly u: readonly (readonly number[])[];
  readonly y: readonly (readonly number[])[];
  /** The value of one of the mixer's weights, row-major. */
  weight(name: string): Float64Array;
}

/** Runs the mixer on random weights and so many tokens, cut into runs. */
export type Run = (runs: readonly number[], seed?: number) => Filtered;

export function filteredModel(body: string): Run {
  const graph = graphOf(textOf(body));
  return (runs, seed = 1) => runOn(graph, runs, seed);
}

function runOn(graph: Graph, runs: readonly number[], seed: number): Filtered {
  const ids = Object.keys(graph.weights);
  const values = new Map(
    ids.map((id) => [id, randomValues(seed + seedOf(id), elementCount(graph.weights[id]!.axes), 1)]),
  );
  const reference = createReference(graph, (id) => values.get(id)!);
  const [u, y]: [number[][], number[][]] = [[], []];
  let position = 0;
  for (const count of runs) {
    const tokens = Array.from({ length: count }, (_, at) => (seed + 3 * (position + at) ** 2) % 11);
    reference.run(tokens, (call, node, found) => {
      const name = graph.bodies[graph.calls[call]!.body]!;
      if (call === 0 && name.outputs['stream'] === node.id) u.push(...rows(found));
      if (call === 1 && name.outputs['stream'] === node.id) y.push(...rows(found));
    });
    position += count;
  }
  return { u, y, weight: (name) => values.get(`layers.0.X.${name}`)! };
}

/** A weight's values depend on its name, not on where it is first read. */
function seedOf(id: string): number {
  return [...id].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 65_521, 0);
}

function textOf(body: string): string {
  return `mixer mine(n = 3) {\n${body}\n}
model own {
  vocab 11
  width ${WIDTH}
  context 12
  stripe X
  X = mine()
  block bare
}`;
}

function rows(values: Float64Array): number[][] {
  return Array.from({ length: values.length / WIDTH }, (_, at) => [
    ...values.subarray(at * WIDTH, (at + 1) * WIDTH),
  ]);
}
