// Chunked prefill on the software adapter: for every class the same as position by position and as the reference executor, whole and
// split, for runs around the chunk's length, with decays near zero and with repeated keys.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import type { RecurrencePrefill } from '../../compiler/kernels/kernel-draft.ts';
import { CHUNK_TOKENS } from '../../compiler/kernels/chunked-tuning.ts';
import { RECURRENCE_KERNELS } from '../../compiler/kernels/recurrence-kernels.ts';
import { openNullDevice, openSoftwareDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { bodyGraph, VOCAB } from '../plan/body-graph.ts';
import { type GraphRun, openGraph } from '../plan/run-graph.ts';
import { RECURRENCES, recurrenceGraph, scanBody, scanOf, SMALL, STRESSES } from './recurrences.ts';

/** Neither keys nor values fill their tiles, and there are several of both. */
const WIDE = { heads: 2, per: 2, key: 20, value: 18 };
const C = CHUNK_TOKENS;
const LENGTHS = [1, C - 1, C, C + 1, 3 * C + 5];
const TOLERANCE = 1e-5;
const missing = softwareAdapterMissing();

function graphOf(body: string, sizes = WIDE): ReturnType<typeof bodyGraph> {
  return bodyGraph(scanBody(scanOf(recurrenceGraph(body, sizes))));
}

/** Whether the prefill of the graph has a kernel that works on chunks: it is another one then. */
function isChunked(graph: ReturnType<typeof bodyGraph>): boolean {
  const kernels = (recurrences: RecurrencePrefill): string =>
    JSON.stringify(planGraph(graph, { chunk: 64, recurrences }).plan.kernels);
  return kernels('chunked') !== kernels('sequential');
}

function relative(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const delta = Math.abs((found[i] ?? NaN) - (expected[i] ?? NaN));
    difference = Number.isFinite(delta) ? Math.max(difference, delta) : Infinity;
    largest = Math.max(largest, Math.abs(expected[i] ?? NaN));
  }
  return found.length === expected.length ? difference / largest : Infinity;
}

async function prefill({ session }: GraphRun, runs: readonly (readonly number[])[]): Promise<number[]> {
  await session.reset();
  const logits: number[] = [];
  for (const run of runs) logits.push(...(await session.prefillAll(run)));
  return logits;
}

describe.skipIf(skipFor(missing))(`chunked recurrences (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  const check = async (graph: ReturnType<typeof bodyGraph>, tokensOf: (i: number) => number) => {
    const chunked = await openGraph(opened.device, graph, { chunk: 64, recurrences: 'chunked' });
    const sequential = await openGraph(opened.device, graph, { chunk: 64, recurrences: 'sequential' });
    for (const length of LENGTHS) {
      const tokens = Array.from({ length }, (_, i) => tokensOf(i));
      chunked.reference.reset();
      const expected = chunked.reference.run(tokens);
      const cut = Math.ceil(length / 3);
      const split = [tokens.slice(0, cut), tokens.slice(cut)].filter((run) => run.length > 0);
      const found = {
        chunked: relative(await prefill(chunked, [tokens]), expected),
        split: relative(await prefill(chunked, split), expected),
        sequential: relative(await prefill(sequential, [tokens]), expected),
      };
      for (const [mode, difference] of Object.entries(found))
        expect(difference, `${mode}, ${length} tokens`).toBeLessThan(TOLERANCE);
    }
  };

  const chunked = RECURRENCES.filter((each) => each.chunked);
  test.each(chunked)('$title', ({ body }) => check(graphOf(body), (i) => (i * 7 + 3) % VOCAB));
  test.each(STRESSES)('$title', ({ body }) => check(graphOf(body, SMALL), (i) => i % 2));
});

describe('at the size of published models', () => {
  const sizes = { heads: 2, per: 2, key: 128, value: 128 };
  let compiling: TestDevice;
  beforeAll(async () => {
    compiling = await openNullDevice();
  });
  afterAll(() => compiling.close());

  test.each(RECURRENCES.filter((each) => each.chunked))(
    '$title fits the default limits',
    async ({ body }) => {
      const { kernels } = planGraph(graphOf(body, sizes), { chunk: 64, recurrences: 'chunked' }).plan;
      const kernel = kernels.find(({ name }) => name === 'body_y_prefill');
      const shared = [...(kernel?.wgsl.matchAll(/^var<workgroup> \w+: array<f32, (\d+)>/gm) ?? [])];
      expect(shared.length).toBeGreaterThan(0);
      expect(shared.reduce((sum, [, count]) => sum + 4 * Number(count), 0)).toBeLessThanOrEqual(16_384);
      expect(await shaderErrors(compiling.device, kernel?.wgsl ?? '')).toEqual([]);
    },
  );
});

test('every class of the table has a recurrence here, and only those that have to go otherwise do', () => {
  for (const { body, title, chunked } of [...RECURRENCES, ...STRESSES])
    expect(isChunked(graphOf(body)), title).toBe(chunked);
  const tested = new Set(RECURRENCES.filter((each) => each.chunked).map((each) => each.class));
  expect(tested).toEqual(new Set(RECURRENCE_KERNELS.map((kernel) => kernel.class)));
});
