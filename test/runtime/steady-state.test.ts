// What a token costs in steady state: no GPU object and no write by the CPU, one pass and one submission.
import { afterAll, beforeAll, expect } from 'vitest';
import { load } from '../../runtime/index.ts';
import { openSoftwareDevice } from '../support/device.ts';
import type { TestDevice } from '../support/device.ts';
import { bigramPlan, expectedTokens, WEIGHTS } from './bigram.ts';
import { countCalls } from './count-calls.ts';
import { testOnDevice } from './on-device.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened.close());

testOnDevice.each([
  [1, 10],
  [5, 10],
])('with %i tokens per readback, %i tokens', async (tokensPerReadback, measured) => {
  const { device, counts } = countCalls(opened.device);
  const model = await load(bigramPlan(), { weights: WEIGHTS, device });
  const session = await model.session();
  const tokens: number[] = [];
  let before = new Map<string, number>();
  for await (const token of session.generate([1, 2], { maxTokens: 40, tokensPerReadback })) {
    tokens.push(token);
    if (tokens.length === 10) before = new Map(counts);
    if (tokens.length === 10 + measured) break;
  }
  const spent = new Map([...counts].map(([call, count]) => [call, count - (before.get(call) ?? 0)]));
  // The loop was left at a readback's last token, so nothing had to be undone.
  expect(tokens).toEqual(expectedTokens([1, 2], 20));
  const calls = Object.fromEntries([...spent].filter(([, count]) => count > 0));
  const readbacks = measured / tokensPerReadback;
  expect(calls).toEqual({
    createCommandEncoder: measured,
    beginComputePass: measured,
    submit: measured,
    mapAsync: readbacks,
  });
  model.destroy();
});
