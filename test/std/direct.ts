// The mixers of std/ computed directly from their papers' formulas, one number at a time: an opinion that shares no code with the
// compiler. Vectors are plain arrays; a sequence is a list of vectors.

type Vector = readonly number[];
type Sequence = readonly Vector[];
/** An element of a weight by the indices of its axes; 0 where the model has no such weight. */
export type Weight = (name: string, indices: Readonly<Record<string, number>>) => number;

const sum = (count: number, term: (index: number) => number): number =>
  Array.from({ length: count }, (_, index) => term(index)).reduce((total, value) => total + value, 0);
const range = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const silu = (x: number): number => x / (1 + Math.exp(-x));
export const softplus = (x: number): number => Math.log(1 + Math.exp(x));
export const squaredRelu = (x: number): number => Math.max(x, 0) ** 2;
export const geluTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
/** x Φ(x), with the error function by its power series, which is exact enough for the small numbers of a test. */
export const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));

function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

export function gatedMlp(u: Sequence, hidden: number, activate: (x: number) => number, w: Weight): Sequence {
  const into = (name: string, x: Vector, j: number): number =>
    sum(x.length, (i) => x[i]! * w(name, { width: i, hidden: j })) + w(`${name}.bias`, { hidden: j });
  return u.map((x) => {
    const h = range(hidden, (j) => activate(into('gate_proj', x, j)) * into('up_proj', x, j));
    return down(h, x.length, w);
  });
}

export function plainMlp(u: Sequence, hidden: number, activate: (x: number) => number, w: Weight): Sequence {
  return u.map((x) => {
    const h = range(hidden, (j) =>
      activate(
        sum(x.length, (i) => x[i]! * w('up_proj', { width: i, hidden: j })) +
          w('up_proj.bias', { hidden: j }),
      ),
    );
    return down(h, x.length, w);
  });
}

function down(h: Vector, width: number, w: Weight): Vector {
  return range(
    width,
    (i) =>
      sum(h.length, (j) => h[j]! * w('down_proj', { hidden: j, width: i })) +
      w('down_proj.bias', { width: i }),
  );
}

export function rms(x: Vector, eps: number, weight: (index: number) => number): Vector {
  const size = Math.sqrt(sum(x.length, (i) => x[i]! ** 2) / x.length + eps);
  return x.map((value, index) => (value / size) * weight(index));
}

export function layerNorm(
  x: Vector,
  eps: number,
  weight: (index: number) => number,
  bias: (index: number) => number,
): Vector {
  const mean = sum(x.length, (i) => x[i]!) / x.length;
  const variance = sum(x.length, (i) => (x[i]! - mean) ** 2) / x.length;
  return x.map((value, index) => ((value - mean) / Math.sqrt(variance + eps)) * weight(index) + bias(index));
}

export interface Attention {
  readonly heads: number;
  readonly kvHeads: number;
  readonly part: number;
  readonly value?: number;
  readonly window?: number;
  readonly rope?: number;
  readonly rotary?: number;
  readonly style?: 'half' | 'interleaved';
  readonly scale?: number;
  readonly normed?: boolean;
  /** Changes a frequency. */
  readonly scaling?: (frequency: number) => number;
}

export function attention(u: Sequence, options: Attention, w: Weight): Sequence {
  const { heads, kvHeads, part, value = part, window = Infinity, scale = 1 / Math.sqrt(part) } = options;
  const per = heads / kvHeads;
  const q = u.map((x, t) =>
    range(heads, (h) => {
      const at = { kv: Math.floor(h / per), per: h % per };
      return prepared(project(x, 'q_proj', part, 'part', at, w), t, 'q_norm', options, w);
    }),
  );
  const k = u.map((x, t) =>
    range(kvHeads, (kv) => prepared(project(x, 'k_proj', part, 'part', { kv }, w), t, 'k_norm', options, w)),
  );
  const v = u.map((x) => range(kvHeads, (kv) => project(x, 'v_proj', value, 'value', { kv }, w)));
  return u.map((x, t) => {
    const mixed = range(heads, (h) => {
      const kv = Math.floor(h / per);
      const seen = range(u.length, (s) => s).filter((s) => s <= t && t - s < window);
      const weights = seen.map((s) => Math.exp(scale * sum(part, (p) => q[t]![h]![p]! * k[s]![kv]![p]!)));
      const total = weights.reduce((all, each) => all + each, 0);
      return range(value, (p) => sum(seen.length, (n) => (weights[n]! / total) * v[seen[n]!]![kv]![p]!));
    });
    return range(
      x.length,
      (i) =>
        sum(heads, (h) =>
          sum(
            value,
            (p) =>
              mixed[h]![p]! *
              w('o_proj', { kv: Math.floor(h / per), per: h % per, value: p, part: p, width: i }),
          ),
        ) + w('o_proj.bias', { width: i }),
    );
  });
}

function project(
  x: Vector,
  name: string,
  size: number,
  axis: string,
  at: Readonly<Record<string, number>>,
  w: Weight,
): Vector {
  return range(size, (p) => {
    // Where the value's size is the part's, its axis is the part's too.
    const own = { ...at, [axis]: p, part: p };
    return sum(x.length, (i) => x[i]! * w(name, { ...own, width: i })) + w(`${name}.bias`, own);
  });
}

function prepared(x: Vector, position: number, norm: string, options: Attention, w: Weight): Vector {
  const normed = options.normed === true ? rms(x, 1e-6, (part) => w(norm, { part })) : x;
  return options.rope === undefined ? normed : turned(normed, position, options.rope, options);
}

/** Rotary positions: entries 2i and 2i + 1, or i and i + half, turn together. */
function turned(x: Vector, position: number, base: number, options: Attention): Vector {
  const { rotary = x.length, style = 'half', scaling = (frequency: number) => frequency } = options;
  const result = [...x];
  for (let i = 0; i < rotary / 2; i++) {
    const [a, b] = style === 'half' ? [i, i + rotary / 2] : [2 * i, 2 * i + 1];
    const angle = position * scaling(base ** ((-2 * i) / rotary));
    result[a] = x[a]! * Math.cos(angle) - x[b]! * Math.sin(angle);
    result[b] = x[b]! * Math.cos(angle) + x[a]! * Math.sin(angle);
  }
  return result;
}

export interface Mamba {
  readonly state: number;
  readonly conv: number;
  readonly inner: number;
  readonly rank: number;
  readonly norms?: 'weighted' | 'plain';
}

export function mamba(u: Sequence, { state, conv, inner, rank, norms }: Mamba, w: Weight): Sequence {
  const normed = (x: Vector, axis: string, name: string): Vector =>
    norms === undefined
      ? x
      : rms(x, 1e-6, (index) => (norms === 'weighted' ? w(name, { [axis]: index }) : 1));
  const into = (x: Vector, which: number): Vector =>
    range(
      inner,
      (channel) =>
        sum(x.length, (width) => x[width]! * w(`in_proj.${which}`, { width, channel })) +
        w(`in_proj.${which}.bias`, { channel }),
    );
  const before = u.map((x) => into(x, 0));
  const h = range(inner, () => Array.from({ length: state }, () => 0));
  return u.map((input, t) => {
    const x = range(inner, (channel) =>
      silu(
        sum(conv, (taps) => (before[t - conv + 1 + taps]?.[channel] ?? 0) * w('conv1d', { channel, taps })) +
          w('conv1d.bias', { channel }),
      ),
    );
    const reads = (which: number, size: number, axis: string): Vector =>
      range(size, (j) => sum(inner, (channel) => x[channel]! * w(`x_proj.${which}`, { channel, [axis]: j })));
    const low = normed(reads(0, rank, 'dt_rank'), 'dt_rank', 'dt_norm');
    const b = normed(reads(1, state, 'n'), 'n', 'B_norm');
    const c = normed(reads(2, state, 'n'), 'n', 'C_norm');
    const z = into(input, 1);
    const y = range(inner, (channel) => {
      const dt = softplus(
        sum(rank, (r) => low[r]! * w('dt_proj', { dt_rank: r, channel })) + w('dt_proj.bias', { channel }),
      );
      for (let n = 0; n < state; n++) {
        const a = -Math.exp(w('A_log', { channel, n }));
        h[channel]![n] = Math.exp(dt * a) * h[channel]![n]! + dt * b[n]! * x[channel]!;
      }
      const read = sum(state, (n) => h[channel]![n]! * c[n]!) + w('D', { channel }) * x[channel]!;
      return read * silu(z[channel]!);
    });
    return range(
      input.length,
      (width) =>
        sum(inner, (channel) => y[channel]! * w('out_proj', { channel, width })) +
        w('out_proj.bias', { width }),
    );
  });
}
