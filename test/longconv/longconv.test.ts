// Long convolutions on the software adapter: prefill, split prefill, tokens one by one, and all in turn, mean what the reference executor says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planFaults } from '../support/check-plan.ts';
import { openSoftwareDevice, type TestDevice } from '../support/device.ts';
import { skipFor, softwareAdapterMissing } from '../support/needs.ts';
import { largestDifference } from '../ir/helpers.ts';
import { openGraph } from '../plan/run-graph.ts';
import { LONG_CONV_FORMS, type LongConvForm } from '../../compiler/kernels/longconv-kernels.ts';
import type { ConvolutionPrefill } from '../../compiler/kernels/longconv/choose.ts';
import { LONG_CONV_CASES, type LongConvCase, longConvGraph, PENDING_CASES } from './cases.ts';

const missing = softwareAdapterMissing();
const CHUNK = 13;

/** The Fourier forms have tests of their own (test/fft); here it is that they are given what they need. */
function casesFor(form: LongConvForm): readonly LongConvCase[] {
  if (form === 'direct' || form === 'toeplitz') return LONG_CONV_CASES;
  const wanted = form.endsWith('matrices')
    ? ['as long as the sequence']
    : ['a ring that wraps', 'as long as the sequence', 'a filter for a group', 'two filters', 'oldest first'];
  return LONG_CONV_CASES.filter(({ name }) => wanted.includes(name));
}

const ones = (count: number): readonly number[] => Array.from({ length: count }, () => 1);

describe.skipIf(skipFor(missing))(`long convolutions (${missing ?? 'on the software adapter'})`, () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openSoftwareDevice();
  });
  afterAll(() => opened.close());

  describe.each(LONG_CONV_FORMS)('%s', (form) => {
    it.each(casesFor(form))('$name', async (each) => {
      await expectSame(each, [[each.context], [11, 1, 1, 5, 3, 1]], form);
    });
  });

  it.each(PENDING_CASES.flatMap((each) => each.forms.map((form) => ({ ...each, form }))))(
    '$name, prefill $form',
    async ({ form, ...each }) => {
      await expectSame(each, [[67, ...ones(30), 5, ...ones(1000)]], form);
    },
  );

  it('goes back by any number of tokens, and to a snapshot, with the sums that wait made again', async () => {
    const each = PENDING_CASES[0]!;
    const { context } = each;
    const run = await openGraph(opened.device, longConvGraph(each), { chunk: CHUNK, context });
    const { session, reference, plan } = run;
    const { vocab } = plan;
    const text = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 5 + 2) % vocab);
    const expectTokens = async (tokens: readonly number[]): Promise<void> => {
      reference.reset();
      const expected = reference.run(tokens);
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const difference = largestDifference(await session.logits(), expected.slice(-vocab));
      expect(difference / scale).toBeLessThan(1e-5);
    };
    await session.prefill(text(120));
    for (const token of [1, 2, 3, 4, 5]) await session.decode(token);
    const snapshot = await session.snapshot();
    for (const token of [6, 7, 8]) await session.decode(token);
    expect(await session.rollback(50)).toBe(0);
    for (const token of [9, 10, 0]) await session.decode(token);
    await expectTokens([...text(78), 9, 10, 0]);
    await session.restore(snapshot);
    for (const token of [3, 3, 1]) await session.decode(token);
    await expectTokens([...text(120), 1, 2, 3, 4, 5, 3, 3, 1]);
    const drawn: number[] = [];
    for await (const token of session.generate([], { maxTokens: 9, tokensPerReadback: 4 })) drawn.push(token);
    await session.rollback(3);
    await session.decode(2);
    await expectTokens([...text(120), 1, 2, 3, 4, 5, 3, 3, 1, ...drawn.slice(0, -3), 2]);
    snapshot.destroy();
  });

  /** Each of the ways to cut the sequence into runs, in turn; a run of 1 is a token by itself. */
  async function expectSame(
    each: LongConvCase,
    ways: readonly (readonly number[])[],
    convolutions: ConvolutionPrefill = 'auto',
  ): Promise<void> {
    const { context, chunk = CHUNK } = each;
    const run = await openGraph(opened.device, longConvGraph(each), { chunk, context, convolutions });
    const { session, reference, plan } = run;
    const { vocab } = plan;
    expect(planFaults(plan)).toEqual([]);
    const tokens = Array.from({ length: each.context }, (_, i) => (i * 7 + 3) % vocab);
    const expected = reference.run(tokens);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const runs of ways) {
      await session.reset();
      const logits: number[] = [];
      for (let at = 0, i = 0; at < tokens.length; i++) {
        const count = Math.min(runs[i % runs.length] ?? 1, tokens.length - at);
        const own = tokens.slice(at, at + count);
        if (count > 1) logits.push(...(await session.prefillAll(own)));
        else {
          await session.decode(own[0]);
          logits.push(...(await session.logits()));
        }
        at += count;
      }
      expect(largestDifference(logits, expected) / scale, `${each.name}: ${runs.join(' ')}`).toBeLessThan(
        1e-5,
      );
    }
  }
});
