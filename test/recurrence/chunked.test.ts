// Chunked prefill on the software adapter: for every entry of the table the same as position by position and as the reference executor, whole and
// split, for runs around the chunk's length, with decays near zero and with repeated keys.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import type { RecurrencePrefill } from '../../compiler/kernels/kernel-draft.ts';
import { CHUNK_TOKENS } from '../../compiler/kernels/chunk-sizes.ts';
import { DEFAULT_TARGET, type Target } from '../../compiler/kernels/template.ts';
import { entryFor, RECURRENCE_KERNELS } from '../../compiler/kernels/recurrence-kernels.ts';
import { SCAN_SIZES } from '../../compiler/kernels/scan-tuning.ts';
import { reachable } from '../../compiler/ir/rewrite.ts';
import { isRefused } from '../../compiler/recurrence/affine.ts';
import { normalForm } from '../../compiler/recurrence/normal-form.ts';
import { openNullDevice, openSoftwareDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { bodyGraph, VOCAB } from '../plan/body-graph.ts';
import { type GraphRun, openGraph } from '../plan/run-graph.ts';
import {
  type Recurrence,
  RECURRENCES,
  recurrenceGraph,
  scanBody,
  scanOf,
  type Sizes,
  SMALL,
  STRESSES,
} from './recurrences.ts';

/** Neither keys nor values fill their tiles, and there are several of both. */
const WIDE = { heads: 2, per: 2, key: 20, value: 18 };
/** Room for four segments of recurrences that go element by element. */
const RUN = 128;
const TOLERANCE = 1e-5;
const missing = softwareAdapterMissing();

function graphOf(body: string, sizes = WIDE): ReturnType<typeof bodyGraph> {
  return bodyGraph(scanBody(scanOf(recurrenceGraph(body, sizes))));
}

/** Tokens that are worked on together: of a chunk, or of a tile where every element goes by itself. */
function unitOf({ class: name }: Recurrence): number {
  return name === 'D' ? SCAN_SIZES.tokens : CHUNK_TOKENS;
}

/** The entry of the table that takes the recurrence, by its number, and whether its decay is the same for all tokens. */
function entryOf(body: string): { entry: number; constant: boolean } {
  const scan = scanOf(recurrenceGraph(body, WIDE));
  const node = scanBody(scan).nodes.find(({ op }) => op === 'scan');
  const form = normalForm(scan.attrs);
  if (node === undefined || isRefused(form)) throw new Error('no normal form');
  const found = entryFor(form, node);
  const decay = reachable(
    form.coefficients,
    form.steps.map((step) => step.decay),
  );
  const operands = form.coefficients.nodes.filter(({ id, op }) => decay.has(id) && op === 'input');
  const varies = operands.some(
    ({ attrs }) => scan.types[Number(String(attrs['name']).split(':')[1])]?.temporal,
  );
  return { entry: found === undefined ? -1 : RECURRENCE_KERNELS.indexOf(found), constant: !varies };
}

/** Whether the prefill of the graph has kernels that work on chunks: they are others then. */
function isChunked(graph: ReturnType<typeof bodyGraph>): boolean {
  const kernels = (recurrences: RecurrencePrefill): string =>
    JSON.stringify(planGraph(graph, { chunk: RUN, recurrences }).plan.kernels);
  return kernels('chunked') !== kernels('looped');
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

  const check = async (
    recurrence: Recurrence,
    sizes: Sizes,
    tokensOf: (i: number) => number,
    target: Target = DEFAULT_TARGET,
    unit = unitOf(recurrence),
  ) => {
    const graph = graphOf(recurrence.body, sizes);
    const chunked = await openGraph(opened.device, graph, { chunk: RUN, recurrences: 'chunked', target });
    const looped = await openGraph(opened.device, graph, { chunk: RUN, recurrences: 'looped' });
    for (const length of [1, unit - 1, unit, unit + 1, 3 * unit + 5]) {
      const tokens = Array.from({ length }, (_, i) => tokensOf(i));
      chunked.reference.reset();
      const expected = chunked.reference.run(tokens);
      const cut = Math.ceil(length / 3);
      const split = [tokens.slice(0, cut), tokens.slice(cut)].filter((run) => run.length > 0);
      const found = {
        chunked: relative(await prefill(chunked, [tokens]), expected),
        split: relative(await prefill(chunked, split), expected),
        looped: relative(await prefill(looped, [tokens]), expected),
      };
      for (const [mode, difference] of Object.entries(found))
        expect(difference, `${mode}, ${length} tokens`).toBeLessThan(TOLERANCE);
    }
  };

  const chunked = RECURRENCES.filter((each) => each.chunked);
  test.each(chunked)('$title', (each) => check(each, WIDE, (i) => (i * 7 + 3) % VOCAB));
  // Where workgroups have more memory than here, chunks are longer; those of these recurrences fit all the same.
  const roomy: Target = { ...DEFAULT_TARGET, maxSharedBytes: 32_768 };
  test.each(chunked.filter(({ class: name }) => name === 'V'))('$title, in longer chunks', (each) =>
    check(each, SMALL, (i) => (i * 7 + 3) % VOCAB, roomy, 2 * CHUNK_TOKENS),
  );
  test.each(STRESSES)('$title', (each) => check(each, SMALL, (i) => i % 2));
});

describe('at the size of published models', () => {
  const sizes = { heads: 2, per: 2, key: 128, value: 128 };
  let compiling: TestDevice;
  beforeAll(async () => {
    compiling = await openNullDevice();
  });
  afterAll(() => compiling.close());

  test.each(RECURRENCES.filter((each) => each.chunked && each.class !== 'D'))(
    '$title fits the default limits',
    async ({ body }) => {
      const { kernels } = planGraph(graphOf(body, sizes), { chunk: RUN, recurrences: 'chunked' }).plan;
      const own = kernels.filter(({ name }) => name.startsWith('body_') && name.endsWith('_prefill'));
      expect(own.length).toBeGreaterThan(1);
      for (const { wgsl, bindings } of own) {
        const shared = [...wgsl.matchAll(/^var<workgroup> \w+: array<f32, (\d+)>/gm)];
        expect(shared.reduce((sum, [, count]) => sum + 4 * Number(count), 0)).toBeLessThanOrEqual(16_384);
        expect(bindings.length).toBeLessThanOrEqual(8);
        expect(await shaderErrors(compiling.device, wgsl)).toEqual([]);
      }
    },
  );
});

test('what goes in chunks does, and only that', () => {
  for (const { body, title, chunked } of [...RECURRENCES, ...STRESSES])
    expect(isChunked(graphOf(body)), title).toBe(chunked);
});

test.each(RECURRENCE_KERNELS.map(({ class: name, kind }, entry) => ({ name, kind, entry })))(
  'class $name, $kind, is tested with constant decays and with decays of each token',
  ({ entry }) => {
    const own = RECURRENCES.map(({ body }) => entryOf(body)).filter((each) => each.entry === entry);
    expect(new Set(own.map(({ constant }) => constant))).toEqual(new Set([true, false]));
  },
);
