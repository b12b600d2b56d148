// Recurrences of every class as people write them, compiled to scan nodes.
import { BodyBuilder } from '../../compiler/ir/build.ts';
import { type Body, elementCount, type Graph, type ValueType } from '../../compiler/ir/graph.ts';
import type { GivenValues } from '../../compiler/ir/interpret-one.ts';
import { isOp, nodeAt } from '../../compiler/ir/ops/index.ts';
import { RESULTS_AXIS, resultTypes, type ScanAttrs } from '../../compiler/ir/ops/scan.ts';
import { operandNames } from '../../compiler/recurrence/describe.ts';
import { rewriteGraph } from '../../compiler/fuse/index.ts';
import { compileToGraph } from '../../compiler/lower/compile-to-graph.ts';
import { renderDiagnostics } from '../../grammar/render.ts';
import { readLibrary } from '../models/models.ts';

export interface Recurrence {
  readonly title: string;
  readonly body: string;
  readonly class: string;
  /** The equation that it is described by. */
  readonly form: string;
  /** Whether its prefill goes in chunks. */
  readonly chunked: boolean;
}

const PARTS = `
  weight q, k, a, k2 : width -> heads * key
  weight v, v2 : width -> heads * value
  weight vg : width -> heads * per * value
  weight b, b2, g : width -> heads
  weight bg, gg : width -> heads * per
  weight w : width -> heads * key
  weight bonus : heads * key
  weight B, C : width -> heads * key
  weight x : width -> heads * per * value
  weight A_log : heads * per
  weight dt, xc, f, i, z, o : width -> channel
  weight A : channel * key
  weight r : channel
  weight Bn, Cn : width -> key
  weight ks : width -> step * heads * key
  weight vs : width -> step * heads * value
  weight bs : width -> step * heads
  weight out : heads * value -> width
  weight out_wide : heads * per * value -> width
  weight out_channel : channel -> width
`;

export const RECURRENCES: readonly Recurrence[] = [
  {
    title: 'a selective state space',
    body: `scan S[channel, key] {
    S = exp(-softplus(dt(u)) * exp(A)) * S + softplus(dt(u)) * Bn(u) * xc(u)
    y = sum(S * Cn(u), key)
  }
  return out_channel(y)`,
    class: 'D',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'a grouped state space with a scalar decay',
    body: `scan S[heads, per, key, value] {
    S = exp(-softplus(gg(u)) * exp(A_log)) * S + softplus(gg(u)) * B(u) * x(u)
    y = sum(S * C(u), key)
  }
  return out_wide(y)`,
    class: 'S',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'linear attention',
    body: `scan S[heads, key, value] {
    S = S + k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'S',
    chunked: true,
    form: 'S ← S + k vᵀ, read after the update',
  },
  {
    title: 'retention with a constant decay',
    body: `scan S[heads, key, value] {
    S = 0.9 * S + k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'S',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'gated linear attention',
    body: `scan S[heads, key, value] {
    S = exp(log_sigmoid(w(u)) / 4) * S + k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'V',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'the delta rule',
    body: `kk = l2(k(u), key)
  scan S[heads, key, value] {
    S = S + sigmoid(b(u)) * kk * (v(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← S + b (aᵀ S) + k vᵀ, read after the update',
  },
  {
    title: 'a gated delta rule with grouped values',
    body: `kk = l2(k(u), key)
  scan S[heads, per, key, value] {
    S = exp(-softplus(gg(u))) * S
    S = S + sigmoid(bg(u)) * kk * (vg(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out_wide(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b (aᵀ S) + k vᵀ, read after the update',
  },
  {
    title: 'a delta rule with a vector decay',
    body: `kk = l2(k(u), key)
  scan S[heads, key, value] {
    S = exp(-softplus(w(u))) * S
    S = S + sigmoid(b(u)) * kk * (v(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b (aᵀ S) + k vᵀ, read after the update',
  },
  {
    title: 'a read before the update with a bonus',
    body: `scan S[heads, key, value] {
    y = sum((S + bonus * k(u) * v(u)) * q(u), key)
    S = exp(-exp(w(u))) * S + k(u) * v(u)
  }
  return out(y)`,
    class: 'V',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read before the update',
  },
  {
    title: 'a removal and a write along different keys',
    body: `kk = l2(k2(u), key)
  scan S[heads, key, value] {
    S = exp(-0.6 * sigmoid(w(u))) * S - sigmoid(a(u)) * kk * sum(kk * S, key) + k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b (aᵀ S) + k vᵀ, read after the update',
  },
  {
    title: 'two corrections in one position',
    body: `k1 = l2(k(u), key)
  kk = l2(k2(u), key)
  scan S[heads, key, value] {
    S = exp(log_sigmoid(w(u)) / 4) * S
    S = S + sigmoid(b(u)) * k1 * (v(u) - sum(k1 * S, key))
    S = S + sigmoid(b2(u)) * kk * (v2(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b1 (a1ᵀ S) + k1 v1ᵀ, then S ← S + b2 (a2ᵀ S) + k2 v2ᵀ, read after the update',
  },
  {
    title: 'three steps of the delta rule in one position',
    body: `axis step = 3
  kk = l2(ks(u), key)
  scan S[heads, key, value] {
    S = exp(-softplus(g(u))) * S
    for j in 0..3 {
      S = S + sigmoid(bs(u)[step = j]) * kk[step = j] * (vs(u)[step = j] - sum(kk[step = j] * S, key))
    }
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b1 (a1ᵀ S) + k1 v1ᵀ, then S ← S + b2 (a2ᵀ S) + k2 v2ᵀ, then S ← S + b3 (a3ᵀ S) + k3 v3ᵀ, read after the update',
  },
  {
    title: 'two plain writes in one position, with a decay before each',
    body: `axis step = 2
  scan S[heads, key, value] {
    for j in 0..2 { S = exp(-softplus(g(u))) * S + ks(u)[step = j] * vs(u)[step = j] }
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'S',
    chunked: true,
    form: 'S ← decay ⊙ S + k1 v1ᵀ + k2 v2ᵀ, read after the update',
  },
  {
    title: 'a plain write and then a step of the delta rule, which are decayed together',
    body: `kk = l2(k2(u), key)
  scan S[heads, key, value] {
    S = S + k(u) * v(u)
    S = S + sigmoid(b(u)) * kk * (v2(u) - sum(kk * S, key))
    S = exp(-softplus(w(u))) * S
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← S + k1 v1ᵀ, then S ← decay ⊙ S + b (aᵀ S) + k2 v2ᵀ, read after the update',
  },
  {
    title: 'a recurrence that starts afresh at position 0',
    body: `a = where(position == 0, 0, exp(-softplus(g(u))))
  scan S[heads, key, value] {
    S = a * S + where(position == 0, 1, 1 - a) * k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'S',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'a gated recurrence of single elements',
    body: `scan S[channel] {
    S = sigmoid(f(u)) * S + xc(u)
  }
  return out_channel(S)`,
    class: 'D',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'a constant decay of single elements',
    body: `scan S[channel] {
    S = 0.9 * S + xc(u)
  }
  return out_channel(S)`,
    class: 'D',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'linear attention with a constant decay for each key',
    body: `scan S[heads, key, value] {
    S = exp(-exp(bonus)) * S + k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'V',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'the delta rule with a constant decay for each key',
    body: `kk = l2(k(u), key)
  scan S[heads, key, value] {
    S = exp(-exp(bonus)) * S
    S = S + sigmoid(b(u)) * kk * (v(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b (aᵀ S) + k vᵀ, read after the update',
  },
];

/** Inputs on which a chunked kernel may lose what the recurrence keeps: decays near zero, and the same keys again and again. */
export const STRESSES: readonly Recurrence[] = [
  {
    title: 'a vector decay near zero',
    body: `scan S[heads, key, value] {
    S = exp(-20 * exp(w(u))) * S + k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'V',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'a scalar decay of zero in most places',
    body: `scan S[heads, key, value] {
    S = where(g(u) > 0.2, 1, 0) * S + k(u) * v(u)
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'S',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'unit keys that repeat, with corrections twice as large as what is held',
    body: `kk = l2(k(u), key)
  scan S[heads, key, value] {
    S = S + 2 * 0.5 * kk * (v(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← S + b (aᵀ S) + k vᵀ, read after the update',
  },
  {
    title: 'decays of single elements that are zero in most places',
    body: `scan S[channel, key] {
    S = where(dt(u) > 0.2, 1, 0) * S + Bn(u) * xc(u)
    y = sum(S * Cn(u), key)
  }
  return out_channel(y)`,
    class: 'D',
    chunked: true,
    form: 'S ← decay ⊙ S + k vᵀ, read after the update',
  },
  {
    title: 'unit keys that repeat, with a strong decay for each head',
    body: `kk = l2(k(u), key)
  scan S[heads, key, value] {
    S = exp(-10 * sigmoid(g(u))) * S
    S = S + 2 * kk * (v(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b (aᵀ S) + k vᵀ, read after the update',
  },
  {
    title: 'unit keys that repeat, with decays of each key that are zero in most places',
    body: `kk = l2(k(u), key)
  scan S[heads, key, value] {
    S = where(w(u) > 0.2, 1, 0) * S
    S = S + 2 * kk * (v(u) - sum(kk * S, key))
    y = sum(S * q(u), key)
  }
  return out(y)`,
    class: 'Δ',
    chunked: true,
    form: 'S ← decay ⊙ S + b (aᵀ S) + k vᵀ, read after the update',
  },
];

/** Recurrences that are not affine in one state, with what is said of them. */
export const REFUSED: readonly { readonly title: string; readonly body: string; readonly reason: string }[] =
  [
    {
      title: 'a cell whose gates read its output',
      body: `scan c[channel] = 0, h[channel] = 0 {
    c = sigmoid(f(u) + r * h) * c + sigmoid(i(u)) * tanh(z(u))
    h = sigmoid(o(u)) * tanh(c)
  }
  return out_channel(h)`,
      reason: "no normal form: 'sigmoid(f(u) + r * h)' is not affine in the state",
    },
    {
      title: 'a state that is squared',
      body: `scan S[channel] {
    S = f(u) * S * S + xc(u)
  }
  return out_channel(S)`,
      reason: "no normal form: 'f(u) * S * S' multiplies the state with itself",
    },
    {
      title: 'two states that read sums of each other',
      body: `scan s[channel, key], t[channel, key] {
    s = sigmoid(f(u)) * s + xc(u) * Bn(u) - 0.1 * sum(t, key)
    t = 0.5 * t + 0.1 * s
    y = sum(t * Cn(u), key)
  }
  return out_channel(y)`,
      reason: 'no normal form: s looks at sums over several states',
    },
  ];

export interface Sizes {
  readonly heads: number;
  readonly per: number;
  readonly key: number;
  readonly value: number;
}

export const SMALL: Sizes = { heads: 2, per: 2, key: 4, value: 3 };

/** A model of one layer whose mixer is the recurrence. */
export function recurrenceGraph(body: string, { heads, per, key, value }: Sizes = SMALL): Graph {
  const used = new Set(body.match(/\w+/g));
  const weights = PARTS.split('\n').flatMap((line) => usedWeights(line, used));
  const lines = body.split('\n');
  const axes = lines.filter((line) => line.trim().startsWith('axis '));
  const rest = lines.filter((line) => !axes.includes(line));
  const text = `mixer mine(heads = ${heads}, per = ${per}, key = ${key}, value = ${value}, channel = 5) {
${axes.join('\n')}
${weights.join('\n')}
  ${rest.join('\n')}
}

model own {
  vocab  11
  width  12
  stripe A
  A = mine()
  norm rms(eps: 1e-5)
  head tied
}
`;
  const { value: graph, diagnostics } = compileToGraph({
    source: { name: 'own.hyb', text },
    resolve: () => undefined,
    prelude: readLibrary(),
  });
  if (graph === undefined) throw new Error(renderDiagnostics(diagnostics));
  return graph;
}

function usedWeights(line: string, used: ReadonlySet<string>): readonly string[] {
  const [, names = '', shape = ''] = /weight (.*?) : (.*)/.exec(line) ?? [];
  const kept = names.split(', ').filter((name) => name !== '' && used.has(name));
  return kept.length === 0 ? [] : [`  weight ${kept.join(', ')} : ${shape}`];
}

export interface ScanCase {
  readonly attrs: ScanAttrs;
  /** Types of the scan's operands. */
  readonly types: readonly ValueType[];
  readonly names: readonly string[];
}

/** The recurrence's scan, as it is when kernels are made. */
export function scanOf(graph: Graph): ScanCase {
  for (const body of Object.values(rewriteGraph(graph).graph.bodies))
    for (const node of body.nodes)
      if (isOp(node, 'scan')) {
        const types = node.inputs.map((input) => nodeAt(body.nodes, input).type);
        return { attrs: node.attrs, types, names: operandNames(body, node) };
      }
  throw new Error('no scan');
}

/** The scan alone: operands with one value per position lie one after the other in one input, others are weights; its result is `y`, those of several `y0`, `y1` and so on. */
export function scanBody({ attrs, types }: ScanCase): Body {
  const builder = new BodyBuilder('recurrence');
  const size = types.reduce((sum, { axes, temporal }) => sum + (temporal ? elementCount(axes) : 0), 0);
  const joined = { name: 'joined', size };
  const all = builder.input('operands', { dtype: 'f32', axes: [joined], temporal: true });
  let offset = 0;
  const operands = types.map(({ axes, temporal }, i) => {
    if (!temporal) return builder.weight(`operand_${i}`, axes);
    const operand = builder.slice(all, { axis: joined.name, offset, into: axes });
    offset += elementCount(axes);
    return operand;
  });
  const scan = builder.scan(operands, attrs);
  if (attrs.results.length === 1) return builder.finish({ y: scan });
  let taken = 0;
  const results = resultTypes(attrs).map(({ axes }, i) => {
    const slice = builder.slice(scan, { axis: RESULTS_AXIS, offset: taken, into: axes });
    taken += elementCount(axes);
    return [`y${i}`, slice] as const;
  });
  return builder.finish(Object.fromEntries(results));
}

/** The operands at one position, from what `scanBody` was given. */
export function operandsAt({ types }: ScanCase, given: GivenValues, position: number): GivenValues['inputs'] {
  const sizes = types.map(({ axes }) => elementCount(axes));
  const total = sizes.reduce((sum, size, i) => sum + (types[i]?.temporal === true ? size : 0), 0);
  let at = position * total;
  const operands = types.map(({ temporal }, i) => {
    if (!temporal) return [`operand:${i}`, given.weights[`operand_${i}`] ?? new Float64Array()] as const;
    const from = at;
    at += sizes[i] ?? 0;
    return [`operand:${i}`, given.inputs['operands']?.subarray(from, at) ?? new Float64Array()] as const;
  });
  return Object.fromEntries(operands);
}
