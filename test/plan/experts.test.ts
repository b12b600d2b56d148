// Mixtures of experts on the software adapter mean what the reference executor says, and read only the experts that are chosen.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { EXPERT_CASES } from './expert-cases.ts';
import { differences, openGraph } from './run-graph.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened.close());

const TOKENS = Array.from({ length: 13 }, (_, i) => (i * 7 + 3) % 23);

it.each(EXPERT_CASES)('$name means the same on the device', async ({ graph }) => {
  const run = await openGraph(opened.device, graph(), { chunk: 8 });
  const found = await differences(run, TOKENS, 5);
  for (const [mode, difference] of Object.entries(found)) expect(difference, mode).toBeLessThan(2e-5);
});

it('without fusion means the same', async () => {
  const [first] = EXPERT_CASES;
  const run = await openGraph(opened.device, first!.graph(), { chunk: 8, fuse: false });
  for (const [mode, difference] of Object.entries(await differences(run, TOKENS, 5)))
    expect(difference, mode).toBeLessThan(2e-5);
});

it.each(EXPERT_CASES)('$name takes as many dispatches and buffers as said', ({ graph, dispatches }) => {
  const { plan } = planGraph(graph(), {});
  const layer = plan.programs.decode.filter(({ layer: at }) => at === 0);
  expect(layer.map(({ kernel }) => plan.kernels[kernel]?.title).length).toBe(dispatches);
  for (const kernel of plan.kernels) expect(kernel.bindings.length).toBeLessThanOrEqual(8);
});
