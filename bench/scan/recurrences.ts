// One recurrence of each class, at sizes that all rows of the table share.
import type { Body } from '../../compiler/ir/graph.ts';
import { compileToGraph } from '../../compiler/lower/compile-to-graph.ts';
import { standardLibrary } from '../../cli/library.ts';
import { renderDiagnostics } from '../../grammar/render.ts';

/** Heads of a state of key × value each; the elementwise class has heads · value channels of `state` each. */
export interface Sizes {
  readonly heads: number;
  readonly key: number;
  readonly value: number;
  readonly state: number;
}

export const SIZES: Sizes = { heads: 2, key: 64, value: 64, state: 16 };

/** What the operator LinearAttention calls the same recurrence. */
export interface OnnxRule {
  readonly rule: 'gated' | 'gated_delta';
}

export interface BenchRecurrence {
  readonly class: string;
  readonly name: string;
  /** The scan's body; its operands are q, k, v, g (a logarithm of the decay), b and x. */
  readonly body: string;
  readonly onnx?: OnnxRule;
}

const OPERANDS = `
  weight q, k : width -> heads * key
  weight v    : width -> heads * value
  weight b    : width -> heads
  weight out  : heads * value -> width`;

export const BENCH_RECURRENCES: readonly BenchRecurrence[] = [
  {
    class: 'D',
    name: 'a decay for each element (Mamba-1)',
    body: `axis channel = heads * value
  weight x, g : width -> channel
  weight B, C : width -> state
  weight A    : channel * state
  weight out  : channel -> width
  scan S[channel, state] {
    S = exp(g(u) * A) * S + B(u) * x(u)
    o = sum(S * C(u), state)
  }`,
  },
  {
    class: 'S',
    name: 'a decay for each head (Mamba-2, RetNet)',
    body: `${OPERANDS}
  weight g : width -> heads
  scan S[heads, key, value] {
    S = exp(g(u)) * S + k(u) * v(u)
    o = sum(S * q(u), key)
  }`,
    onnx: { rule: 'gated' },
  },
  {
    class: 'V',
    name: 'a decay for each key (GLA)',
    body: `${OPERANDS}
  weight g : width -> heads * key
  scan S[heads, key, value] {
    S = exp(g(u)) * S + k(u) * v(u)
    o = sum(S * q(u), key)
  }`,
    onnx: { rule: 'gated' },
  },
  {
    class: 'Δ scalar',
    name: 'corrections, a decay for each head (Gated DeltaNet)',
    body: `${OPERANDS}
  weight g : width -> heads
  scan S[heads, key, value] {
    S = exp(g(u)) * S
    S = S + b(u) * k(u) * (v(u) - sum(S * k(u), key))
    o = sum(S * q(u), key)
  }`,
    onnx: { rule: 'gated_delta' },
  },
  {
    class: 'Δ vector',
    name: 'corrections, a decay for each key (KDA)',
    body: `${OPERANDS}
  weight g : width -> heads * key
  scan S[heads, key, value] {
    S = exp(g(u)) * S
    S = S + b(u) * k(u) * (v(u) - sum(S * k(u), key))
    o = sum(S * q(u), key)
  }`,
    onnx: { rule: 'gated_delta' },
  },
];

/** The mixer's body as the checker makes it: projections of the stream `u`, and the scan. */
export function bodyOf({ body, class: name }: BenchRecurrence, sizes: Sizes): Body {
  const settings = Object.entries(sizes).map(([key, value]) => `${key} = ${value}`);
  const text = `mixer bench(${settings.join(', ')}) {
  ${body}
  return out(o)
}
model bench_scan { vocab 8 width 8 stripe A A = bench() block bare head untied, norm: none }
`;
  const { value, diagnostics } = compileToGraph({
    source: { name: `${name}.hyb`, text },
    resolve: () => undefined,
    prelude: standardLibrary(),
  });
  if (value === undefined) throw new Error(renderDiagnostics(diagnostics));
  const found = Object.values(value.bodies).find(({ nodes }) => nodes.some(({ op }) => op === 'scan'));
  if (found === undefined) throw new Error(`internal: ${name} has no scan`);
  return found;
}
