// What a config leaves out means what the family's own code takes, and `null` may mean something else.
import { describe, expect, test } from 'vitest';
import { check } from '../../compiler/check/index.ts';
import { readConfig } from '../../compiler/check/config.ts';
import { chooseModel } from '../../compiler/import/choose.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { lower } from '../../compiler/lower/index.ts';
import { renderDiagnostics } from '../../grammar/index.ts';
import { models, readLibrary } from '../models/models.ts';

type Json = Readonly<Record<string, unknown>>;

const prelude = readLibrary();

const sizes = {
  vocab_size: 64,
  hidden_size: 64,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 16,
  max_position_embeddings: 64,
};
const gpt2 = { model_type: 'gpt2', vocab_size: 64, n_embd: 32, n_head: 4, n_layer: 2 };
const longFactors = { short_factor: [1, 2], long_factor: [3, 4], original_max_position_embeddings: 16 };
const usualYarn = {
  rope_type: 'yarn',
  factor: 32,
  truncate: false,
  original_max_position_embeddings: 4096,
  rope_theta: 150_000,
};

const wide = { num_attention_heads: 8 };
const slidingLast = {
  use_sliding_window: true,
  sliding_window: 4096,
  layer_types: ['full_attention', 'sliding_attention'],
};

/** Family, fields that are left out, and what they mean. */
const same: readonly (readonly [family: string, short: Json, long: Json])[] = [
  ['llama', {}, { num_key_value_heads: 16, head_dim: 4, rope_parameters: { rope_theta: 10_000 } }],
  ['llama', { hidden_act: null }, { hidden_act: 'silu', rms_norm_eps: 1e-6, attention_bias: false }],
  ['llama', { rope_scaling: { type: 'linear', factor: 2, rope_theta: 300 } }, linear(300)],
  ['mistral', {}, { num_key_value_heads: 8, sliding_window: 4096 }],
  ['mistral', { num_key_value_heads: null }, { num_key_value_heads: 16 }],
  ['mixtral', {}, { num_key_value_heads: 8, num_local_experts: 8, num_experts_per_tok: 2, rope_theta: 1e6 }],
  ['qwen2', { use_sliding_window: false, sliding_window: 4 }, {}],
  ['qwen2', { use_sliding_window: true, max_window_layers: 1 }, slidingLast],
  ['qwen3', {}, { head_dim: 128, use_sliding_window: false }],
  ['phi', {}, { partial_rotary_factor: 0.5, hidden_act: 'gelu_new', qk_layernorm: false }],
  ['phi3', { rope_scaling: { type: 'su', ...longFactors } }, { rope_scaling: stretched('longrope') }],
  ['phi3', { rope_scaling: { type: 'yarn', ...longFactors } }, { rope_scaling: stretched('longrope') }],
  ['gemma2', {}, { num_key_value_heads: 4, attn_logit_softcapping: 50, final_logit_softcapping: 30 }],
  ['gemma2', {}, { head_dim: 256, query_pre_attn_scalar: 256, sliding_window: 4096, hidden_act: 'relu' }],
  ['gpt_neox', wide, { ...wide, rotary_pct: 0.25, rotary_emb_base: 10_000, use_parallel_residual: true }],
  ['gpt_neox', wide, { ...wide, rope_parameters: { rope_theta: 10_000, partial_rotary_factor: 0.25 } }],
  ['gpt_oss', {}, { num_key_value_heads: 8, sliding_window: 128, rope_parameters: usualYarn }],
  ['deepseek_v3', {}, { q_lora_rank: 1536, n_group: 8, topk_group: 4, first_k_dense_replace: 3 }],
];

describe.each(same)('%s', (family, short, long) => {
  test(`${JSON.stringify(short)} is ${JSON.stringify(long)}`, () => {
    expect(graphOf(family, short)).toBe(graphOf(family, long));
  });
});

/** Pairs that must not be taken for one another. */
const different: readonly (readonly [family: string, one: Json, other: Json])[] = [
  ['mistral', {}, { sliding_window: null }],
  ['gemma2', {}, { attn_logit_softcapping: null }],
  ['gemma2', {}, { tie_word_embeddings: false }],
  ['gemma2', {}, { hidden_activation: 'gelu' }],
  ['gpt_oss', {}, { rope_parameters: { rope_type: 'default', rope_theta: 150_000 } }],
  ['deepseek_v3', {}, { q_lora_rank: null }],
  ['gpt2', gpt2, { ...gpt2, scale_attn_by_inverse_layer_idx: true }],
  ['gpt2', gpt2, { ...gpt2, scale_attn_weights: false }],
];

test.each(different)('%s: %j is not %j', (family, one, other) => {
  expect(graphOf(family, one)).not.toBe(graphOf(family, other));
});

/** Refused, with the sentence that is shown. */
const refused: readonly (readonly [family: string, fields: Json, sentence: string])[] = [
  ['llama', { hidden_act: 'xielu' }, 'its MLP has an activation that is not written yet'],
  ['mixtral', { hidden_act: 'mish' }, 'its experts have an activation that is not written yet'],
  ['gpt2', { ...gpt2, activation_function: 'mish' }, 'its MLP has an activation that is not written yet'],
  ['gpt2', { ...gpt2, add_cross_attention: true }, 'there is no encoder to attend to'],
  ['gemma2', { use_bidirectional_attention: true }, 'attention to later positions is not written yet'],
];

test.each(refused)('%s with %j is refused', (family, fields, sentence) => {
  const { diagnostics } = checked(family, fields);
  expect(diagnostics.map(({ code }) => code)).toContain('requirement_not_met');
  expect(renderDiagnostics(diagnostics)).toContain(sentence);
});

function linear(base: number): Json {
  return { rope_parameters: { rope_type: 'linear', factor: 2, rope_theta: base } };
}

function stretched(type: string): Json {
  return { type, ...longFactors };
}

function checked(family: string, fields: Json) {
  const text = JSON.stringify({ model_type: family, ...sizes, ...fields });
  const { value: config, diagnostics } = readConfig(text, 'config.json');
  if (config === undefined) throw new Error(renderDiagnostics(diagnostics));
  const choice = chooseModel(models(), { config });
  if (choice.kind !== 'one') throw new Error(`${choice.kind} fits`);
  return check({ source: choice.known.file.source, resolve: () => undefined, prelude, config });
}

function graphOf(family: string, fields: Json): string {
  const { value, diagnostics } = checked(family, fields);
  if (value === undefined) throw new Error(renderDiagnostics(diagnostics));
  return printGraph(lower(value));
}
