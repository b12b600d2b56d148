// Recurrences on the software adapter: for every entry of the table chunked prefill, prefill position by position and the decode step all give what the
// reference executor does, whole and split at random places, for runs around the chunk's length, with decays near zero and with repeated keys.
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import type { RecurrencePrefill } from '../../compiler/kernels/kernel-draft.ts';
import { CHUNK_TOKENS } from '../../compiler/kernels/chunk-sizes.ts';
import { DEFAULT_TARGET, type Target } from '../../compiler/kernels/template.ts';
import { entryFor, RECURRENCE_KERNELS } from '../../compiler/kernels/recurrence-kernels.ts';
import { SCAN_SIZES } from '../../compiler/kernels/scan-tuning.ts';
import { reachable } from '../../compiler/ir/rewrite.ts';
import { isRefused } from '../../compiler/recurrence/affine.ts';
import { isCoupled, recurrenceForm } from '../../compiler/recurrence/coupled-form.ts';
import { openNullDevice, openSoftwareDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { bodyGraph, VOCAB } from '../plan/body-graph.ts';
import { type GraphRun, openGraph } from '../plan/run-graph.ts';
import { COUPLED, READ_TWICE, UNCHUNKED } from './coupled.ts';
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

/** Neither keys nor values fill their tiles, and there are several of both; elements that go by themselves are spread over lanes. */
const WIDE = { heads: 2, per: 2, key: 20, value: 18 };
/** One tile of each, not filled. */
const NARROW = { heads: 2, per: 2, key: 6, value: 5 };
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
  const form = recurrenceForm(scan.attrs);
  if (node === undefined || isRefused(form)) throw new Error('no normal form');
  const found = entryFor(form, node);
  const decays = isCoupled(form)
    ? form.matrix.flat().flatMap((factor) => factor ?? [])
    : form.steps.map((step) => step.decay);
  const decay = reachable(form.coefficients, decays);
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
  if (found.length !== expected.length) return Infinity;
  return largest === 0 ? difference : difference / largest;
}

/** Puts the runs through a session from its start, short ones token by token; the logits of every position. */
async function logitsOf(
  { session }: GraphRun,
  runs: readonly (readonly number[])[],
  short = 0,
): Promise<number[]> {
  await session.reset();
  const logits: number[] = [];
  for (const run of runs)
    if (run.length > short) logits.push(...(await session.prefillAll(run)));
    else
      for (const token of run) {
        await session.decode(token);
        logits.push(...(await session.logits()));
      }
  return logits;
}

/** The tokens cut into runs at the places that lie within them. */
function splitAt(tokens: readonly number[], cuts: readonly number[]): readonly (readonly number[])[] {
  const places = [...new Set([0, ...cuts.filter((cut) => cut < tokens.length)])].toSorted((a, b) => a - b);
  return places.map((place, i) => tokens.slice(place, places[i + 1]));
}

interface Case {
  readonly body: string;
  readonly sizes: Sizes;
  /** Tokens that are worked on together. */
  readonly unit: number;
  readonly tokens?: (i: number) => number;
  readonly target?: Target;
  readonly modes?: readonly ('chunked' | 'looped')[];
}

describe.skipIf(skipFor(missing))(`chunked recurrences (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  /** All lengths are beginnings of one run of random tokens; the decode step goes through it once, and so is right for each of them. */
  const check = async ({
    body,
    sizes,
    unit,
    tokens: tokensOf,
    target,
    modes = ['chunked', 'looped'],
  }: Case) => {
    const graph = graphOf(body, sizes);
    const opening = modes.map(async (mode) => {
      const options = { chunk: RUN, recurrences: mode, ...(mode === 'chunked' && target ? { target } : {}) };
      return [mode, await openGraph(opened.device, graph, options)] as const;
    });
    const runs = await Promise.all(opening);
    const lengths = [1, unit - 1, unit, unit + 1, 3 * unit + 5];
    const longest = 3 * unit + 5;
    const token = fc.nat(VOCAB - 1);
    const drawn = fc.array(token, { minLength: longest, maxLength: longest });
    const stream =
      tokensOf === undefined ? drawn : fc.constant(Array.from({ length: longest }, (_, i) => tokensOf(i)));
    const cuts = fc.array(fc.nat(longest), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(stream, cuts, async (tokens, places) => {
      const [first] = runs;
      if (first === undefined) throw new Error('nothing to run');
      const { reference } = first[1];
      reference.reset();
      const whole = reference.run(tokens);
      const expectClose = (found: readonly number[], what: string): void =>
        expect(relative(found, whole.slice(0, found.length)), what).toBeLessThan(TOLERANCE);
      expectClose(await logitsOf(first[1], [tokens], longest), 'one token after the other');
      for (const length of lengths) {
        const part = tokens.slice(0, length);
        const split = splitAt(part, places);
        for (const [mode, run] of runs) {
          expectClose(await logitsOf(run, [part]), `${mode}, ${length} tokens`);
          if (mode === 'chunked' || modes.length === 1 || length === longest)
            expectClose(
              await logitsOf(run, split, 2),
              `${mode}, split before ${places.join(', ')} of ${length}`,
            );
        }
      }
    });
    await fc.assert(property, { seed: 17, numRuns: 1, endOnFailure: true });
  };

  const chunked = [...RECURRENCES, ...COUPLED, ...READ_TWICE].filter((each) => each.chunked);
  // One recurrence of each entry of the table, and all whose elements go by themselves, in several tiles.
  const entries = chunked.map(({ body }) => entryOf(body).entry);
  const sizesOf = (each: Recurrence): Sizes =>
    each.class === 'D' || entries.indexOf(entryOf(each.body).entry) === chunked.indexOf(each) ? WIDE : NARROW;
  test.each(chunked)('$title', (each) => check({ ...each, sizes: sizesOf(each), unit: unitOf(each) }));
  // Where workgroups have more memory than here, chunks are longer; those of these recurrences fit all the same.
  const roomy: Target = { ...DEFAULT_TARGET, maxSharedBytes: 32_768 };
  test.each(chunked.filter(({ class: name }) => name === 'V'))('$title, in longer chunks', ({ body }) =>
    check({ body, sizes: SMALL, unit: 2 * CHUNK_TOKENS, target: roomy }),
  );
  test.each(STRESSES)('$title', (each) =>
    check({ ...each, sizes: SMALL, unit: unitOf(each), tokens: (i) => i % 2 }),
  );
  test.each(UNCHUNKED)('$title, without chunks', ({ body }) =>
    check({ body, sizes: WIDE, unit: SCAN_SIZES.tokens, modes: ['looped'] }),
  );
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
  for (const { body, title, chunked } of [...RECURRENCES, ...COUPLED, ...READ_TWICE, ...STRESSES])
    expect(isChunked(graphOf(body)), title).toBe(chunked);
  for (const { body, title } of UNCHUNKED) expect(isChunked(graphOf(body)), title).toBe(false);
});

test.each(RECURRENCE_KERNELS.map(({ class: name, kind }, entry) => ({ name, kind, entry })))(
  'class $name, $kind, is tested with constant decays and with decays of each token',
  ({ entry }) => {
    const own = [...RECURRENCES, ...COUPLED]
      .map(({ body }) => entryOf(body))
      .filter((each) => each.entry === entry);
    expect(new Set(own.map(({ constant }) => constant))).toEqual(new Set([true, false]));
  },
);
