// Small models around everything that std/ declares, each with several settings of its options.
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { megaCases } from './mega-cases.ts';
import { longConvCases } from './long-conv-cases.ts';
import { moeCases } from './moe-cases.ts';
import { recurrenceCases } from './recurrence-cases.ts';
import { stateSpaceCases } from './state-space-cases.ts';

export interface StdCase {
  /** Also the name of its golden. */
  readonly name: string;
  /** What of std/ it is about, and what of it that uses. */
  readonly covers: string | readonly string[];
  /** What the letter X is bound to. */
  readonly letter: string;
  /** A letter M that every layer has before X. */
  readonly beside?: string;
  /** Further statements of the model. */
  readonly statements?: string;
  /** Further declarations of the file. */
  readonly declarations?: string;
  readonly config?: ConstantObject;
  /** Exactly the weights that one layer has: options that are off leave none. */
  readonly weights: readonly string[];
}

const attentionWeights = ['q_proj', 'k_proj', 'v_proj', 'o_proj'];
const biased = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, `${name}.bias`]);
const mambaWeights = [
  'in_proj.0',
  'in_proj.1',
  'conv1d',
  'conv1d.bias',
  'x_proj.0',
  'x_proj.1',
  'x_proj.2',
].concat(['dt_proj', 'dt_proj.bias', 'A_log', 'D', 'out_proj']);
const gatedWeights = ['gate_proj', 'up_proj', 'down_proj'];

export const llama3Scaling = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 16,
};

const attentionCases: readonly StdCase[] = [
  { name: 'attention', letter: 'attention(heads: 3)', weights: attentionWeights },
  {
    name: 'attention-multi-query',
    letter: 'attention(heads: 6, kv_heads: 1, rope: 100, window: 3)',
    weights: attentionWeights,
  },
  {
    name: 'attention-grouped',
    letter:
      'attention(heads: 6, kv_heads: 2, part: 4, rope: 10_000, rotary: 2, qkv_bias: true, out_bias: true)',
    weights: biased(attentionWeights),
  },
  {
    name: 'attention-normed',
    letter: 'attention(heads: 4, kv_heads: 2, part: 6, value: 5, rope: 1_000, qk_norm: true, scale: 0.3)',
    weights: [...attentionWeights, 'q_norm', 'k_norm'],
  },
  {
    name: 'attention-scaled',
    letter: 'attention(heads: 2, kv_heads: 1, part: 8, rope: 10_000, scaling: config.rope_scaling)',
    config: { rope_scaling: llama3Scaling },
    weights: attentionWeights,
  },
  {
    name: 'attention-interleaved',
    letter: 'attention(heads: 3, part: 4, rope: 10_000, style: "interleaved", window: 1)',
    weights: attentionWeights,
  },
  {
    name: 'attention-gated',
    letter:
      'attention(heads: 4, kv_heads: 2, rope: 100, rotary: 2, part: 4, qk_norm: "centered", gate: true)',
    weights: [...attentionWeights, 'gate_proj', 'q_norm', 'k_norm'],
  },
  {
    name: 'attention-sinks',
    letter: 'attention(heads: 4, kv_heads: 2, window: 3, sinks: true, softcap: 5)',
    weights: [...attentionWeights, 'sink'],
  },
  {
    name: 'attention-normed-whole',
    letter: 'attention(heads: 4, kv_heads: 2, qk_norm: "whole")',
    weights: [...attentionWeights, 'q_norm_whole', 'k_norm_whole'],
  },
  {
    name: 'attention-normed-layer',
    letter: 'attention(heads: 2, qk_norm: "layer")',
    weights: [...attentionWeights, ...biased(['q_norm', 'k_norm'])],
  },
].map((each) => ({ covers: 'attention', ...each, weights: ['n', ...each.weights] }));

const lambdas = ['lambda_q1', 'lambda_k1', 'lambda_q2', 'lambda_k2'];
const latentWeights = ['kv_down', 'k_turned', 'kv_norm', 'k_up', 'v_up', 'o_proj'];

const otherAttentionCases: readonly StdCase[] = [
  {
    covers: 'latent_attention',
    name: 'latent_attention',
    letter: 'latent_attention(heads: 3, latent: 5, nope: 4, rotary: 2, rope: 100)',
    weights: ['q', 'q_turned', ...latentWeights],
  },
  {
    covers: 'latent_attention',
    name: 'latent_attention-low_rank',
    letter: 'latent_attention(heads: 3, latent: 5, nope: 4, rotary: 2, value: 3, low_rank: 6, bias: true)',
    weights: ['q_down', 'q_norm', 'q_up', 'q_up_turned', ...latentWeights].concat(
      ['q_down', 'kv_down', 'k_turned', 'o_proj'].map((name) => `${name}.bias`),
    ),
  },
  {
    covers: 'differential_attention',
    name: 'differential_attention',
    letter: 'differential_attention(heads: 4, kv_heads: 2, part: 4, rope: 100)',
    weights: [...attentionWeights, ...lambdas],
  },
  {
    covers: 'differential_attention',
    name: 'differential_attention-windowed',
    letter:
      'differential_attention(heads: 2, part: 4, window: 3, sub_norm: true, qkv_bias: true, out_bias: true)',
    weights: [...biased(attentionWeights), ...lambdas, 'out_norm'],
  },
  {
    covers: 'gated_memory',
    name: 'gated_memory',
    letter: 'gated_memory(inner: 10, normed: true, memory: M.memory)',
    beside: 'M = mamba(state: 2, inner: 10)',
    weights: ['in_proj', 'out_norm', 'out_proj'],
  },
].map((each) => ({ ...each, weights: ['n', ...each.weights] }));

const hybridHeads = [
  'q',
  'x',
  'z',
  'conv1d',
  'conv1d.bias',
  'x_proj.0',
  'x_proj.1',
  'x_proj.2',
  'dt_norm',
  'B_norm',
  'C_norm',
  'dt_proj',
  'dt_proj.bias',
  'A_log',
  'D',
  'attended_norm',
  'read_norm',
  'out_proj',
];

const mambaCases: readonly StdCase[] = [
  {
    covers: 'hybrid_heads',
    name: 'hybrid_heads',
    letter: 'hybrid_heads(heads: 4, kv_heads: 2, key: 4, inner: 12, window: 3, rope: 100, state: 3)',
    weights: [...hybridHeads, 'k', 'v'],
  },
  {
    covers: 'hybrid_heads',
    name: 'hybrid_heads-borrowing',
    letter: 'hybrid_heads(heads: 2, key: 4, inner: 12, state: 3, keys: M.k, values: M.v)',
    beside: 'M = hybrid_heads(heads: 2, key: 4, inner: 12, state: 3)',
    weights: hybridHeads,
  },
  {
    covers: 'mamba_heads',
    name: 'mamba_heads',
    letter: 'mamba_heads(heads: 3, state: 4, inner: 12, proj_bias: true)',
    weights: [
      'x',
      'z',
      'conv1d',
      'x_proj.0',
      'x_proj.1',
      'x_proj.2',
      'dt_proj',
      'dt_proj.bias',
      'A_log',
      'D',
      'out_proj',
    ].concat(['x', 'z', 'conv1d', 'out_proj'].map((name) => `${name}.bias`)),
  },
  { name: 'mamba', letter: 'mamba(state: 4)', weights: mambaWeights },
  {
    name: 'mamba-without-biases',
    letter: 'mamba(state: 3, conv: 2, inner: 10, dt_rank: 3, conv_bias: false)',
    weights: mambaWeights.filter((name) => name !== 'conv1d.bias'),
  },
  {
    name: 'mamba-biased',
    letter: 'mamba(state: 1, conv: 1, inner: 7, proj_bias: true)',
    weights: [...mambaWeights, 'in_proj.0.bias', 'in_proj.1.bias', 'out_proj.bias'],
  },
  {
    name: 'mamba-weighted-norms',
    letter: 'mamba(state: 4, inner_norms: "weighted")',
    weights: [...mambaWeights, 'dt_norm', 'B_norm', 'C_norm'],
  },
  {
    name: 'mamba-plain-norms',
    letter: 'mamba(state: 4, inner_norms: "plain", eps: 1e-5)',
    weights: mambaWeights,
  },
].map((each) => ({ covers: 'mamba', ...each, weights: ['n', ...each.weights] }));

/** Bare mixers get the model's block, and with it the norm `n`. */
const mlpCases: readonly StdCase[] = [
  { covers: 'swiglu', name: 'swiglu', letter: 'swiglu(hidden: 9)', weights: gatedWeights },
  {
    covers: 'swiglu',
    name: 'swiglu-biased',
    letter: 'swiglu(hidden: 9, proj_bias: true)',
    weights: biased(gatedWeights),
  },
  {
    covers: 'swiglu',
    name: 'swiglu-scaled',
    letter: 'swiglu(hidden: 9, gate_scale: 2, scale: 0.5)',
    weights: gatedWeights,
  },
  {
    covers: ['activation', 'is_activation'],
    name: 'swiglu-relu',
    letter: 'swiglu(hidden: 9, act: "relu")',
    weights: gatedWeights,
  },
  { covers: 'geglu', name: 'geglu', letter: 'geglu(hidden: 9)', weights: gatedWeights },
  {
    covers: 'geglu',
    name: 'geglu-exact',
    letter: 'geglu(hidden: 9, exact: true, proj_bias: true)',
    weights: biased(gatedWeights),
  },
  {
    covers: 'gelu_mlp',
    name: 'gelu_mlp',
    letter: 'gelu_mlp(hidden: 9)',
    weights: biased(['up_proj', 'down_proj']),
  },
  {
    covers: 'gelu_mlp',
    name: 'gelu_mlp-exact',
    letter: 'gelu_mlp(hidden: 9, exact: true, proj_bias: false)',
    weights: ['up_proj', 'down_proj'],
  },
  {
    covers: 'relu2_mlp',
    name: 'relu2_mlp',
    letter: 'relu2_mlp(hidden: 9)',
    weights: ['up_proj', 'down_proj'],
  },
  {
    covers: 'relu2_mlp',
    name: 'relu2_mlp-biased',
    letter: 'relu2_mlp(hidden: 9, proj_bias: true)',
    weights: biased(['up_proj', 'down_proj']),
  },
].map((each) => ({ ...each, weights: ['n', ...each.weights] }));

const inner = 'relu2_mlp(hidden: 5)';
const innerWeights = ['up_proj', 'down_proj'];

const sideWeights = ['both', 'before_mlp', ...attentionWeights, 'gate_proj', 'up_proj', 'down_proj'];

const blockCases: readonly StdCase[] = [
  { covers: 'prenorm', name: 'prenorm', letter: `prenorm(${inner})`, weights: ['n', ...innerWeights] },
  {
    covers: 'norm_after',
    name: 'norm_after',
    letter: `norm_after(${inner})`,
    weights: ['n', ...innerWeights],
  },
  { covers: 'postnorm', name: 'postnorm', letter: `postnorm(${inner})`, weights: ['n', ...innerWeights] },
  {
    covers: 'sandwich',
    name: 'sandwich',
    letter: `sandwich(${inner})`,
    weights: ['before', 'after', ...innerWeights],
  },
  {
    covers: 'parallel',
    name: 'parallel',
    letter: `parallel(attention(heads: 2, rope: 100), ${inner})`,
    weights: ['n', ...attentionWeights, ...innerWeights],
  },
  {
    covers: 'scaled_prenorm',
    name: 'scaled_prenorm',
    letter: `scaled_prenorm(${inner}, by: 0.22)`,
    weights: ['n', ...innerWeights],
  },
  {
    covers: 'parallel_norms',
    name: 'parallel_norms',
    letter: `parallel_norms(attention(heads: 2, rope: 100), ${inner})`,
    weights: ['before_f', 'before_g', ...attentionWeights, ...innerWeights],
  },
  {
    covers: 'scaled_parallel',
    name: 'scaled_parallel',
    letter: `scaled_parallel(attention(heads: 2, rope: 100), ${inner}, f_in: 2, g_out: 0.5)`,
    weights: ['n', ...attentionWeights, ...innerWeights],
  },
  {
    covers: 'side_branch',
    name: 'side_branch',
    letter: `side_branch(${inner}, side_transformer(heads: 2, hidden: 5))`,
    weights: ['n', 'linear', ...innerWeights, ...sideWeights],
  },
  {
    covers: 'side_transformer',
    name: 'side_transformer-adapted',
    letter: `side_branch(${inner}, side_transformer(heads: 4, kv_heads: 2, part: 4, hidden: 5, rope: 100, proj_bias: true, adapter: 2, adapt_attention: true))`,
    weights: [
      'n',
      'linear',
      ...innerWeights,
      ...sideWeights,
      ...['gate_proj', 'up_proj', 'down_proj'].map((name) => `${name}.bias`),
      ...['q', 'k', 'v'].flatMap((name) => [`${name}_lower`, `${name}_raise`]),
      'lower',
      'gate_raise',
      'up_raise',
    ],
  },
  { covers: 'bare', name: 'bare', letter: `bare(${inner})`, weights: innerWeights },
];

/** A mixer that norms the two axes of a projection. */
const normed = (call: string, weight = ''): string => `
mixer normed() {
  axis group_of = 3, part = 4
  weight up   : width -> group_of * part
  weight down : group_of * part -> width
  ${weight}
  return down(${call})
}`;

const normCases: readonly StdCase[] = [
  {
    covers: 'rms',
    name: 'rms',
    letter: inner,
    statements: 'norm rms(eps: 1e-3)',
    weights: ['n', ...innerWeights],
  },
  {
    covers: 'centered_rms',
    name: 'centered_rms',
    letter: inner,
    statements: 'norm centered_rms(eps: 1e-3)',
    weights: ['n', ...innerWeights],
  },
  {
    covers: 'rms_beside',
    name: 'rms_beside',
    letter: inner,
    statements: 'norm rms_beside(eps: 1e-3)',
    weights: ['n', ...innerWeights],
  },
  {
    covers: 'rms_beside',
    name: 'rms_beside-inside',
    letter: inner,
    statements: 'norm rms_beside(eps: 1e-3, inside: true)',
    weights: ['n', ...innerWeights],
  },
  {
    covers: 'layer',
    name: 'layer',
    letter: inner,
    statements: 'norm layer(eps: 1e-3), bias',
    weights: ['n', 'n.bias', ...innerWeights],
  },
  {
    covers: 'layer',
    name: 'layer-without-bias',
    letter: inner,
    statements: 'norm layer',
    weights: ['n', ...innerWeights],
  },
  {
    covers: 'group',
    name: 'group',
    letter: 'normed()',
    declarations: normed('group(up(u), w, over: part)', 'weight w : group_of * part, bias'),
    weights: ['n', 'up', 'down', 'w', 'w.bias'],
  },
  {
    covers: 'plain_rms',
    name: 'plain_rms',
    letter: 'normed()',
    declarations: normed('plain_rms(up(u), part)'),
    weights: ['n', 'up', 'down'],
  },
  {
    covers: 'l2',
    name: 'l2',
    letter: 'normed()',
    declarations: normed('l2(up(u), part)'),
    weights: ['n', 'up', 'down'],
  },
];

export const stdCases: readonly StdCase[] = [
  ...attentionCases,
  ...otherAttentionCases,
  ...mambaCases,
  ...mlpCases,
  ...blockCases,
  ...normCases,
  ...moeCases,
  ...recurrenceCases,
  ...stateSpaceCases,
  ...megaCases,
  ...longConvCases,
];

/** The source of a case: two layers of the letter, so that both share one body. */
export function sourceOf({ letter, beside, statements = '', declarations = '', config }: StdCase): string {
  return `model small${config === undefined ? '' : ' from config'} {
  vocab 11
  width 12
  stripe ${beside === undefined ? 'X' : '(M & X)'}×2
  X = ${letter}
  ${beside ?? ''}
  ${statements}
}
${declarations}`;
}
