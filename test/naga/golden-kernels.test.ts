// Every kernel of the golden models, in every variant, is accepted by Dawn with all features on, and by wgpu's Naga.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_TARGET, type Target } from '../../compiler/kernels/template.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { GOLDEN_MODELS, goldenGraph } from '../golden/golden-models.ts';
import { openNullDevice, shaderErrors, type TestDevice } from '../support/device.ts';
import { askNaga, nagaMissing, type ShaderText } from '../support/naga.ts';
import { skipFor } from '../support/needs.ts';

const TARGETS: Readonly<Record<string, Target>> = {
  plain: DEFAULT_TARGET,
  subgroups: { ...DEFAULT_TARGET, subgroups: true },
  halves: { ...DEFAULT_TARGET, shaderF16: true },
  everything: { ...DEFAULT_TARGET, subgroups: true, shaderF16: true },
};

/** All texts, each once; the name says where it was met first. */
function goldenKernels(): readonly ShaderText[] {
  const texts = new Map<string, string>();
  for (const name of [...GOLDEN_MODELS, 'mixers'])
    for (const [called, target] of Object.entries(TARGETS))
      for (const dtype of ['f32', 'f16'] as const)
        for (const kernel of planGraph(goldenGraph(name), { dtype, target, chunk: 32 }).plan.kernels) {
          const code = kernel.wgsl.replace(/^\/\/.*\n/gm, '');
          if (!texts.has(code)) texts.set(code, `${name}, ${called}, ${dtype}: ${kernel.name}`);
        }
  return [...texts].map(([wgsl, name]) => ({ name, wgsl }));
}

const kernels = goldenKernels();

describe('Dawn', () => {
  let opened: TestDevice;
  beforeAll(async () => {
    opened = await openNullDevice();
  });
  afterAll(() => opened.close());

  it('accepts every kernel', async () => {
    for (const { name, wgsl } of kernels) expect(await shaderErrors(opened.device, wgsl), name).toEqual([]);
  });
});

const missing = nagaMissing();

describe.skipIf(skipFor(missing))(`Naga (${missing ?? 'installed'})`, () => {
  it('accepts every kernel that its device has the features for', async () => {
    const plain = kernels.filter(({ wgsl }) => !/^\s*(?:enable|requires)\b/m.test(wgsl));
    expect(plain.length).toBeGreaterThan(50);
    const verdicts = await askNaga(plain);
    expect(verdicts.filter(({ errors }) => errors.length > 0)).toEqual([]);
    expect(verdicts.length).toBe(plain.length);
  });
});
