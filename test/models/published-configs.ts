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

export const publishedConfigs: readonly PublishedConfig[] = [
  {
    name: 'StripedHyena-Hessian-7B',
    model: 'stripedhyena',
    config: stripedHyena7b,
    parameters: 7_646_023_680,
  },
  { name: 'Evo-1 8k', model: 'stripedhyena', config: evo, parameters: 6_452_781_056 },
  { name: 'Evo-1 131k', model: 'stripedhyena', config: longEvo, parameters: 6_452_781_056 },
];
