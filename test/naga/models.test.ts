// Every kernel of whole models, accepted by wgpu and Naga.
import { describe, expect, test } from 'vitest';
import { compileFile } from '../../cli/pipeline.ts';
import { skipFor } from '../support/needs.ts';
import { askNaga, nagaMissing } from '../support/naga.ts';

const missing = nagaMissing();
const silent = { out: () => undefined, error: () => undefined, isScreen: false, color: false };

// Naga's software driver has no f16 and no subgroups, so these are the kernels that every device can run.
const MODELS = [
  { file: 'examples/samba-stories/samba.hyb', dtype: 'f32' },
  { file: 'examples/samba-stories/samba.hyb', dtype: 'f16' },
  { file: 'std/models/llama.hyb', dtype: 'f32', config: 'test/fixtures/llama/config.json' },
] as const;

describe.skipIf(skipFor(missing))(`wgpu and Naga (${missing ?? 'installed'})`, () => {
  test.each(MODELS)('accept every kernel of $file in $dtype', async ({ file, ...options }) => {
    const { plan } = compileFile({ file, options }, silent);
    const verdicts = await askNaga(plan.kernels);
    expect(verdicts.length).toBe(plan.kernels.length);
    expect(verdicts.filter(({ errors }) => errors.length > 0)).toEqual([]);
  });
});
