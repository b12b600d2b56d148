// Mixtures of experts and the functions of routers in std/, with several settings each.
import type { StdCase } from './std-cases.ts';

const expert = ['gate_proj', 'up_proj', 'down_proj'];
const shared = expert.map((name) => `shared.${name}`);

/** A mixer that routes with a function of its own. */
const routed = (pick: string): string => `
mixer routed() {
  axis expert = 5
  part f = relu2_mlp(hidden: 6) per expert
  weight router : width -> expert
  return sum(${pick} * f(u), expert)
}`;

/** An expert that works in the space that a mixture gives it. */
const small = `
mixer small_mlp(inner, hidden) {
  input z : inner
  weight up_proj   : inner -> hidden
  weight down_proj : hidden -> inner
  return down_proj(relu(up_proj(z)))
}`;

const routedWeights = ['n', 'router', 'up_proj', 'down_proj'];

export const moeCases: readonly StdCase[] = [
  {
    covers: 'mixture',
    name: 'mixture',
    letter: 'mixture(swiglu(hidden: 7), experts: 4, count: 2)',
    weights: ['n', 'router', ...expert],
  },
  {
    covers: 'mixture',
    name: 'mixture-of-all-mass',
    letter:
      'mixture(swiglu(hidden: 7), experts: 5, count: 3, renormalise: false, shared: swiglu(hidden: 4), shared_gated: true)',
    weights: ['n', 'router', ...expert, ...shared, 'shared_gate'],
  },
  {
    covers: 'mixture',
    name: 'mixture-of-groups',
    letter:
      'mixture(swiglu(hidden: 7), experts: 8, count: 3, score: "sigmoid", floor: 1e-20, scale: 2.5, corrected: true, groups: 4, groups_kept: 2, shared: swiglu(hidden: 4))',
    weights: ['n', 'router', 'correction', ...expert, ...shared],
  },
  {
    covers: 'mixture',
    name: 'mixture-within-a-smaller-space',
    letter:
      'mixture(small_mlp(inner: 3, hidden: 6), experts: 4, count: 2, score: "sigmoid", latent: 3, latent_bias: true, shared: relu2_mlp(hidden: 5))',
    declarations: small,
    weights: [
      'n',
      'router',
      'latent_in',
      'latent_in.bias',
      'latent_out',
      'latent_out.bias',
      'up_proj',
      'down_proj',
      'shared.up_proj',
      'shared.down_proj',
    ],
  },
  {
    covers: 'clamped_swiglu',
    name: 'mixture-biased',
    letter: 'mixture(clamped_swiglu(hidden: 7), experts: 4, count: 2, router_bias: true)',
    weights: ['n', 'router', 'router.bias', ...expert, ...expert.map((name) => `${name}.bias`)],
  },
  {
    covers: 'clamped_swiglu',
    name: 'clamped_swiglu',
    letter: 'clamped_swiglu(hidden: 7, limit: 0.5, proj_bias: false)',
    weights: ['n', ...expert],
  },
  {
    covers: 'route',
    name: 'route',
    letter: 'routed()',
    declarations: routed('route(sigmoid(router(u)), expert, 2)'),
    weights: routedWeights,
  },
  {
    covers: 'softmax',
    name: 'softmax',
    letter: 'routed()',
    declarations: routed('softmax(router(u), expert)'),
    weights: routedWeights,
  },
];
