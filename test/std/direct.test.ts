// The mixers and norms of std/, run by the reference executor, against the formulas written out by hand.
import { describe, test } from 'vitest';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import * as direct from './direct.ts';
import { expectSame, runLayer } from './run-layer.ts';
import { llama3Scaling } from './std-cases.ts';

function slowed(frequency: number): number {
  const { factor, low_freq_factor: low, high_freq_factor: high } = llama3Scaling;
  const turns = (llama3Scaling.original_max_position_embeddings * frequency) / (2 * Math.PI);
  if (turns > high) return frequency;
  if (turns < low) return frequency / factor;
  const share = (turns - low) / (high - low);
  return frequency * (share + (1 - share) / factor);
}

const attentions: readonly (readonly [letter: string, options: direct.Attention, config?: ConstantObject])[] =
  [
    ['attention(heads: 3)', { heads: 3, kvHeads: 3, part: 4 }],
    [
      'attention(heads: 6, kv_heads: 2, part: 4, rope: 10_000, rotary: 2, qkv_bias: true, out_bias: true)',
      { heads: 6, kvHeads: 2, part: 4, rope: 10_000, rotary: 2 },
    ],
    [
      'attention(heads: 6, kv_heads: 1, rope: 100, window: 3)',
      { heads: 6, kvHeads: 1, part: 2, rope: 100, window: 3 },
    ],
    ['attention(heads: 2, window: 1)', { heads: 2, kvHeads: 2, part: 6, window: 1 }],
    [
      'attention(heads: 4, kv_heads: 2, part: 6, value: 5, rope: 1_000, qk_norm: true, scale: 0.3)',
      { heads: 4, kvHeads: 2, part: 6, value: 5, rope: 1000, normed: true, scale: 0.3 },
    ],
    [
      'attention(heads: 3, rope: 50, style: "interleaved")',
      { heads: 3, kvHeads: 3, part: 4, rope: 50, style: 'interleaved' },
    ],
    [
      'attention(heads: 2, kv_heads: 1, part: 8, rope: 10_000, scaling: config.rope_scaling)',
      { heads: 2, kvHeads: 1, part: 8, rope: 10_000, scaling: slowed },
      { rope_scaling: llama3Scaling },
    ],
    [
      'attention(heads: 1, part: 6, rope: 10_000, scaling: config.rope_scaling)',
      { heads: 1, kvHeads: 1, part: 6, rope: 10_000, scaling: (frequency) => frequency / 4 },
      { rope_scaling: { type: 'linear', factor: 4 } },
    ],
  ];

const asRecords = attentions.map(([letter, options, config]) => ({ letter, options, config }));

test.each(asRecords)('$letter', ({ letter, options, config }) => {
  const { u, y, w } = runLayer(letter, config === undefined ? {} : { config });
  expectSame(y, direct.attention(u, options, w));
});

const mambas: readonly (readonly [letter: string, options: direct.Mamba])[] = [
  ['mamba(state: 4)', { state: 4, conv: 4, inner: 24, rank: 1 }],
  [
    'mamba(state: 3, conv: 2, inner: 10, dt_rank: 3, conv_bias: false)',
    { state: 3, conv: 2, inner: 10, rank: 3 },
  ],
  ['mamba(state: 1, conv: 1, inner: 7, proj_bias: true)', { state: 1, conv: 1, inner: 7, rank: 1 }],
  [
    'mamba(state: 4, dt_rank: 2, inner_norms: "weighted")',
    { state: 4, conv: 4, inner: 24, rank: 2, norms: 'weighted' },
  ],
  [
    'mamba(state: 4, dt_rank: 2, inner_norms: "plain")',
    { state: 4, conv: 4, inner: 24, rank: 2, norms: 'plain' },
  ],
];

test.each(mambas)('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.mamba(u, options, w));
});

describe('MLPs', () => {
  const cases: readonly (readonly [
    letter: string,
    direct: typeof direct.gatedMlp,
    activate: (x: number) => number,
  ])[] = [
    ['swiglu(hidden: 9)', direct.gatedMlp, direct.silu],
    ['swiglu(hidden: 9, proj_bias: true)', direct.gatedMlp, direct.silu],
    ['geglu(hidden: 9)', direct.gatedMlp, direct.geluTanh],
    ['geglu(hidden: 9, exact: true)', direct.gatedMlp, direct.gelu],
    ['gelu_mlp(hidden: 9)', direct.plainMlp, direct.geluTanh],
    ['gelu_mlp(hidden: 9, exact: true, proj_bias: false)', direct.plainMlp, direct.gelu],
    ['relu2_mlp(hidden: 9)', direct.plainMlp, direct.squaredRelu],
    ['swiglu(hidden: 9, act: "gelu")', direct.gatedMlp, direct.gelu],
    ['swiglu(hidden: 9, act: "swish")', direct.gatedMlp, direct.silu],
    ['geglu(hidden: 9, act: "tanh")', direct.gatedMlp, Math.tanh],
    ['geglu(hidden: 9, act: "relu")', direct.gatedMlp, (x) => Math.max(x, 0)],
    ['gelu_mlp(hidden: 9, act: "gelu_fast")', direct.plainMlp, direct.geluTanh],
    ['gelu_mlp(hidden: 9, act: "quick_gelu")', direct.plainMlp, (x) => x / (1 + Math.exp(-1.702 * x))],
    ['gelu_mlp(hidden: 9, act: "relu2")', direct.plainMlp, direct.squaredRelu],
  ];
  test.each(cases)('%s', (letter, compute, activate) => {
    const { u, y, w } = runLayer(letter);
    expectSame(y, compute(u, 9, activate, w));
  });
});

describe('norms', () => {
  const letter = 'only_norm(relu2_mlp(hidden: 2))';

  test('rms', () => {
    const { u, y, w } = runLayer(letter, { statements: 'norm rms(eps: 1e-3)' });
    expectSame(
      y,
      u.map((x) => direct.rms(x, 1e-3, (index) => w('n', { width: index }))),
    );
  });

  test('rms with a weight around zero', () => {
    const { u, y, w } = runLayer(letter, { statements: 'norm centered_rms(eps: 1e-3)' });
    expectSame(
      y,
      u.map((x) => direct.rms(x, 1e-3, (index) => 1 + w('n', { width: index }))),
    );
  });

  test.each(['norm layer(eps: 1e-3), bias', 'norm layer(eps: 1e-3)'])('%s', (statements) => {
    const { u, y, w } = runLayer(letter, { statements });
    const [weight, bias] = ['n', 'n.bias'].map((name) => (index: number) => w(name, { width: index }));
    expectSame(
      y,
      u.map((x) => direct.layerNorm(x, 1e-3, weight!, bias!)),
    );
  });
});
