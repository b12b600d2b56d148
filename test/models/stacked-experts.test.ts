// One model, two layouts: experts in tensors of their own, and all experts stacked in one.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkHeader } from '../../compiler/check/header.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { openCheckpoint } from '../../runtime/index.ts';
import { matchWeights } from '../../runtime/weights/match-weights.ts';
import { uploadWeights } from '../../runtime/weights/upload-weights.ts';
import { checkpointOf } from '../plan/run-graph.ts';
import { readTensors, type Tensor, weightValues } from '../support/tensors.ts';
import { graphOf, modelPath } from './models.ts';

const folder = fileURLToPath(new URL('../fixtures/deepseek_v3/', import.meta.url));
const graph = graphOf(modelPath('deepseek_v3'), `${folder}config.json`);
const apart = readTensors(`${folder}model.safetensors`);
const config: { readonly n_routed_experts: number } = JSON.parse(
  readFileSync(`${folder}config.json`, 'utf8'),
);
const together = stacked(apart, config.n_routed_experts);

test('both fit, and give the same weights', () => {
  expect(together.size).toBeLessThan(apart.size);
  for (const tensors of [apart, together])
    expect(checkHeader(Object.values(graph.weights), graph.ignored, [...tensors.values()])).toEqual([]);
  const [one, other] = [apart, together].map((tensors) => weightValues(graph, tensors));
  for (const id of Object.keys(graph.weights)) expect(other?.(id), id).toEqual(one?.(id));
});

test('both fill the same memory', async () => {
  const { plan } = planGraph(graph, {});
  const [one, other] = await Promise.all([loaded(apart), loaded(together)]);
  expect(other).toEqual(one);
  async function loaded(tensors: ReadonlyMap<string, Tensor>): Promise<readonly Uint8Array[]> {
    const buffers = plan.buffers.map(({ bytes }) => new Uint8Array(bytes));
    const checkpoint = await openCheckpoint(new Blob([checkpointOf(tensors).slice()]), undefined);
    const target = {
      write: (buffer: number, offset: number, bytes: Uint8Array) => buffers[buffer]?.set(bytes, offset),
      flush: () => Promise.resolve(),
    };
    await uploadWeights(matchWeights(plan, checkpoint.tensors), target, undefined, () => undefined);
    return buffers;
  }
});

test('a file with some of both lacks the first', () => {
  const half = new Map([...together].filter(([name]) => !name.endsWith('experts.down_proj')));
  const found = checkHeader(Object.values(graph.weights), graph.ignored, [...half.values()]);
  expect(found.map(({ message }) => message).join()).toContain('has no `model.layers.1.mlp.experts.0.');
});

/** With `gate_up_proj` [experts, gate + up, width] and `down_proj` [experts, width, hidden] for the experts' own tensors. */
function stacked(tensors: ReadonlyMap<string, Tensor>, experts: number): ReadonlyMap<string, Tensor> {
  const result = new Map([...tensors].filter(([name]) => !/\.experts\.\d/.test(name)));
  for (const name of tensors.keys()) {
    const prefix = /^(.*\.experts)\.0\.gate_proj\.weight$/.exec(name)?.[1];
    if (prefix === undefined) continue;
    const of = (part: string) =>
      Array.from({ length: experts }, (_, expert) => tensors.get(`${prefix}.${expert}.${part}_proj.weight`));
    const [gate, up, down] = ['gate', 'up', 'down'].map(of);
    const pairs = (gate ?? []).flatMap((tensor, expert) => [tensor, up?.[expert]]);
    put(`${prefix}.gate_up_proj`, pairs, ([rows = 0, ...rest]) => [experts, 2 * rows, ...rest]);
    put(`${prefix}.down_proj`, down ?? [], (shape) => [experts, ...shape]);
  }
  return result;
  function put(
    name: string,
    parts: readonly (Tensor | undefined)[],
    shapeOf: (shape: readonly number[]) => readonly number[],
  ): void {
    const values = Float64Array.from(parts.flatMap((part) => [...(part?.values ?? [])]));
    result.set(name, { name, dtype: 'F32', shape: shapeOf(parts[0]?.shape ?? []), values });
  }
}
