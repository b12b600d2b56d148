// Small mixtures of experts of every kind that kernels must get right: routers, biases, odd sizes, shared experts, groups.
import type { Graph } from '../../compiler/ir/graph.ts';
import { graphFrom } from './model-cases.ts';

export interface ExpertCase {
  readonly name: string;
  readonly graph: () => Graph;
  /** Of one layer in decode. */
  readonly dispatches: number;
}

function of(name: string, letter: string, dispatches: number, width = 12): ExpertCase {
  return { name, dispatches, graph: () => graphFrom([`width ${width}`, 'stripe X × 2', `X = ${letter}`]) };
}

export const EXPERT_CASES: readonly ExpertCase[] = [
  of('two of four experts', 'mixture(swiglu(hidden: 12), experts: 4, count: 2)', 4),
  of(
    'odd sizes, no renormalising',
    'mixture(swiglu(hidden: 7), experts: 5, count: 3, renormalise: false)',
    4,
    15,
  ),
  of('biases everywhere', 'mixture(clamped_swiglu(hidden: 9), experts: 4, count: 2, router_bias: true)', 4),
  of('one expert of many', 'mixture(relu2_mlp(hidden: 20), experts: 70, count: 1)', 4, 20),
  of(
    'corrected sigmoids of the best groups, beside a shared expert',
    'mixture(swiglu(hidden: 10), experts: 8, count: 3, score: "sigmoid", floor: 1e-20, scale: 2.5, corrected: true, groups: 4, groups_kept: 2, shared: swiglu(hidden: 6))',
    6,
  ),
  of(
    'a gated shared expert',
    'mixture(swiglu(hidden: 10), experts: 4, count: 2, shared: swiglu(hidden: 6), shared_gated: true)',
    6,
  ),
  of('all experts', 'mixture(swiglu(hidden: 6), experts: 3, count: 3)', 3),
];
