// The cases of the complex state spaces of std/.
import type { StdCase } from './std-cases.ts';

const gatedOutput = ['output_gated.a', 'output_gated.a.bias', 'output_gated.b', 'output_gated.b.bias'];

const streams = ['x2', 'x1', 'v'].flatMap((name) => [
  name,
  `${name}.bias`,
  `short_${name}`,
  `short_${name}.bias`,
]);
const modal = ['poles.re', 'poles.im', 'residues.re', 'residues.im'];
const output = ['out_filter_dense', 'out_filter_dense.bias'];
const gssWeights = ['Lambda_real', 'Lambda_imag', 'C_real', 'C_imag', 'inner_norm', 'inner_norm.bias'].concat(
  ['D', 'to_gate', 'to_out', 'to_out.bias'],
);

const unbiased = streams.filter((name) => !name.endsWith('bias'));
const h3Weights = ['q_proj', 'k_proj', 'v_proj']
  .flatMap((name) => [name, `${name}.bias`])
  .concat(['shift_B', 'shift_C', 'shift_D', 'A_real', 'A_imag'])
  .concat(['B.re', 'B.im', 'C.re', 'C.im', 'log_dt', 'D']);

export const stateSpaceCases: readonly StdCase[] = [
  {
    name: 's4d',
    covers: 's4d',
    letter: 's4d(state: 6)',
    weights: ['n', 'A_real', 'A_imag', 'B.re', 'B.im', 'C.re', 'C.im', 'inv_dt', 'D', ...gatedOutput],
  },
  {
    name: 's4d-other-options',
    covers: 's4d',
    letter: 's4d(state: 4, disc: "bilinear", dt: "exp", sign: 1, learned_input: false, glu: false)',
    weights: ['n', 'A_real', 'A_imag', 'C.re', 'C.im', 'inv_dt', 'D', 'output_linear', 'output_linear.bias'],
  },
  {
    name: 'dss',
    covers: 'dss',
    letter: 'dss(state: 5, glu: true)',
    weights: [
      'n',
      'Lambda_log_neg_re',
      'Lambda_im',
      'log_dt',
      'log_dt_im',
      'W.re',
      'W.im',
      'D',
      ...gatedOutput,
    ],
  },
  {
    name: 's5',
    covers: 's5',
    letter: 's5(state: 8, activation: "full_glu")',
    weights: [
      'n',
      'Lambda_re',
      'Lambda_im',
      'log_step',
      'B.re',
      'B.im',
      'C.re',
      'C.im',
      'D',
      'out1',
      'out1.bias',
      'out2',
      'out2.bias',
    ],
  },
  {
    name: 'mamba3',
    covers: 'mamba3',
    letter: 'mamba3(heads: 4, state: 6)',
    weights: [
      'n',
      ...['z', 'x', 'B', 'C', 'dt', 'a', 'trap', 'angle'].map((term) => `in_proj.${term}`),
      'dt_bias',
      'D',
      'B_bias',
      'C_bias',
      'B_norm',
      'C_norm',
      'out_proj',
    ],
  },
  {
    name: 'stripedhyena',
    covers: 'stripedhyena',
    letter: 'stripedhyena(blocks: 3)',
    weights: ['n', ...streams, ...modal, 'D', ...output],
  },
  {
    name: 'stripedhyena-shared',
    covers: 'stripedhyena',
    letter: 'stripedhyena(state: 1, groups: 2, short: 4, short_bias: false, blocks: 6)',
    weights: ['n', ...streams.filter((name) => !/^short.*bias$/.test(name)), ...modal, 'D', ...output],
  },
  {
    name: 'gss',
    covers: 'gss',
    letter: 'gss(hidden: 5, inner: 4, state: 3)',
    weights: ['n', 'to_u', 'to_v', ...gssWeights],
  },
  {
    name: 'gss-other-options',
    covers: 'gss',
    letter: 'gss(hidden: 5, inner: 4, state: 3, exponential: false)',
    weights: ['n', 'to_u', 'to_v', ...gssWeights],
  },
  {
    name: 'stripedhyena2-long',
    covers: 'stripedhyena2',
    letter: 'stripedhyena2(state: 3)',
    weights: ['n', ...unbiased, 'log_poles', 'residues', 'D', ...output],
  },
  {
    name: 'stripedhyena2-medium',
    covers: 'stripedhyena2',
    letter: 'stripedhyena2(reach: "medium", length: 5, groups: 2, blocks: 6, flip: true, out_bias: false)',
    weights: ['n', ...unbiased, 'far', 'D', 'out_filter_dense'],
  },
  {
    name: 'stripedhyena2-short',
    covers: 'stripedhyena2',
    letter:
      'stripedhyena2(reach: "short", length: 4, groups: 4, blocks: 2, short: 2, short_bias: true, proj_bias: true)',
    weights: ['n', ...streams, 'near', ...output],
  },
  {
    name: 'h3',
    covers: 'h3',
    letter: 'h3(state: 4)',
    weights: ['n', ...h3Weights, 'output_linear', 'output_linear.bias'],
  },
  {
    name: 'h3-other-options',
    covers: 'h3',
    letter: 'h3(state: 2, head_dim: 2, systems: 3, disc: "zoh", real: "softplus")',
    weights: ['n', ...h3Weights, 'output_by_column', 'output_by_column.bias'],
  },
  {
    name: 'h3-by-head',
    covers: 'h3',
    letter: 'h3(state: 2, head_dim: 3, real: "relu", by_column: false)',
    weights: ['n', ...h3Weights, 'output_linear', 'output_linear.bias'],
  },
];
