// Checkpoints too large for a test compile from their configs, with as many parameters as they have, and what a sequence takes of memory.
import { describe, expect, test } from 'vitest';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { explain } from '../../compiler/report/explain.ts';
import { explanationText } from '../../compiler/report/explain-text.ts';
import type { BufferUse, Plan } from '../../runtime/plan.ts';
import { graphUnder, modelPath } from './models.ts';
import { publishedConfigs, stripedHyena7b } from './published-configs.ts';

test.each(publishedConfigs)('$name has its parameters', ({ model, config, parameters, beside = 0 }) => {
  expect(parametersOf(graphUnder(modelPath(model), config)) - beside).toBe(parameters);
});

test('StripedHyena 7B is planned, and its memory told by number type', () => {
  const graph = graphUnder(modelPath('stripedhyena'), stripedHyena7b);
  const explanation = explain(planGraph(graph, { dtype: 'f16', context: 32_768 }));
  expect(explanation.parameters).toBe(7_646_023_680);
  const text = explanationText(explanation);
  expect(text).toContain('weights 14.2 GiB f16 + 7.27 MiB f32');
  expect(text).toMatch(
    /^Memory.*\n.*weights +state +activations +other +all\n +bytes +14\.2 GiB +4\.00 GiB/m,
  );
  const perSite = Object.fromEntries(
    explanation.letters.map((letter) => [letter.label, letter.perSite.fused]),
  );
  expect(perSite).toMatchObject({ HYENA: 2, MLP: 2 });
});

describe('one StripedHyena layer as wide as that of 7B', () => {
  const one = { ...stripedHyena7b, num_layers: 1, vocab_size: 16 };
  const planned = (attention: readonly number[], capacity: number): Plan =>
    planGraph(graphUnder(modelPath('stripedhyena'), { ...one, attn_layer_idxs: attention }), {
      context: capacity,
    }).plan;

  test('has a state of constant size, and activations of a run', () => {
    const [short, long] = [1_024, 32_768].map((capacity) => planned([], capacity));
    for (const use of ['state', 'activations'] as const) expect(bytes(long, use)).toBe(bytes(short, use));
    // Two numbers for each of the two modes of a channel, and rings of the short filters.
    expect(bytes(long, 'state')).toBe(4 * 4_096 * (2 * 2 + 3 * 2));
    const activation = 4 * 32_768 * 4_096;
    expect(bytes(long, 'activations', 'state')).toBeLessThan(activation / 16);
  });

  test('where attention keeps something for every position', () => {
    const [short, long] = [1_024, 32_768].map((capacity) => planned([0], capacity));
    expect(bytes(long, 'state')).toBeGreaterThan(30 * bytes(short, 'state'));
    expect(bytes(long, 'activations')).toBeLessThan(4 * 32_768 * 4_096);
  });
});

function parametersOf({ weights }: Graph): number {
  return Object.values(weights).reduce((sum, { axes }) => sum + elementCount(axes), 0);
}

function bytes(plan: Plan | undefined, ...uses: readonly BufferUse[]): number {
  const found = plan?.buffers.filter(({ use }) => uses.includes(use)) ?? [];
  return found.reduce((sum, buffer) => sum + buffer.bytes, 0);
}
