// What long convolutions take: the form that counting chooses, the memory of long runs, and what is said of both.
import { describe, expect, it } from 'vitest';
import { planGraph, type PlannedGraph } from '../../compiler/plan-graph.ts';
import type { ConvolutionPrefill } from '../../compiler/kernels/longconv/choose.ts';
import { convolutionSummaries } from '../../compiler/report/convolutions.ts';
import { axis } from '../ir/helpers.ts';
import { planFaults } from '../support/check-plan.ts';
import { type LongConvCase, longConvGraph } from './cases.ts';

const CHANNELS = axis('d', 256);

type Asked = Partial<LongConvCase> & { readonly taps: number; readonly convolutions?: ConvolutionPrefill };

function planned(of: Asked): PlannedGraph {
  const { taps, channels = [CHANNELS], context = 4096, chunk, convolutions = 'auto' } = of;
  const graph = longConvGraph({ name: '', channels, filters: [{ taps }], context, gated: true });
  return planGraph(graph, { context, convolutions, ...(chunk !== undefined && { chunk }) });
}

describe('a long convolution', () => {
  it.each([
    { what: 'few taps', taps: 12, form: 'direct' },
    { what: 'as many taps as one workgroup transforms', taps: 1024, chunk: 1024, form: 'window' },
    { what: 'more of them', taps: 4096, form: 'blocks' },
    { what: 'more of them in one run', taps: 4096, chunk: 4096, form: 'four-step' },
  ])('of $what: $form', ({ form, ...of }) => {
    const [summary] = convolutionSummaries(planned(of));
    expect(summary?.form, summary?.prefill).toBe(form);
  });

  it.each([
    ['toeplitz', /^toeplitz \(.*\): as asked for of/],
    ['window', /^blocks \(.*\): window does not fit here, so the fewest steps of/],
  ] as const)('for which %s is asked says whether it fits', (convolutions, text) => {
    const [summary] = convolutionSummaries(planned({ taps: 4096, convolutions }));
    expect(summary?.prefill).toMatch(text);
  });

  it('says what it costs', () => {
    const [summary] = convolutionSummaries(planned({ taps: 4096 }));
    expect(summary).toMatchInlineSnapshot(`
      {
        "ahead": 0,
        "back": 4095,
        "body": "body",
        "channels": 256,
        "decode": "exact, in tiles: 66k products a token on average for tiles of up to 512 positions; larger tiles by transforms of blocks",
        "filters": 256,
        "form": "blocks",
        "name": "longconv",
        "prefill": "blocks (by transforms of blocks): the fewest steps of direct 250k, toeplitz 351k, blocks 47k, blocks-matrices 52k, four-step 72k, four-step-matrices 112k for 1024 tokens; workgroups: transforms 384, products 128",
        "sites": 1,
      }
    `);
  });

  it('of 32,768 positions in one run takes no more than a few activations', () => {
    const length = 32_768;
    const { plan } = planned({ taps: length, context: length, chunk: length, channels: [axis('d', 64)] });
    expect(planFaults(plan)).toEqual([]);
    const one = 4 * 64 * length;
    const bytes = plan.buffers
      .filter(({ use, name }) => use === 'activations' && name.startsWith('activations_many'))
      .reduce((sum, buffer) => sum + buffer.bytes, 0);
    expect(bytes / one).toBeLessThan(9);
    expect(plan.requires.limits).toEqual({});
  });
});
