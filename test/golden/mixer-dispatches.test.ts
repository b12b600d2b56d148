// Every recurrent mixer of std costs as few dispatches in decode as the table says, and these mean what the reference executor says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/ir/graph.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { graphOf } from '../check/graph-of.ts';
import { largestDifference } from '../ir/helpers.ts';
import { createReference, type Reference } from '../../compiler/ir/interpret.ts';
import { load } from '../../runtime/index.ts';
import type { Dispatch } from '../../runtime/plan.ts';
import type { Session } from '../../runtime/session.ts';
import { checkpointOf, randomTensors } from '../plan/run-graph.ts';
import { weightValues } from '../support/tensors.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { MIXER_DISPATCHES } from './mixer-dispatches.ts';

function modelOf(width: number, letter: string): Graph {
  return graphOf(`model small {
  vocab 11
  width ${width}
  stripe X×2
  X = ${letter}
}`);
}

/** Dispatches of the second layer. */
function dispatchesOf(graph: Graph): number {
  const { decode } = planGraph(graph, {}).plan.programs;
  return decode.filter(({ layer }) => layer === 1).length;
}

describe.each(MIXER_DISPATCHES)('$large', ({ large, dispatches }) => {
  it('costs as many dispatches as it must', () => {
    expect(dispatchesOf(modelOf(512, large))).toBe(dispatches);
  });
});

/** The model with the kernels of decode alone: those of prefill are others' to test, and compile slowly. */
async function openDecode(
  device: GPUDevice,
  graph: Graph,
): Promise<{ readonly session: Session; readonly reference: Reference }> {
  const tensors = randomTensors(graph, 0.5);
  const { plan } = planGraph(graph, { chunk: 1 });
  const used = [plan.programs.decode, plan.programs.sample].flat();
  const kernels = [...new Set(used.map(({ kernel }) => kernel))];
  const only = (list: readonly Dispatch[]): readonly Dispatch[] =>
    list.map((dispatch) => ({ ...dispatch, kernel: kernels.indexOf(dispatch.kernel) }));
  const { decode, sample } = plan.programs;
  const programs = {
    decode: only(decode),
    sample: only(sample),
    prefill: [],
    last: [],
    all: [],
    settle: [],
  };
  const decoding = { ...plan, kernels: kernels.flatMap((kernel) => plan.kernels[kernel] ?? []), programs };
  const model = await load(decoding, { device, weights: checkpointOf(tensors) });
  return { session: await model.session(), reference: createReference(graph, weightValues(graph, tensors)) };
}

const missing = softwareAdapterMissing();

describe.skipIf(skipFor(missing))(`decode (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  it.each(MIXER_DISPATCHES)('of $small', async ({ small }) => {
    const { session, reference } = await openDecode(opened.device, modelOf(24, small));
    const tokens = [3, 10, 0, 7, 7, 2];
    const expected = reference.run(tokens);
    const found: number[] = [];
    for (const token of tokens) {
      await session.decode(token);
      found.push(...(await session.logits()));
    }
    expect(largestDifference(found, expected)).toBeLessThan(1e-5);
  });
});
