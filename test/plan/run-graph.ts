// Runs a graph on the software adapter and in the reference executor with the same random weights.
import { type CompileOptions, planGraph } from '../../compiler/plan-graph.ts';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference, type Reference } from '../../compiler/ir/interpret.ts';
import { load } from '../../runtime/index.ts';
import type { Session } from '../../runtime/session.ts';
import type { Plan } from '../../runtime/plan.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import { writeSafetensors } from '../runtime/write-safetensors.ts';

export interface GraphRun {
  readonly session: Session;
  readonly reference: Reference;
  readonly plan: Plan;
}

/** One tensor for every weight of the graph, with small random values. */
export function randomWeights(graph: Graph, scale: number): ReadonlyMap<string, Float32Array> {
  return new Map(
    Object.values(graph.weights).map((weight, i) => [
      weight.id,
      Float32Array.from(randomValues(i + 1, elementCount(weight.axes), scale)),
    ]),
  );
}

/** The weights as a file: every weight is a tensor of its own shape under the first name its view looks for. */
export function checkpointOf(graph: Graph, values: ReadonlyMap<string, Float32Array>): Uint8Array {
  const tensors = Object.values(graph.weights).map((weight) => {
    const view = weight.views[0];
    const tensor = {
      dtype: 'F32',
      shape: view?.shape ?? [],
      values: [...(values.get(weight.id) ?? [])],
    } as const;
    return [view?.tensors[0] ?? weight.id, tensor] as const;
  });
  return writeSafetensors(Object.fromEntries(tensors));
}

export async function openGraph(
  device: GPUDevice,
  graph: Graph,
  options: CompileOptions,
  scale = 0.5,
): Promise<GraphRun> {
  const values = randomWeights(graph, scale);
  const { plan } = planGraph(graph, options);
  const model = await load(plan, { device, weights: checkpointOf(graph, values) });
  const reference = createReference(graph, (id) => values.get(id) ?? new Float32Array());
  return { session: await model.session(), reference, plan };
}

/** The largest difference over all positions, in one prefill, in a split one, token by token, and with the layers behind the last state pruned. */
export async function differences(
  { session, reference, plan }: GraphRun,
  tokens: readonly number[],
  split: number,
): Promise<Record<string, number>> {
  const expected = reference.run(tokens);
  const { vocab } = plan;
  const prefill = await session.prefillAll(tokens);
  await session.reset();
  const first = await session.prefillAll(tokens.slice(0, split));
  const second = await session.prefillAll(tokens.slice(split));
  await session.reset();
  const steps: number[] = [];
  for (const token of tokens) {
    await session.decode(token);
    steps.push(...(await session.logits()));
  }
  await session.reset();
  await session.prefill(tokens);
  const last = await session.logits();
  return {
    prefill: largestDifference(prefill, expected),
    split: largestDifference([...first, ...second], expected),
    decode: largestDifference(steps, expected),
    last: largestDifference(last, expected.slice(-vocab)),
  };
}
