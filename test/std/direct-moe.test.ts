// Mixtures of experts of std/, run by the reference executor, against the rules of published routers written out by hand.
import { test } from 'vitest';
import { silu } from './direct.ts';
import { mixture, type Mixture } from './direct-moe.ts';
import { expectSame, runLayer } from './run-layer.ts';

const swiglu = (gate: number, up: number): number => silu(gate) * up;
const clamped = (gate: number, up: number): number => {
  const [g, u] = [Math.min(gate, 0.3), Math.min(Math.max(up, -0.3), 0.3)];
  return ((u + 1) * g) / (1 + Math.exp(-1.702 * g));
};

const base = { experts: 6, count: 2, hidden: 7, score: 'softmax', activate: swiglu } as const;

const cases: readonly (readonly [model: string, letter: string, options: Mixture])[] = [
  ['Mixtral, MiniMax', 'mixture(swiglu(hidden: 7), experts: 6, count: 2)', base],
  [
    'Jamba, Qwen2-MoE without its shared expert',
    'mixture(swiglu(hidden: 7), experts: 6, count: 3, renormalise: false)',
    { ...base, count: 3, renormalise: false },
  ],
  [
    'Qwen3-Next',
    'mixture(swiglu(hidden: 7), experts: 6, count: 2, shared: swiglu(hidden: 5), shared_gated: true)',
    { ...base, shared: 5, sharedGated: true },
  ],
  [
    'Granite',
    'mixture(swiglu(hidden: 7), experts: 6, count: 2, shared: swiglu(hidden: 5))',
    { ...base, shared: 5 },
  ],
  [
    'gpt-oss',
    'mixture(clamped_swiglu(hidden: 7, limit: 0.3), experts: 6, count: 2, router_bias: true)',
    { ...base, activate: clamped },
  ],
  [
    'DeepSeek-V2',
    'mixture(swiglu(hidden: 7), experts: 6, count: 2, renormalise: false, scale: 16, groups: 3, groups_kept: 2, group_best: 1)',
    { ...base, renormalise: false, scale: 16, groups: 3, groupsKept: 2, groupBest: 1 },
  ],
  [
    'DeepSeek-V3, Kimi',
    'mixture(swiglu(hidden: 7), experts: 12, count: 4, score: "sigmoid", floor: 1e-20, scale: 2.5, corrected: true, groups: 4, groups_kept: 2)',
    { ...base, experts: 12, count: 4, score: 'sigmoid', floor: 1e-20, scale: 2.5, groups: 4, groupsKept: 2 },
  ],
  [
    'LFM2',
    'mixture(swiglu(hidden: 7), experts: 6, count: 2, score: "sigmoid", floor: 1e-6, corrected: true)',
    { ...base, score: 'sigmoid', floor: 1e-6 },
  ],
];

test.each(cases)('the router of %s', (_, letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(
    y,
    u.map((x) => mixture(x, options, w)),
  );
});

test('a clamped gated MLP', () => {
  const { u, y, w } = runLayer('clamped_swiglu(hidden: 7, limit: 0.3)');
  const single = { ...base, experts: 1, count: 1, activate: clamped };
  // One expert that is always chosen: the MLP by itself.
  const alone = (name: string, indices: Readonly<Record<string, number>>): number =>
    name.startsWith('f.') ? w(name.slice(2), indices) : 0;
  expectSame(
    y,
    u.map((x) => mixture(x, single, alone)),
  );
});
