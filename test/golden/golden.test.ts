// Every stage of three small models, as text that is kept: UPDATE=1 writes it anew, and the difference is read like code.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { printGraph } from '../../compiler/ir/print.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { planFaults, SEQUENCES, shadowFaults } from '../support/check-plan.ts';
import { GOLDEN_MODELS, goldenGraph } from './golden-models.ts';
import { printGroups, printKernels, printPlan } from './print-stages.ts';

/** Texts by file name. */
function stagesOf(name: string): Readonly<Record<string, string>> {
  const { graph, fused, plan } = planGraph(goldenGraph(name), { chunk: 32 });
  return {
    'graph.txt': printGraph(graph),
    'fused.txt': printGraph(fused),
    'groups.txt': printGroups(fused),
    'plan.txt': printPlan(plan),
    'kernels.wgsl': printKernels(plan),
  };
}

describe.each(GOLDEN_MODELS)('%s', (name) => {
  const stages = stagesOf(name);

  it.each(Object.keys(stages))('keeps its %s', (stage) => {
    const file = new URL(`${name}.${stage}`, import.meta.url);
    const text = stages[stage] ?? '';
    if (process.env['UPDATE'] === '1') writeFileSync(file, text);
    expect(existsSync(file), `${stage} is there; UPDATE=1 writes it`).toBe(true);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('gives the same bytes again', () => {
    const [first, second] = [0, 1].map(() => JSON.stringify(planGraph(goldenGraph(name), {}).plan));
    expect(second).toBe(first);
  });

  it.each([
    [{}],
    [{ dtype: 'f16' }],
    [{ chunk: 1 }],
    [{ chunk: 256, fuse: false }],
    [{ context: 1 }],
  ] as const)('has a plan without faults under %j', (options) => {
    const { plan } = planGraph(goldenGraph(name), options);
    expect(planFaults(plan)).toEqual([]);
    for (const lists of Object.values(SEQUENCES)) expect(shadowFaults(plan, lists)).toEqual([]);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

describe('every mixer of the library', () => {
  it.each([[{}], [{ dtype: 'f16', chunk: 7 }], [{ fuse: false }]] as const)(
    'has a plan without faults under %j',
    (options) => {
      const { plan } = planGraph(goldenGraph('mixers'), options);
      expect(planFaults(plan)).toEqual([]);
      for (const lists of Object.values(SEQUENCES)) expect(shadowFaults(plan, lists)).toEqual([]);
    },
  );
});
