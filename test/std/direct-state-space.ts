// Complex state spaces computed directly from their papers' formulas: the diagonal ones as convolutions, which share nothing with a
// recurrence but the result.
import { gelu, geluTanh, silu, softplus, type Weight } from './direct.ts';
import type { Sequence } from './run-layer.ts';

type Vector = readonly number[];
type Axes = Readonly<Record<string, number>>;
interface Complex {
  readonly re: number;
  readonly im: number;
}

const range = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const sum = (values: Vector): number => values.reduce((total, value) => total + value, 0);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const complex = (re: number, im = 0): Complex => ({ re, im });
const plus = (a: Complex, b: Complex): Complex => complex(a.re + b.re, a.im + b.im);
const scaled = (a: Complex, by: number): Complex => complex(a.re * by, a.im * by);
const times = (a: Complex, b: Complex): Complex =>
  complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
const over = (a: Complex, b: Complex): Complex =>
  scaled(times(a, complex(b.re, -b.im)), 1 / (b.re ** 2 + b.im ** 2));
const exp = (a: Complex): Complex => scaled(complex(Math.cos(a.im), Math.sin(a.im)), Math.exp(a.re));

function weightOf(w: Weight, name: string, at: Axes): Complex {
  return complex(w(`${name}.re`, at), w(`${name}.im`, at));
}

function apply(w: Weight, name: string, x: Vector, out: Axes, input = 'width'): number {
  return sum(x.map((value, i) => value * w(name, { ...out, [input]: i }))) + w(`${name}.bias`, out);
}

/** The pole and the gain of exp(A t) held over a step, or of the bilinear rule. */
function discrete(
  A: Complex,
  step: number,
  disc: string,
): { readonly pole: Complex; readonly gain: Complex } {
  if (disc === 'zoh') {
    const pole = exp(scaled(A, step));
    return { pole, gain: over(plus(pole, complex(-1)), A) };
  }
  const below = plus(complex(1), scaled(A, -step / 2));
  return { pole: over(plus(complex(1), scaled(A, step / 2)), below), gain: over(complex(step), below) };
}

/** Σ over lags of kernel ⊙ u for each channel, and the skip, through gelu and the output's gate. */
function convolved(
  u: Sequence,
  kernel: (lag: number, channel: number) => number,
  glu: boolean,
  w: Weight,
): Sequence {
  return u.map((x, t) => {
    const z = x.map((value, d) =>
      gelu(sum(range(t + 1, (lag) => kernel(lag, d) * u[t - lag]![d]!)) + w('D', { width: d }) * value),
    );
    // A map's output is `width'` where its input is `width`.
    const out = (name: string, i: number): number =>
      sum(z.map((value, d) => value * w(name, { width: d, "width'": i }))) + w(`${name}.bias`, { width: i });
    return x.map((_, i) =>
      glu ? out('output_gated.a', i) * sigmoid(out('output_gated.b', i)) : out('output_linear', i),
    );
  });
}

function power(pole: Complex, lag: number): Complex {
  return range(lag, () => pole).reduce(times, complex(1));
}

export interface S4d {
  readonly modes: number;
  readonly disc: string;
  readonly exponential: boolean;
  readonly sign: number;
  readonly learned: boolean;
  readonly glu: boolean;
}

/** arXiv:2206.11893, equations 3 and 9. */
export function s4d(u: Sequence, options: S4d, w: Weight): Sequence {
  const { modes, disc, exponential, sign, learned, glu } = options;
  const kernel = (lag: number, d: number): number => {
    const raw = w('inv_dt', { width: d });
    const step = exponential ? Math.exp(raw) : softplus(raw);
    const terms = range(modes, (n) => {
      const at = { width: d, n };
      const A = complex(-Math.exp(w('A_real', at)), sign * w('A_imag', at));
      const { pole, gain } = discrete(A, step, disc);
      const B = learned ? weightOf(w, 'B', at) : complex(1);
      return times(times(weightOf(w, 'C', at), times(B, gain)), power(pole, lag)).re;
    });
    return 2 * sum(terms);
  };
  return convolved(u, kernel, glu, w);
}

export interface Dss {
  readonly modes: number;
  readonly version: string;
  readonly separate: boolean;
  readonly glu: boolean;
}

/** arXiv:2203.14343, proposition 1, in the forms of its code. */
export function dss(u: Sequence, { modes, version, separate, glu }: Dss, w: Weight): Sequence {
  const kernel = (lag: number, d: number): number => {
    const step = Math.exp(w('log_dt', { width: d }));
    const turn = separate ? Math.exp(w('log_dt_im', { width: d })) : step;
    const terms = range(modes, (n) => {
      const re = version.startsWith('clip')
        ? Math.min(w('Lambda_re', { n }), 1e-4)
        : -Math.exp(w('Lambda_log_neg_re', { n }));
      const lambda = complex(re, w('Lambda_im', { n }));
      const pole = exp(complex(step * lambda.re, turn * lambda.im));
      const gain = version.endsWith('no-scale') ? complex(1) : over(plus(pole, complex(-1)), lambda);
      return times(times(weightOf(w, 'W', { width: d, n }), gain), power(pole, lag)).re;
    });
    return sum(terms);
  };
  return convolved(u, kernel, glu, w);
}

export interface S5 {
  readonly modes: number;
  readonly disc: string;
  readonly pairs: boolean;
  readonly activation: string;
}

/** arXiv:2208.04933, equations 2 and 6. */
export function s5(u: Sequence, { modes, disc, pairs, activation }: S5, w: Weight): Sequence {
  let h: readonly Complex[] = range(modes, () => complex(0));
  return u.map((x) => {
    h = h.map((own, n) => {
      const lambda = complex(w('Lambda_re', { n }), w('Lambda_im', { n }));
      const { pole, gain } = discrete(lambda, Math.exp(w('log_step', { n })), disc);
      const input = x.map((value, i) => scaled(weightOf(w, 'B', { width: i, n }), value)).reduce(plus);
      return plus(times(pole, own), times(gain, input));
    });
    const y = x.map((value, i) => {
      const read = h.map((own, n) => times(weightOf(w, 'C', { n, width: i }), own).re);
      return (pairs ? 2 : 1) * sum(read) + w('D', { width: i }) * value;
    });
    const g = y.map(geluTanh);
    const out = (name: string, i: number): number =>
      sum(g.map((value, d) => value * w(name, { width: d, "width'": i }))) + w(`${name}.bias`, { width: i });
    const gate = (i: number): number => sigmoid(out('out2', i));
    return x.map((_, i) => {
      if (activation === 'full_glu') return out('out1', i) * gate(i);
      if (activation === 'half_glu1') return g[i]! * gate(i);
      return activation === 'half_glu2' ? y[i]! * gate(i) : g[i]!;
    });
  });
}

export interface Mamba3 {
  readonly groups: number;
  readonly per: number;
  readonly part: number;
  readonly pairs: number;
  readonly moving: number;
  readonly heavy: boolean;
}

/** Entries of the state turn by twos. */
function pairOf(i: number): Axes {
  return { 'moving+still': Math.floor(i / 2), two: i % 2 };
}

/** arXiv:2603.15569: a state of reals, whose keys are turned by angles that add up. */
export function mamba3(u: Sequence, options: Mamba3, w: Weight): Sequence {
  const { groups, per, part, pairs, moving, heavy } = options;
  const heads = range(groups * per, (h) => ({ group: Math.floor(h / per), per: h % per }));
  const memory = heads.map(() => ({
    theta: Array.from({ length: moving }, () => 0),
    k: Array.from({ length: 2 * pairs }, () => 0),
    v: Array.from({ length: part }, () => 0),
    state: range(part, () => Array.from({ length: 2 * pairs }, () => 0)),
  }));
  return u.map((input) => {
    const project = (name: string, at: Axes): number => apply(w, `in_proj.${name}`, input, at);
    const outputs = heads.map((at, h) => {
      const own = memory[h]!;
      const dt = softplus(project('dt', at) + w('dt_bias', at));
      const a = project('a', at);
      const f = heavy ? (a >= 0 ? 1 + a : 1 / (1 - a)) : softplus(a);
      const alpha = Math.exp(Math.min(-f, -1e-4) * dt);
      const lambda = sigmoid(project('trap', at));
      own.theta = own.theta.map((t, s) => t + Math.PI * Math.tanh(project('angle', { moving: s })) * dt);
      const turned = (name: string): Vector => {
        const raw = range(2 * pairs, (i) => project(name, { group: at.group, ...pairOf(i) }));
        const size = Math.sqrt(sum(raw.map((value) => value ** 2)) / raw.length + 1e-5);
        const x = raw.map(
          (value, i) =>
            (value / size) * w(`${name}_norm`, pairOf(i)) + w(`${name}_bias`, { ...at, ...pairOf(i) }),
        );
        return x.map((value, i) => {
          const angle = own.theta[Math.floor(i / 2)] ?? 0;
          const other = x[i % 2 === 0 ? i + 1 : i - 1]!;
          return value * Math.cos(angle) + (i % 2 === 0 ? -other : other) * Math.sin(angle);
        });
      };
      const [k, q] = [turned('B'), turned('C')];
      const v = range(part, (p) => project('x', { ...at, part: p }));
      own.state = own.state.map((row, p) =>
        row.map(
          (value, i) =>
            alpha * value + (1 - lambda) * dt * alpha * own.v[p]! * own.k[i]! + lambda * dt * v[p]! * k[i]!,
        ),
      );
      [own.k, own.v] = [[...k], [...v]];
      return v.map((value, p) => {
        const y = sum(own.state[p]!.map((entry, i) => entry * q[i]!)) + w('D', at) * value;
        return y * silu(project('z', { ...at, part: p }));
      });
    });
    return input.map((_, i) =>
      sum(
        heads.map((at, h) => sum(outputs[h]!.map((y, p) => y * w('out_proj', { ...at, part: p, width: i })))),
      ),
    );
  });
}
