// Small models of every kind that plans must get right: heads, windows, biases, norms, sharing, odd sizes.
import { hasErrors, renderDiagnostics } from '../../grammar/index.ts';
import { check } from '../../compiler/check/index.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { lower } from '../../compiler/lower/index.ts';
import { readLibrary } from '../models/models.ts';

/** A model's graph from the lines of its source that matter. */
export function graphFrom(lines: readonly string[], head = 'head tied'): Graph {
  const text = [
    'model small {',
    '  vocab 23',
    ...lines.map((line) => `  ${line}`),
    `  ${head}`,
    '}',
    '',
  ].join('\n');
  const { value, diagnostics } = check({
    source: { name: 'small.hyb', text },
    resolve: () => undefined,
    prelude: readLibrary(),
  });
  if (value === undefined || hasErrors(diagnostics)) throw new Error(renderDiagnostics(diagnostics));
  return lower(value);
}

export interface ModelCase {
  readonly name: string;
  readonly graph: () => Graph;
  /** Tokens of the longest run; the windows' edges lie within. */
  readonly tokens: number;
}

function attention(name: string, given: string, tokens = 13, head?: string): ModelCase {
  const lines = ['width 24', 'context 64', 'stripe ATT × 2', `ATT = attention(${given})`];
  return { name, graph: () => graphFrom(lines, head), tokens };
}

export const MODEL_CASES: readonly ModelCase[] = [
  attention('multi-head', 'heads: 3, rope: 10_000'),
  attention('grouped heads, untied head', 'heads: 4, kv_heads: 2, rope: 10_000', 13, ''),
  attention('one head of keys, no positions', 'heads: 3, kv_heads: 1'),
  attention('a norm on each head', 'heads: 2, kv_heads: 1, qk_norm: true, rope: 10_000'),
  attention('biases, partial rotation', 'heads: 2, rope: 10_000, rotary: 6, qkv_bias: true, out_bias: true'),
  attention(
    'interleaved rotation, values of another size',
    'heads: 2, value: 5, rope: 100, style: "interleaved"',
  ),
  attention('a window of 1', 'heads: 2, window: 1, rope: 10_000', 5),
  attention('a window within its prompt', 'heads: 2, window: 6, rope: 10_000', 13),
  {
    name: 'odd sizes, recurrent',
    graph: () =>
      graphFrom([
        'width 15',
        'stripe (SSM, MLP) × 2',
        'SSM = mamba(state: 3, inner: 17, dt_rank: 2)',
        'MLP = swiglu(hidden: 21)',
      ]),
    tokens: 11,
  },
  {
    name: 'three layers with one letter’s weights',
    graph: () =>
      graphFrom(['width 16', 'context 32', 'stripe X × 3', 'shared X = attention(heads: 2, rope: 10_000)']),
    tokens: 9,
  },
];
