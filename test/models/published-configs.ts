// The configs of published checkpoints too large for a test, as far as their models read them, with the parameters that they have.
import type { ConstantObject } from '../../compiler/check/constant.ts';

export interface PublishedConfig {
  readonly name: string;
  readonly model: string;
  readonly config: ConstantObject;
  readonly parameters: number;
}

/** Every whole number from `first` in steps of `step`, up to `last`. */
function every(first: number, step: number, last: number): readonly number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}

/** Together and Hessian.AI's, which Nous trained further. */
export const stripedHyena7b: ConstantObject = {
  model_type: 'stripedhyena',
  vocab_size: 32_000,
  hidden_size: 4_096,
  num_filters: 4_096,
  num_layers: 32,
  attn_layer_idxs: every(1, 2, 31),
  hyena_layer_idxs: every(0, 2, 32),
  num_attention_heads: 32,
  proj_groups: 4,
  state_size: 2,
  short_filter_length: 3,
  short_filter_bias: true,
  hyena_filter_groups: 1,
  column_split_hyena: true,
  eps: 1e-5,
  use_flash_rmsnorm: true,
  rotary_emb_base: 500_000,
  qkv_proj_bias: false,
  mha_out_proj_bias: false,
  inner_mlp_size: 14_336,
  tie_embeddings: false,
  final_norm: true,
  max_seqlen: 32_768,
};

const evo: ConstantObject = {
  model_type: 'stripedhyena',
  vocab_size: 512,
  hidden_size: 4_096,
  num_filters: 4_096,
  num_layers: 32,
  attn_layer_idxs: [8, 16, 24],
  hyena_layer_idxs: every(0, 1, 31).filter((i) => ![8, 16, 24].includes(i)),
  num_attention_heads: 32,
  proj_groups: 1,
  state_size: 8,
  short_filter_length: 3,
  short_filter_bias: true,
  hyena_filter_groups: 1,
  eps: 1e-6,
  use_flash_rmsnorm: false,
  qkv_proj_bias: true,
  mha_out_proj_bias: true,
  inner_mlp_size: null,
  inner_size_multiple_of: 16,
  model_parallel_size: 1,
  mlp_activation: 'gelu',
  tie_embeddings: true,
  final_norm: true,
  max_seqlen: 8_192,
};

const longEvo: ConstantObject = {
  ...evo,
  use_interpolated_rotary_pos_emb: true,
  rotary_emb_scaling_factor: 16,
  max_seqlen: 131_072,
};

/** A letter for each layer: S, M and L for filters of the three reaches, A for attention. */
function evo2(pattern: string, fields: ConstantObject): ConstantObject {
  const of = (letter: string): readonly number[] =>
    [...pattern].flatMap((each, i) => (each === letter ? [i] : []));
  return {
    vocab_size: 512,
    num_layers: pattern.length,
    hcs_layer_idxs: of('S'),
    hcm_layer_idxs: of('M'),
    hcl_layer_idxs: of('L'),
    attn_layer_idxs: of('A'),
    hcs_filter_length: 7,
    hcm_filter_length: 128,
    state_size: 16,
    short_filter_length: 3,
    short_filter_bias: false,
    interleave: true,
    column_split: true,
    column_split_hyena: false,
    hyena_flip_x1x2: false,
    evo2_style_activations: true,
    mlp_activation: 'gelu',
    qkv_proj_bias: false,
    mha_out_proj_bias: true,
    hyena_out_proj_bias: true,
    proj_groups: 1,
    eps: 1e-6,
    use_flash_rmsnorm: false,
    rotary_emb_base: 10_000,
    tie_embeddings: true,
    max_seqlen: 8_192,
    ...fields,
  };
}

function evo2Of(width: number, inner: number, groups: number): ConstantObject {
  return {
    hidden_size: width,
    num_filters: width,
    num_attention_heads: width / 128,
    inner_mlp_size: inner,
    hcs_filter_groups: groups,
    hcm_filter_groups: groups,
    hcl_filter_groups: width,
  };
}

const evo2Of7b = 'SMLASMLSMLASMLSMLASMLSMLASMLSMLA';
const evo2Of40b = 'SMLASMLSMLASMLSMLASMLSMLASMLSMLASMLASMLSMLASMLSMLA';
const stretched: ConstantObject = {
  use_interpolated_rotary_pos_emb: true,
  rotary_emb_scaling_factor: 128,
  max_seqlen: 1_048_576,
};

function h3(
  width: number,
  layers: number,
  attention: readonly number[],
  heads: ConstantObject,
): ConstantObject {
  return {
    d_model: width,
    n_layer: layers,
    d_inner: 4 * width,
    vocab_size: 50_257,
    pad_vocab_size_multiple: 8,
    ssm_cfg: { mode: 'diag', measure: 'diag-lin' },
    attn_layer_idx: attention,
    attn_cfg: heads,
  };
}

export const publishedConfigs: readonly PublishedConfig[] = [
  {
    name: 'StripedHyena-Hessian-7B',
    model: 'stripedhyena',
    config: stripedHyena7b,
    parameters: 7_646_023_680,
  },
  { name: 'Evo-1 8k', model: 'stripedhyena', config: evo, parameters: 6_452_781_056 },
  { name: 'Evo-1 131k', model: 'stripedhyena', config: longEvo, parameters: 6_452_781_056 },
  {
    name: 'Evo-2 1b',
    model: 'evo2',
    config: evo2('SMLASMLSMLASMLSMLASMLSMLA', evo2Of(1_920, 5_120, 128)),
    parameters: 1_107_989_760,
  },
  {
    name: 'Evo-2 7b of 8k',
    model: 'evo2',
    config: evo2(evo2Of7b, evo2Of(4_096, 11_008, 256)),
    parameters: 6_481_059_584,
  },
  {
    name: 'Evo-2 7b of 1M',
    model: 'evo2',
    config: evo2(evo2Of7b, { ...evo2Of(4_096, 11_264, 256), ...stretched }),
    parameters: 6_581_722_880,
  },
  {
    name: 'Evo-2 20b',
    model: 'evo2',
    config: evo2('SMLASMLSMLASMLSMLASMLSML', { ...evo2Of(8_192, 22_528, 512), ...stretched }),
    parameters: 19_738_780_160,
  },
  {
    name: 'Evo-2 40b of 8k',
    model: 'evo2',
    config: evo2(evo2Of40b, evo2Of(8_192, 21_888, 512)),
    parameters: 40_331_142_144,
  },
  {
    name: 'Evo-2 40b of 1M',
    model: 'evo2',
    config: evo2(evo2Of40b, { ...evo2Of(8_192, 22_528, 512), ...stretched }),
    parameters: 41_117_574_144,
  },
  {
    name: 'H3 125M',
    model: 'h3',
    config: h3(768, 12, [6], { num_heads: 12 }),
    parameters: 126_387_456,
  },
  {
    name: 'H3 355M',
    model: 'h3',
    config: h3(1_024, 24, [8, 16], { num_heads: 16 }),
    parameters: 361_058_304,
  },
  {
    name: 'H3 1.3B',
    model: 'h3',
    config: h3(2_048, 24, [8, 16], { num_heads: 16 }),
    parameters: 1_326_096_384,
  },
  {
    name: 'H3 2.7B with two attention layers',
    model: 'h3',
    config: h3(2_560, 32, [10, 21], { num_heads: 20, rotary_emb_dim: 64 }),
    parameters: 2_671_134_720,
  },
  {
    name: 'H3 2.7B with three attention layers',
    model: 'h3',
    config: h3(2_560, 32, [8, 16, 24], { num_heads: 20 }),
    parameters: 2_670_307_840,
  },
];
