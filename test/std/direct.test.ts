// The mixers and norms of std/, run by the reference executor, against the formulas written out by hand.
import { describe, expect, test } from 'vitest';
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { elementCount, type Graph } from '../../compiler/ir/graph.ts';
import { createReference } from '../../compiler/ir/interpret.ts';
import { graphOf } from '../check/graph-of.ts';
import { largestDifference, randomValues } from '../ir/helpers.ts';
import * as direct from './direct.ts';
import { llama3Scaling } from './std-cases.ts';

type Sequence = readonly (readonly number[])[];

const width = 12;
const tokens = [3, 1, 4, 1, 5, 9, 2, 6];

/** What one layer bound to `letter` makes of the embeddings, which come first. */
function runLayer(
  letter: string,
  { config, statements = '' }: { readonly config?: ConstantObject; readonly statements?: string } = {},
): { readonly u: Sequence; readonly y: Sequence; readonly w: direct.Weight } {
  const text = `model one${config === undefined ? '' : ' from config'} {
  vocab 11
  width ${width}
  stripe X
  X = ${letter}
  block bare
  ${statements}
}
block only_norm(f) {
  norm n
  return n(x)
}`;
  const graph = graphOf(text, config);
  const ids = Object.keys(graph.weights);
  const weights = (id: string): Float64Array =>
    randomValues(17 * ids.indexOf(id) + 5, elementCount(graph.weights[id]!.axes), 0.8);
  const streams = new Map<number, Float64Array>();
  createReference(graph, weights).run(tokens, (call, node, values) => {
    if (graph.bodies[graph.calls[call]!.body]?.outputs['stream'] === node.id) streams.set(call, values);
  });
  return {
    u: rows(streams.get(0)),
    y: rows(streams.get(1)),
    w: (name, indices) => elementOf(graph, weights, name, indices),
  };
}

function rows(values: Float64Array | undefined): Sequence {
  return tokens.map((_, t) => Array.from((values ?? []).slice(t * width, (t + 1) * width)));
}

/** By the names of its axes, so that the formulas need not know their order. */
function elementOf(
  graph: Graph,
  weights: (id: string) => Float64Array,
  name: string,
  indices: Readonly<Record<string, number>>,
): number {
  const weight = graph.weights[`layers.0.X.${name}`];
  if (weight === undefined) return 0;
  const at = weight.axes.reduce((offset, { name: axis, size }) => offset * size + (indices[axis] ?? NaN), 0);
  return weights(weight.id)[at] ?? NaN;
}

function expectSame(actual: Sequence, expected: Sequence): void {
  expect(largestDifference(actual.flat(), expected.flat())).toBeLessThan(1e-9);
}

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
