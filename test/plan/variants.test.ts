// Whole models on the software adapter under every target, encoding and chunk size: they mean what the reference executor says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_TARGET, type Target } from '../../compiler/kernels/template.ts';
import type { CompileOptions } from '../../compiler/plan-graph.ts';
import { goldenGraph } from '../golden/golden-models.ts';
import { planFaults } from '../support/check-plan.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { MODEL_CASES } from './model-cases.ts';
import { differences, type GraphRun, openGraph } from './run-graph.ts';

const missing = softwareAdapterMissing();
const SUBGROUPS: Target = { ...DEFAULT_TARGET, subgroups: true };
const TINY: Target = { ...DEFAULT_TARGET, maxSharedBytes: 8192 };

/** What each case in turn is compiled for, so that all of these are met. */
const VARIANTS: readonly CompileOptions[] = [
  { chunk: 8 },
  { chunk: 8, target: SUBGROUPS },
  { chunk: 1 },
  { chunk: 128, target: TINY },
];

/** All modes agree with the reference over a run of `count` tokens, and over one split at `split`. */
async function expectSame(run: GraphRun, count: number, split: number, tolerance = 2e-5): Promise<void> {
  const tokens = Array.from({ length: count }, (_, i) => (i * 7 + 3) % run.plan.vocab);
  expect(planFaults(run.plan)).toEqual([]);
  for (const [mode, difference] of Object.entries(await differences(run, tokens, split)))
    expect(difference, `${mode} of ${count}`).toBeLessThan(tolerance);
  await run.session.reset();
  run.reference.reset();
}

describe.skipIf(skipFor(missing))(`plans (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  it.each(MODEL_CASES.map((each, index) => ({ ...each, options: VARIANTS[index % VARIANTS.length] ?? {} })))(
    '$name, compiled for $options',
    async ({ graph, tokens, options }) => {
      const run = await openGraph(opened.device, graph(), options, 0.4);
      await expectSame(run, tokens, Math.ceil(tokens / 2));
      await expectSame(run, 2, 1);
    },
  );

  it('keep a window at its edges', async () => {
    const found = MODEL_CASES.find(({ name }) => name === 'a window within its prompt');
    if (found === undefined) throw new Error('no case with a window');
    const run = await openGraph(opened.device, found.graph(), { chunk: 4 }, 0.4);
    for (const count of [5, 6, 7, 12]) await expectSame(run, count, 3);
  });

  it.each([
    { name: 'tiny-samba', options: { chunk: 8, target: SUBGROUPS } },
    { name: 'full-attention', options: { chunk: 8, target: SUBGROUPS } },
    { name: 'parallel-block', options: { chunk: 8 } },
    { name: 'mixers', options: { chunk: 4 } },
  ] satisfies readonly { name: string; options: CompileOptions }[])(
    '$name, compiled for $options',
    async ({ name, options }) => {
      const run = await openGraph(opened.device, goldenGraph(name), options, 0.3);
      await expectSame(run, 11, 6, 1e-4);
    },
  );

  it('mean the same with weights in half precision, rounded as they are', async () => {
    const run = await openGraph(
      opened.device,
      goldenGraph('full-attention'),
      { chunk: 8, dtype: 'f16' },
      0.3,
    );
    await expectSame(run, 11, 6, 1e-4);
  });
});
