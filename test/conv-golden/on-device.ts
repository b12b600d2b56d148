// What a layer gives on a device: as a whole if it reads ahead, else the first positions in one run and the others step by step.
import { isCausal } from '../../compiler/ir/causality.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { load, type LoadedModel } from '../../runtime/index.ts';
import { checkpointOf } from '../plan/run-graph.ts';
import type { Place } from './cases.ts';
import type { Found } from './on-reference.ts';
import { outputs, type PreparedCase } from './prepare-case.ts';

/** Positions that are decoded at least. */
const DECODED = 2;

/** Whether a quantity is the layer's output. */
export function isOutput(place: Place): boolean {
  return place === 'run' || place === 'step' || (typeof place === 'object' && 'channels' in place);
}

export async function runOnDevice(prepared: PreparedCase, device: GPUDevice): Promise<Found> {
  const { graph, layer, tensors, steps, rows } = prepared;
  const { plan } = planGraph(graph, {});
  const model = await load(plan, { device, weights: checkpointOf(tensors) });
  try {
    const tokens = Array.from({ length: rows }, (_, i) => i);
    const logits = isCausal(graph)
      ? await runAndSteps(model, tokens)
      : Array.from((await model.encode(tokens)).logits?.data ?? []);
    const run = logits.slice(0, steps * graph.vocab);
    return new Map(
      Object.entries(layer.finds).flatMap(([name, place]) => {
        if (place === 'run') return [[name, outputs(run, prepared)] as const];
        if (place === 'step') return [[name, outputs(logits.slice(run.length), prepared)] as const];
        return 'channels' in place ? [[name, outputs(run, prepared, place)] as const] : [];
      }),
    );
  } finally {
    model.destroy();
  }
}

async function runAndSteps(model: LoadedModel, tokens: readonly number[]): Promise<readonly number[]> {
  const session = await model.session();
  try {
    const logits = Array.from(await session.prefillAll(tokens.slice(0, -DECODED)));
    for (const token of tokens.slice(-DECODED)) {
      await session.decode(token);
      logits.push(...(await session.logits()));
    }
    return logits;
  } finally {
    session.destroy();
  }
}
