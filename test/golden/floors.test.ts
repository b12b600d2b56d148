// The floors: how many dispatches each mixer costs in decode, fused, and that fusion only ever lowers the number.
import { describe, expect, it } from 'vitest';
import { planGraph } from '../../compiler/plan-graph.ts';
import type { Plan } from '../../runtime/plan.ts';
import { modelGraphs } from '../fuse/model-bodies.ts';
import { goldenGraph } from './golden-models.ts';

/** Dispatches of each layer in decode, by the layer's letter. */
function perLayer(plan: Plan): ReadonlyMap<string, readonly number[]> {
  const layers = new Map<string, Map<number, number>>();
  for (const { layer, label } of plan.programs.decode) {
    if (layer === null) continue;
    const counts = layers.get(label) ?? new Map<number, number>();
    counts.set(layer, (counts.get(layer) ?? 0) + 1);
    layers.set(label, counts);
  }
  return new Map([...layers].map(([label, counts]) => [label, [...counts.values()]]));
}

function ends(plan: Plan): number {
  return plan.programs.decode.filter(({ layer }) => layer === null).length + plan.programs.sample.length;
}

/** The most dispatches that a letter of these models may cost. */
const FLOORS: Readonly<Record<string, number>> = {
  SSM: 4,
  SWA: 4,
  FULL: 4,
  ATT: 4,
  MLP: 2,
  GLU: 2,
  RET: 3,
  REC: 3,
  CONV: 2,
  GMU: 2,
  CROSS: 4,
  MIX: 4,
  MOE: 4,
  GDN: 3,
  PRE: 2,
  POST: 2,
  HYENA: 2,
  GSS: 5,
  MEGA: 5,
  SE: 2,
  MR: 4,
  LI: 2,
  H3: 4,
  FIRST: 4,
};

/** Letters of one model that cost less or more: Mamba-2, Mamba with norms of its own inside, RWKV's channel mix, experts in a space of their own, two mixers side by side, norms behind the sum. */
const OF_MODEL: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  mamba2: { SSM: 3 },
  falcon_mamba: { SSM: 5 },
  rwkv4: { MLP: 3 },
  rwkv6_pth: { MIX: 6, MLP: 3 },
  deepseek_v3: { ATT: 5, MOE: 6 },
  nemotron_h: { MOE: 6 },
  olmo_hybrid: { ATT: 5, POST: 3 },
  gemma2: { SWA: 5, ATT: 5, MLP: 3 },
  falcon_h1: { BOTH: 7 },
  gpt_neox: { BOTH: 6 },
  phi: { BOTH: 5 },
  hymba: { GLOBAL: 9, LOCAL: 9, BORROW: 9 },
  zamba: { HYBRID: 13, SSM: 5 },
  zamba2: { HYBRID: 14, SSM: 3 },
  mega: { MLP: 3 },
  m2_bert: { MLP: 3 },
  xlstm: { MLSTM: 6, FUSED: 6, FUSED_MLP: 2 },
};

/** What comes before the layers and behind them, where that is more than the embedding, the head and the choice: a head of two maps, and a pooled value. */
const ENDS: Readonly<Record<string, number>> = { m2_bert: 7 };

describe('dispatches per token', () => {
  const graphs = modelGraphs().filter(([name]) => name !== 'mixers');
  it.each(graphs.map(([name, graph]) => ({ name, graph })))('of $name', ({ name, graph }) => {
    const { plan } = planGraph(graph, {});
    for (const [label, counts] of perLayer(plan))
      for (const count of counts) expect(count, label).toBeLessThanOrEqual(floorOf(name, label));
    expect(ends(plan)).toBe(ENDS[name.split(' ')[0] ?? ''] ?? 3);
  });

  it('of attention with a norm on each head whose positions are split', () => {
    const { plan } = planGraph(goldenGraph('full-attention'), {});
    expect(plan.kernels.map(({ name }) => name)).toContain('att_attended_join_decode');
    expect(perLayer(plan).get('ATT')).toEqual([4, 4]);
  });

  it('are fewer fused than not', () => {
    for (const name of ['tiny-samba', 'full-attention', 'parallel-block', 'mixers']) {
      const graph = goldenGraph(name);
      const [fused, unfused] = [true, false].map((fuse) => planGraph(graph, { fuse }).plan.programs);
      for (const list of ['decode', 'prefill', 'last', 'all'] as const)
        expect(fused?.[list].length, `${name} ${list}`).toBeLessThanOrEqual(unfused?.[list].length ?? 0);
      expect(fused?.decode.length).toBeLessThan((unfused?.decode.length ?? 0) / 2);
    }
  });
});

/** A layer of several letters may cost what they cost together. */
function floorOf(name: string, label: string): number {
  const floors = { ...FLOORS, ...OF_MODEL[name.split(' ')[0] ?? ''] };
  return label.split(/\W+/).reduce((sum, letter) => sum + (floors[letter] ?? 0), 0);
}
