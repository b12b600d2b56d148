// Runs a graph on the software adapter and in the reference executor with the same random weights.
import { type CompileOptions, planGraph } from '../../compiler/plan-graph.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { createReference, type Reference } from '../../compiler/ir/interpret.ts';
import { load } from '../../runtime/index.ts';
import type { Session } from '../../runtime/session.ts';
import type { Plan } from '../../runtime/plan.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import { type Tensor, weightValues } from '../support/tensors.ts';
import { nearestHalf } from '../support/half.ts';
import { writeSafetensors } from '../runtime/write-safetensors.ts';

export interface GraphRun {
  readonly session: Session;
  readonly reference: Reference;
  readonly plan: Plan;
}

/** Random tensors under the first names that the weights' views look for, each of its stored shape. */
export function randomTensors(graph: Graph, scale: number): ReadonlyMap<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const view of Object.values(graph.weights).flatMap((weight) => weight.views)) {
    const name = view.tensors[0] ?? '';
    if (tensors.has(name)) continue;
    const count = view.shape.reduce((product, size) => product * size, 1);
    const values = Float64Array.from(Float32Array.from(randomValues(tensors.size + 1, count, scale)));
    tensors.set(name, { name, dtype: 'F32', shape: view.shape, values });
  }
  return tensors;
}

/** The tensors as a file. */
export function checkpointOf(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const written = [...tensors].map(
    ([name, { shape, values }]) => [name, { dtype: 'F32', shape, values: [...values] }] as const,
  );
  return writeSafetensors(Object.fromEntries(written));
}

export async function openGraph(
  device: GPUDevice,
  graph: Graph,
  options: CompileOptions,
  scale = 0.5,
): Promise<GraphRun> {
  const tensors = randomTensors(graph, scale);
  const { plan } = planGraph(graph, options);
  const model = await load(plan, { device, weights: checkpointOf(tensors) });
  const reference = createReference(graph, asStored(plan, weightValues(graph, tensors)));
  return { session: await model.session(), reference, plan };
}

/** The weights that the plan keeps in half precision are compared with the same numbers. */
function asStored(plan: Plan, weight: (id: string) => Float64Array): (id: string) => Float64Array {
  const halves = new Set(
    plan.weights.filter(({ encoding }) => encoding === 'f16').map(({ name }) => name.replace(/\[\d+\]$/, '')),
  );
  return (id) => (halves.has(id) ? weight(id).map(nearestHalf) : weight(id));
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
