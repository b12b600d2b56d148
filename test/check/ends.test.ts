// Models that take features, and models that give other values than logits: what goes in and what comes out, by the reference executor.
import { expect, test } from 'vitest';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import { graphOf } from './graph-of.ts';

const weightsOf =
  (graph: Graph) =>
  (id: string): Float64Array =>
    randomValues(
      31 * Object.keys(graph.weights).indexOf(id) + 7,
      elementCount(graph.weights[id]?.axes ?? []),
      0.8,
    );

const POSITIONS = 6;
const WIDTH = 4;

/** A layer that adds half of the position before. */
const layer = `
mixer before() { return 0.5 * shift(u) }
`;

test('a model of features gives its stream, and runs split as it runs whole', () => {
  const graph = graphOf(`model m { input x : width  width ${WIDTH}  stripe A  A = before() } ${layer}`);
  expect(graph).toMatchObject({ vocab: 0, features: { name: 'x', axes: [{ name: 'width', size: WIDTH }] } });
  const x = randomValues(1, POSITIONS * WIDTH, 1);
  const whole = createReference(graph, weightsOf(graph)).run(x);
  const split = createReference(graph, weightsOf(graph));
  const parts = [x.subarray(0, 2 * WIDTH), x.subarray(2 * WIDTH)].flatMap((part) => [...split.run(part)]);
  expect(whole).toHaveLength(POSITIONS * WIDTH);
  expect(largestDifference(whole, parts)).toBe(0);
});

test('features on other axes are mapped to the stream, and outputs come per position and per sequence', () => {
  const graph = graphOf(`model m {
  input bands : band
  axis band = 3, class = 2
  width ${WIDTH}
  embed { weight into : band -> width  return into(bands) }
  stripe A
  A = before()
  output hidden
  output scores per sequence {
    weight to : width -> class, bias
    scan s[width] = 0 { s = s + x }
    return to(s / (position + 1))
  }
} ${layer}`);
  const weights = weightsOf(graph);
  const outputs = createReference(graph, weights).evaluate(randomValues(2, POSITIONS * 3, 1));
  const { hidden = new Float64Array(), scores } = outputs;
  const mean = Array.from({ length: WIDTH }, (_, i) => {
    const all = Array.from({ length: POSITIONS }, (_unused, t) => hidden[t * WIDTH + i]!);
    return all.reduce((sum, value) => sum + value, 0) / POSITIONS;
  });
  const wanted = [0, 1].map((row) =>
    mean.reduce((sum, value, i) => sum + value * elementOf(graph, weights, i, row), weights('to.bias')[row]!),
  );
  expect(largestDifference(scores ?? [], wanted)).toBeLessThan(1e-12);
});

/** The class' weight of an element of the width, whatever the order of the weight's axes. */
function elementOf(graph: Graph, weights: (id: string) => Float64Array, i: number, row: number): number {
  const [first] = graph.weights['to']!.axes;
  return weights('to')[first!.name === 'width' ? i * 2 + row : row * WIDTH + i]!;
}

test('a model of tokens that says an output has logits only with its head, and sees the tokens', () => {
  const text = (head: string) => `model m {
  vocab 5
  width ${WIDTH}
  stripe A
  A = before()
  output kept per sequence { return where(token == 3, 0, x) }
  ${head}
} ${layer}`;
  const embedder = graphOf(text(''));
  expect(embedder.outputs?.map(({ name, per }) => [name, per])).toEqual([['kept', 'sequence']]);
  const { kept } = createReference(embedder, weightsOf(embedder)).evaluate([1, 2, 3]);
  expect(kept).toEqual(new Float64Array(WIDTH));
  const both = graphOf(text('head tied'));
  const outputs = createReference(both, weightsOf(both)).evaluate([1, 2]);
  expect(Object.entries(outputs).map(([name, { length }]) => [name, length])).toEqual([
    ['logits', 10],
    ['kept', WIDTH],
  ]);
});
