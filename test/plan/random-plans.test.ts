// Plans of random bodies, run on the software adapter, mean what the reference executor says, in both phases and mixed.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keysAndValues } from '../../compiler/ir/attended.ts';
import type { Body } from '../../compiler/ir/graph.ts';
import { fusableBody } from '../fuse/fusable-body.ts';
import { arbitraryBody } from '../ir/arbitrary-body.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { bodyGraph, VOCAB } from './body-graph.ts';
import { differences, openGraph } from './run-graph.ts';

const missing = softwareAdapterMissing();
const BODIES = Number(process.env['HYB_RANDOM_PLANS'] ?? 3);
const SEED = Number(process.env['HYB_RANDOM_SEED'] ?? 20);

describe.skipIf(skipFor(missing))(`random plans (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  const kinds: readonly (readonly [string, fc.Arbitrary<Body>])[] = [
    ['of any ops', arbitraryBody],
    ['of what fusion looks for', fusableBody],
  ];
  describe.each(kinds)('%s', (_name, bodies) => {
    const drawn = fc.sample(bodies.filter(remembersItsOwn), { numRuns: BODIES, seed: SEED });
    it.each(drawn.map((body, index) => [index, body] as const))('number %i', async (index, body) => {
      const tokens = Array.from({ length: 9 }, (_, i) => (i * 7 + index) % VOCAB);
      const options = { chunk: 4, fuse: index % 4 !== 3 };
      const run = await openGraph(opened.device, bodyGraph(body, 1 + (index % 2)), options, 0.8);
      for (const [mode, difference] of Object.entries(await differences(run, tokens, 5)))
        expect(difference, mode).toBeLessThan(1e-3);
    });
  });
});

/** Keys and values of another layer are in memory because that layer attends to them too; the embedding does not. */
function remembersItsOwn(body: Body): boolean {
  const isInput = (id: number | undefined): boolean => body.nodes[id ?? -1]?.op === 'input';
  return body.nodes.every((node) => node.op !== 'attend' || !keysAndValues(node).every(isInput));
}
