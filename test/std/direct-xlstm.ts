// The memories of xLSTM and RWKV-4 computed directly from their papers' formulas, one number at a time.
import type { Weight } from './direct.ts';
import type { Sequence } from './run-layer.ts';

type Vector = readonly number[];
type Axes = Readonly<Record<string, number>>;

const range = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const sum = (values: Vector): number => values.reduce((total, value) => total + value, 0);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const cap = (x: number): number => 15 * Math.tanh(x / 15);
const silu = (x: number): number => x * sigmoid(x);

function apply(w: Weight, name: string, x: Vector, out: Axes): number {
  return sum(x.map((value, i) => value * w(name, { width: i, ...out })));
}

/** Group norm of one head, without its weight. */
function normed(x: Vector, eps: number): Vector {
  const mean = sum(x) / x.length;
  const variance = sum(x.map((value) => (value - mean) ** 2)) / x.length;
  return x.map((value) => (value - mean) / Math.sqrt(variance + eps));
}

export interface Slstm {
  readonly heads: number;
  readonly part: number;
  readonly conv: number;
}

/** arXiv:2405.04517, equations 8 to 17 with the block of its figure 10. */
export function slstm(u: Sequence, { heads, part, conv }: Slstm, w: Weight): Sequence {
  const width = u[0]!.length;
  let state = range(heads, () => range(part, () => ({ c: 0, n: 0, m: -Infinity, h: 0 })));
  return u.map((x, t) => {
    const filtered = range(width, (i) => {
      const taps = range(
        conv,
        (tap) => (u[t - conv + 1 + tap]?.[i] ?? 0) * w('conv1d', { width: i, taps: tap }),
      );
      return silu(sum(taps) + w('conv1d.bias', { width: i }));
    });
    state = state.map((own, head) =>
      own.map(({ c, n, m }, j) => {
        const at = { heads: head, part: j };
        const gate = (letter: string, input: Vector): number =>
          apply(w, `${letter}gate`, input, at) +
          w(`${letter}gate.bias`, at) +
          sum(own.map(({ h }, i) => h * w(`r${letter}`, { heads: head, part: i, "part'": j })));
        const [i, f, z, o] = [gate('i', filtered), gate('f', filtered), gate('z', x), gate('o', x)];
        const top = Math.max(Math.log(sigmoid(f)) + m, i);
        const keep = Math.exp(Math.log(sigmoid(f)) + m - top);
        const next = {
          c: keep * c + Math.exp(i - top) * Math.tanh(z),
          n: keep * n + Math.exp(i - top),
          m: top,
        };
        return { ...next, h: (sigmoid(o) * next.c) / next.n };
      }),
    );
    const y = state.map((own) =>
      normed(
        own.map(({ h }) => h),
        1e-5,
      ),
    );
    return range(width, (i) =>
      sum(
        y.flatMap((own, head) =>
          own.map(
            (value, j) =>
              value *
              w('head_norm', { heads: head, part: j }) *
              w('out_proj', { heads: head, part: j, width: i }),
          ),
        ),
      ),
    );
  });
}

export interface Mlstm {
  readonly heads: number;
  readonly key: number;
  readonly value: number;
}

/** arXiv:2503.13427, section 2: the matrix memory of xLSTM-7B, with m = 0 at first and the floor exp(-m). */
export function mlstm(u: Sequence, { heads, key, value }: Mlstm, w: Weight): Sequence {
  const eps = 1e-6;
  const states = range(heads, () => ({
    C: range(key, () => range(value, () => 0)),
    n: range(key, () => 0),
    m: 0,
  }));
  let state: readonly { C: readonly Vector[]; n: Vector; m: number }[] = states;
  return u.map((x) => {
    const project = (name: string, head: number, axis: string, size: number): Vector =>
      range(size, (j) => apply(w, name, x, { heads: head, [axis]: j }));
    state = state.map(({ C, n, m }, head) => {
      const [k, v] = [project('k', head, 'key', key), project('v', head, 'value', value)];
      const gate = cap(
        apply(w, 'igate_preact', x, { heads: head }) + w('igate_preact.bias', { heads: head }),
      );
      const forget = cap(
        apply(w, 'fgate_preact', x, { heads: head }) + w('fgate_preact.bias', { heads: head }),
      );
      const log = Math.log(sigmoid(forget));
      const top = Math.max(log + m, gate);
      const [keep, take] = [Math.exp(log + m - top), Math.exp(gate - top)];
      return {
        C: C.map((row, i) => row.map((each, j) => keep * each + take * k[i]! * v[j]!)),
        n: n.map((each, i) => keep * each + take * k[i]!),
        m: top,
      };
    });
    const h = state.map(({ C, n, m }, head) => {
      const q = project('q', head, 'key', key).map((each) => each / Math.sqrt(key));
      const total = Math.max(Math.abs(sum(n.map((each, i) => each * q[i]!))), Math.exp(-m)) + eps;
      return normed(
        range(value, (j) => sum(C.map((row, i) => row[j]! * q[i]!)) / total),
        eps,
      );
    });
    return range(x.length, (i) =>
      sum(
        h.flatMap((own, head) =>
          own.map((each, j) => {
            const at = { heads: head, value: j };
            const gate = sigmoid(apply(w, 'ogate_preact', x, at));
            return gate * each * w('multihead_norm', at) * w('out_proj', { ...at, width: i });
          }),
        ),
      ),
    );
  });
}

/** arXiv:2305.13048, equation 16 with the sums as they are, in f64 without a stabiliser. */
export function rwkv4(u: Sequence, w: Weight): Sequence {
  const width = u[0]!.length;
  let [a, b]: readonly Vector[] = [range(width, () => 0), range(width, () => 0)];
  return u.map((x, t) => {
    const mixed = (name: string): Vector =>
      range(width, (i) => {
        const [share, before] = [w(`mix_${name}`, { width: i }), u[t - 1]?.[i] ?? 0];
        return share * x[i]! + (1 - share) * before;
      });
    const project = (name: string, input: Vector): Vector =>
      range(width, (i) => apply(w, name, input, { "width'": i }));
    const [k, v, r] = [
      project('key', mixed('k')),
      project('value', mixed('v')),
      project('receptance', mixed('r')),
    ];
    const y = range(width, (i) => {
      const bonus = Math.exp(w('first', { width: i }) + k[i]!);
      return (sigmoid(r[i]!) * (a![i]! + bonus * v[i]!)) / (b![i]! + bonus);
    });
    const decay = range(width, (i) => Math.exp(-Math.exp(w('decay', { width: i }))));
    a = range(width, (i) => decay[i]! * a![i]! + Math.exp(k[i]!) * v[i]!);
    b = range(width, (i) => decay[i]! * b![i]! + Math.exp(k[i]!));
    return range(width, (i) => sum(y.map((each, j) => each * w('output', { width: j, "width'": i }))));
  });
}
