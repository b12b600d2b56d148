// The decode kernels of every recurrent mixer, accepted by wgpu and Naga.
import { describe, expect, test } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import { graphOf } from '../check/graph-of.ts';
import { MIXER_DISPATCHES } from '../golden/mixer-dispatches.ts';
import { askNaga, nagaMissing, type ShaderText } from '../support/naga.ts';
import { skipFor } from '../support/needs.ts';

const missing = nagaMissing();

function kernelsOf({ small }: (typeof MIXER_DISPATCHES)[number]): readonly ShaderText[] {
  const text = `model small {\n  vocab 11\n  width 24\n  stripe X\n  X = ${small}\n}`;
  const { plan } = planGraph(graphOf(text), { chunk: 1 });
  const used = new Set(plan.programs.decode.map(({ kernel }) => kernel));
  return plan.kernels
    .filter((_, index) => used.has(index))
    .map(({ name, wgsl }) => ({ name: `${small}: ${name}`, wgsl }));
}

describe.skipIf(skipFor(missing))(`Naga (${missing ?? 'installed'})`, () => {
  test('accepts the decode kernels of every recurrent mixer', async () => {
    const kernels = MIXER_DISPATCHES.flatMap(kernelsOf);
    const verdicts = await askNaga(kernels);
    expect(verdicts.filter(({ errors }) => errors.length > 0)).toEqual([]);
    expect(verdicts.length).toBe(kernels.length);
  });
});
