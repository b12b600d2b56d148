// Plans run on the software adapter and must mean what the reference executor says the graph means.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sambaGraph, tinySamba } from '../ir/samba-graph.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { differences, openGraph } from './run-graph.ts';

let opened: TestDevice;
beforeAll(async () => {
  opened = await openSoftwareDevice();
});
afterAll(() => opened.close());

const TOKENS = Array.from({ length: 21 }, (_, i) => (i * 7 + 3) % 11);

describe('a small Samba', () => {
  for (const fuse of [true, false])
    it(`means the same with fusion ${fuse ? 'on' : 'off'}`, async () => {
      const run = await openGraph(opened.device, sambaGraph(tinySamba), { chunk: 8, fuse });
      const found = await differences(run, TOKENS, 9);
      for (const [mode, difference] of Object.entries(found)) expect(difference, mode).toBeLessThan(1e-5);
    });
});
