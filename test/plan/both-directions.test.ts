// Attention that sees later positions, on the software adapter against the reference executor: whole sequences of several lengths.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { load } from '../../runtime/index.ts';
import { graphOf } from '../check/graph-of.ts';
import { largestDifference } from '../ir/helpers.ts';
import { noise } from '../kernels/attend-cases.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { weightValues } from '../support/tensors.ts';
import { checkpointOf, randomTensors } from './run-graph.ts';

const missing = softwareAdapterMissing();

const SOURCE = `
model both {
  input frames : width
  width 6
  context 40
  stripe A
  A = mine()
  block bare
}

function bell(score) {
  return 1 / (1 + score * score)
}

mixer mine(heads = 2, part = 3) {
  axis head = heads, wide = 5, back = lag(4), front = taps(3)
  weight q, k    : width -> head * part
  weight v       : width -> head * wide
  weight past    : head * back
  weight future  : front
  weight out     : head * wide -> width

  y = attend(q(u), k(u), v(u), over: part, bias: past, ahead: future, causal: false)
  z = attend(q(u), k(u), v(u), over: part, chunk: 7, bias: past, score: bell, scale: "count", causal: false)
  w = attend(q(u), k(u), v(u), over: part, window: 3, softcap: 2, causal: false)
  return u + out(y + z + w)
}
`;

describe.skipIf(skipFor(missing))(`both directions (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  it('give what the reference executor gives', async () => {
    const graph = graphOf(SOURCE);
    const tensors = randomTensors(graph, 0.7);
    const { plan } = planGraph(graph, {});
    expect(plan.readsAhead).toBeDefined();
    const model = await load(plan, { device: opened.device, weights: checkpointOf(tensors) });
    for (const length of [1, 6, 7, 8, 33, 40]) {
      const frames = noise(6 * length, length);
      const expected = createReference(graph, weightValues(graph, tensors)).run([...frames]);
      const [given] = Object.values(await model.encode(frames));
      expect(largestDifference(given?.data ?? [], expected), `${length} positions`).toBeLessThan(2e-6);
    }
    model.destroy();
  });
});
