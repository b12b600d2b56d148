// What a token of the example costs in steady state, with its own weights: one encoder, one pass, one submission, and nothing else; and that it can be taken back.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import { load } from '../../runtime/index.ts';
import { graphOf } from '../models/models.ts';
import { largestDifference } from '../ir/helpers.ts';
import { countCalls } from '../runtime/count-calls.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';

const missing = softwareAdapterMissing();
const folder = new URL('../../examples/samba-stories/', import.meta.url);

describe.skipIf(skipFor(missing))(`the example's tokens (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  it('cost one encoder, one pass and one submission each', async () => {
    const graph = graphOf(new URL('samba.hyb', folder).pathname, new URL('config.json', folder).pathname);
    const { plan } = planGraph(graph, { chunk: 8 });
    const { device, counts } = countCalls(opened.device);
    const model = await load(plan, { device, weights: readFileSync(new URL('model.safetensors', folder)) });
    const session = await model.session();
    const tokensPerReadback = 2;
    const measured = 6;
    let before = new Map<string, number>();
    let seen = 0;
    const given = { maxTokens: 40, tokensPerReadback, temperature: 0 };
    for await (const token of session.generate([1, 2, 3], given)) {
      expect(token).toBeLessThan(plan.vocab);
      seen += 1;
      if (seen === 4) before = new Map(counts);
      if (seen === 4 + measured) break;
    }
    const spent = [...counts].map(([call, count]) => [call, count - (before.get(call) ?? 0)] as const);
    expect(Object.fromEntries(spent.filter(([, count]) => count > 0))).toEqual({
      createCommandEncoder: measured,
      beginComputePass: measured,
      submit: measured,
      mapAsync: measured / tokensPerReadback,
    });
    await session.rollback(5);
    const left = [...session.tokens];
    const fresh = await model.session();
    await fresh.prefill(left);
    expect(largestDifference(await session.logits(), await fresh.logits())).toBeLessThan(1e-4);
    expect(await session.edit([...left.slice(0, 6), 5, 6, 7])).toMatchObject({ kept: 6 });
    await fresh.edit([...left.slice(0, 6), 5, 6, 7]);
    expect(largestDifference(await session.logits(), await fresh.logits())).toBeLessThan(1e-4);
    model.destroy();
  });
});
