// The configs of published checkpoints too large for a test, as far as their models read them, with the parameters that they have.
import type { ConstantObject } from '../../compiler/check/constant.ts';

export interface PublishedConfig {
  readonly name: string;
  readonly model: string;
  readonly config: ConstantObject;
  readonly parameters: number;
  /** What the checkpoint holds beside them: buffers, and what the figure leaves out. None unless said. */
  readonly beside?: number;
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

/** Under Hugging Face's names. */
function hyenaDna(width: number, layers: number, positions: number): ConstantObject {
  return {
    model_type: 'hyenadna',
    vocab_size: 12,
    pad_vocab_size_multiple: 8,
    d_model: width,
    d_inner: 4 * width,
    n_layer: layers,
    max_seq_len: positions,
    emb_dim: 5,
    hyena_order: 2,
    short_filter_order: 3,
    filter_order: 64,
    num_inner_mlps: 2,
    train_freq: true,
    activation_freq: 10,
    layer_norm_epsilon: 1e-5,
  };
}

/** What a filter's network reads of every lag, five numbers, and a rate of decay for every channel: buffers of each layer. */
function hyenaDnaBuffers(width: number, layers: number, positions: number): number {
  return layers * (5 * positions + width);
}

type HyenaDnaRow = readonly [
  name: string,
  sizes: readonly [width: number, layers: number, positions: number],
  parameters: number,
];

const hyenaDnaRows: readonly HyenaDnaRow[] = [
  ['tiny 1k', [128, 2, 1_026], 436_096],
  ['tiny 1k of width 256', [256, 2, 1_026], 1_641_088],
  ['small 32k', [256, 4, 32_770], 3_277_568],
  ['medium 160k', [256, 8, 160_002], 6_550_528],
  ['medium 450k', [256, 8, 450_002], 6_550_528],
];

const hyenaDnas = hyenaDnaRows.map(([name, sizes, parameters]) => ({
  name: `HyenaDNA ${name}`,
  model: 'hyenadna',
  config: hyenaDna(...sizes),
  parameters,
  beside: hyenaDnaBuffers(...sizes),
}));

/** As the evaluation of the release has it, without windows; the configs of safari nest those of a layer. */
const hyenaSmall: ConstantObject = {
  d_model: 864,
  d_inner: 1_728,
  n_layer: 18,
  vocab_size: 50_257,
  pad_vocab_size_multiple: 8,
  layer: {
    _name_: 'hyena',
    emb_dim: 33,
    filter_order: 64,
    order: 2,
    short_filter_order: 3,
    l_max: 2_048,
    modulate: false,
    w: 14,
  },
};

function m2Bert(fields: ConstantObject): ConstantObject {
  return {
    architectures: ['BertForMaskedLM'],
    vocab_size: 30_528,
    hidden_size: 768,
    intermediate_size: 3_072,
    num_hidden_layers: 12,
    type_vocab_size: 2,
    layer_norm_eps: 1e-12,
    hidden_act: 'gelu',
    max_position_embeddings: 128,
    long_conv_l_max: 128,
    use_positional_encodings: true,
    monarch_mixer_sequence_mixing: true,
    bidirectional: true,
    residual_long_conv: true,
    hyena_w_mod: 1,
    hyena_emb_dim: 5,
    hyena_filter_order: 128,
    use_glu_mlp: true,
    use_monarch_mlp: true,
    monarch_mlp_nblocks: 4,
    ...fields,
  };
}

/** The pooler, which the figures leave out, and a rate of decay for every channel of two filters in each layer, which are buffers. */
const besideM2Bert = 768 * 768 + 768 + 12 * 2 * 768;

const bigs: ConstantObject = {
  architectures: ['BiGSForMaskedLM'],
  vocab_size: 30_522,
  hidden_size: 1_024,
  num_hidden_layers: 23,
  intermediate_size: 3_072,
  num_ssm: 64,
  hidden_act: 'gelu',
  max_position_embeddings: 128,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  position_embedding_type: 'absolute',
  pooler_type: 'non_padding_mean',
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
  ...hyenaDnas,
  {
    name: 'hyena-small-150b-tok',
    model: 'hyena',
    config: hyenaSmall,
    parameters: 152_483_904,
    // Its filters' networks read 33 trained numbers of every lag, which the figure leaves out.
    beside: 18 * 2_048 * 33,
  },
  {
    name: 'M2-BERT 80M, trained with additions',
    model: 'm2_bert',
    config: m2Bert({ hyena_training_additions: true }),
    parameters: 80_285_760,
    beside: besideM2Bert,
  },
  {
    name: 'M2-BERT 80M, trained without',
    model: 'm2_bert',
    config: m2Bert({ hyena_training_additions: false }),
    parameters: 80_267_328,
    beside: besideM2Bert,
  },
  // The figure leaves out the pooler.
  { name: 'BiGS 128', model: 'bigs', config: bigs, parameters: 346_314_134, beside: 1_024 * 1_024 + 1_024 },
];
