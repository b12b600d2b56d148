// Long convolutions of the language, in f64: against sums written out here, against each other, and in any split into runs.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../compiler/check/index.ts';
import { isCausal } from '../../compiler/ir/causality.ts';
import { expectClose } from '../ir/helpers.ts';
import { filteredModel, WIDTH, type Filtered } from './filtered-model.ts';
import { graphOf, inputOf } from './graph-of.ts';

const LENGTH = 9;

/** What y must be at a position and channel, from u and the weights. */
type Meaning = (at: number, channel: number, given: Filtered) => number;

/** Σ_i tap(i) · u[at − i], or at later positions. */
function sumOver(
  { u }: Filtered,
  at: number,
  channel: number,
  taps: number,
  tap: (lag: number) => number,
  direction: 1 | -1 = 1,
  first = 0,
): number {
  let sum = 0;
  for (let i = 0; i < taps; i++) sum += tap(i) * (u[at - direction * (i + first)]?.[channel] ?? 0);
  return sum;
}

const declared = `  axis time = lag(5), old = taps(5), group = 2
  weight f : width * time, bias
  weight g : width * old
  weight D : width`;
const f = ({ weight }: Filtered, c: number, lag: number): number => weight('f')[c * 5 + lag]!;
const g = ({ weight }: Filtered, c: number, tap: number): number => weight('g')[c * 5 + tap]!;
const fBias = ({ weight }: Filtered, c: number): number => weight('f.bias')[c]!;

const cases: readonly (readonly [body: string, meaning: Meaning])[] = [
  [
    `${declared}\n  return longconv(u, f, skip: D)`,
    (t, c, all) =>
      sumOver(all, t, c, 5, (lag) => f(all, c, lag)) + fBias(all, c) + all.weight('D')[c]! * all.u[t]![c]!,
  ],
  [`${declared}\n  return longconv(u, g)`, (t, c, all) => sumOver(all, t, c, 5, (lag) => g(all, c, 4 - lag))],
  [
    `${declared}\n  return conv(u, f)`,
    (t, c, all) => sumOver(all, t, c, 5, (lag) => f(all, c, lag)) + fBias(all, c),
  ],
  [`${declared}\n  return conv(u, g)`, (t, c, all) => sumOver(all, t, c, 5, (lag) => g(all, c, 4 - lag))],
  [
    `${declared}\n  const k = 2 * f\n  return longconv(u, k, reverse: g, from: 1)`,
    (t, c, all) =>
      sumOver(all, t, c, 5, (lag) => 2 * f(all, c, lag)) +
      sumOver(all, t, c, 5, (lag) => g(all, c, 4 - lag), -1, 1),
  ],
  [
    `${declared}\n  return longconv(u, reverse: f, from: 0)`,
    (t, c, all) => sumOver(all, t, c, 5, (lag) => f(all, c, lag), -1) + fBias(all, c),
  ],
  [
    `${declared}\n  weight each : time\n  return longconv(u, each, skip: 0.5)`,
    (t, c, all) => sumOver(all, t, c, 5, (lag) => all.weight('each')[lag]!) + 0.5 * all.u[t]![c]!,
  ],
  [
    `  axis group = 2, per = 2, channel = group * per, time = lag(20)
  weight f : group * time
  weight into : width -> channel
  weight out : channel -> width
  return out(longconv(into(u), f))`,
    (t, c, all) => {
      const [into, out] = [all.weight('into'), all.weight('out')];
      let sum = 0;
      for (let d = 0; d < 4; d++) {
        const x = all.u.map((row) => row.reduce((each, value, at) => each + value * into[at * 4 + d]!, 0));
        for (let lag = 0; lag <= t; lag++)
          sum += out[d * WIDTH + c]! * all.weight('f')[Math.floor(d / 2) * 20 + lag]! * x[t - lag]!;
      }
      return sum;
    },
  ],
  [
    `  axis stage = 2, time = lag(6)
  weight f : stage * width * time
  y = u
  for j in 0..2 { y = longconv(y, f[stage = j]) }
  return y`,
    (t, c, all) => {
      const h = (stage: number, lag: number): number => all.weight('f')[(stage * WIDTH + c) * 6 + lag]!;
      const once = all.u.map((_, at) => sumOver(all, at, c, 6, (lag) => h(0, lag)));
      return once
        .slice(0, t + 1)
        .reduce((sum, value, at) => sum + (t - at < 6 ? h(1, t - at) * value : 0), 0);
    },
  ],
  [
    // A network of the lag with sines and a window, made so that its largest tap is 1.
    `  axis bands = 2, hidden = 3, time = lag(model.context)
  weight one : bands -> hidden, bias
  weight two : hidden -> width
  weight rate : width
  const phase = 2 * 3.141592653589793 * index(time) * (1 + index(bands)) / size(time)
  const raw = two(sin(one(cos(phase)))) * exp(-abs(rate) * index(time))
  return longconv(u, raw / max(abs(raw), time))`,
    (t, c, all) => {
      const raw = Array.from({ length: 12 }, (_, lag) => {
        let value = 0;
        for (let h = 0; h < 3; h++) {
          const before = [0, 1].reduce(
            (sum, band) =>
              sum + all.weight('one')[band * 3 + h]! * Math.cos((2 * Math.PI * lag * (1 + band)) / 12),
            all.weight('one.bias')[h]!,
          );
          value += all.weight('two')[h * WIDTH + c]! * Math.sin(before);
        }
        return value * Math.exp(-Math.abs(all.weight('rate')[c]!) * lag);
      });
      const largest = Math.max(...raw.map(Math.abs));
      return sumOver(all, t, c, 12, (lag) => raw[lag]! / largest);
    },
  ],
  [
    `  axis time = lag(6)
  weight z : width * time in complex
  return longconv(u, re(z * z))`,
    (t, c, all) =>
      sumOver(all, t, c, 6, (lag) => {
        const [re, im] = [all.weight('z.re')[c * 6 + lag]!, all.weight('z.im')[c * 6 + lag]!];
        return re * re - im * im;
      }),
  ],
  [
    // Two pieces, the second reversed, and zeros behind them.
    `  axis a = lag(2), b = lag(3), rest = lag(2), time = lag(7)
  weight fa : width * a
  weight fb : width * b
  const k = concat(fa, reverse(fb, b), 0 * index(rest), over: [a, b, rest], as: time)
  return longconv(u, k)`,
    (t, c, all) =>
      sumOver(all, t, c, 5, (lag) =>
        lag < 2 ? all.weight('fa')[c * 2 + lag]! : all.weight('fb')[c * 3 + 2 - (lag - 2)]!,
      ),
  ],
  [
    `  weight C, a : width * n in complex
  return longconv(u, modal(2 * C, a))`,
    (t, c, all) => sumOver(all, t, c, LENGTH, (lag) => modes(all, c, lag, 2)),
  ],
  [
    `  weight C, a : width * n in complex
  return longconv(u, reverse: modal(C, a), from: 1)`,
    (t, c, all) => sumOver(all, t, c, LENGTH, (lag) => modes(all, c, lag), -1, 1),
  ],
  [
    `  weight C, a : width * n in complex
  return longconv(u, modal(C, a), reverse: modal(3 * C, a), from: 0)`,
    (t, c, all) =>
      sumOver(all, t, c, LENGTH, (lag) => modes(all, c, lag)) +
      sumOver(all, t, c, LENGTH, (lag) => modes(all, c, lag, 3), -1),
  ],
  [
    // Real poles that all channels share, one of which is negative.
    `  weight C : width * n
  weight a : n
  return longconv(u, modal(C, a - 0.3), skip: 2)`,
    (t, c, all) =>
      2 * all.u[t]![c]! +
      sumOver(all, t, c, LENGTH, (lag) =>
        [0, 1, 2].reduce(
          (sum, n) => sum + all.weight('C')[c * 3 + n]! * (all.weight('a')[n]! - 0.3) ** lag,
          0,
        ),
      ),
  ],
  [
    // One pole for each channel: nothing is summed over.
    `  weight a : width
  return longconv(u, modal(1 - a, a))`,
    (t, c, all) =>
      sumOver(all, t, c, LENGTH, (lag) => (1 - all.weight('a')[c]!) * all.weight('a')[c]! ** lag),
  ],
  ['  return flip(u) + 0 * u', (t, c, all) => all.u[all.u.length - 1 - t]![c]!],
];

/** Re Σ C · a^lag over the modes of a channel. */
function modes({ weight }: Filtered, channel: number, lag: number, scale = 1): number {
  let sum = 0;
  for (let n = channel * 3; n < channel * 3 + 3; n++) {
    const [re, im] = [weight('a.re')[n]!, weight('a.im')[n]!];
    const [size, angle] = [Math.hypot(re, im) ** lag, Math.atan2(im, re) * lag];
    sum += scale * size * (weight('C.re')[n]! * Math.cos(angle) - weight('C.im')[n]! * Math.sin(angle));
  }
  return sum;
}

describe('sums written out', () => {
  test.each(cases)('%s', (body, meaning) => {
    const all = filteredModel(body)([LENGTH]);
    const expected = all.u.map((row, t) => row.map((_, c) => meaning(t, c, all)));
    expectClose(all.y.flat(), expected.flat(), 1e-9);
    expect(Math.max(...all.y.flat().map(Math.abs))).toBeGreaterThan(0.01);
  });
});

const seeds = fc.integer({ min: 1, max: 10_000 });
const runs = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });
const ones = (count: number): readonly number[] => Array.from({ length: count }, () => 1);

const causal = cases.map(([body]) => body).filter((body) => !/reverse:|flip/.test(body));

test.each(causal)('in any split into runs, and token by token: %s', (body) => {
  const run = filteredModel(body);
  fc.assert(
    fc.property(runs, seeds, (split, seed) => {
      const count = split.reduce((sum, each) => sum + each, 0);
      const whole = run([count], seed).y.flat();
      expectClose(run(split, seed).y.flat(), whole, 1e-9);
      expectClose(run(ones(count), seed).y.flat(), whole, 1e-9);
    }),
    { numRuns: 3 },
  );
});

/** Pairs of expressions that mean the same, whatever the weights; `k` and `l` are filters, `v` is a value. */
const identities: readonly (readonly [string, string])[] = [
  ['longconv(u + 3 * v, k)', 'longconv(u, k) + 3 * longconv(v, k)'],
  ['longconv(u, k + l)', 'longconv(u, k) + longconv(u, l)'],
  ['longconv(shift(u), k)', 'shift(longconv(u, k))'],
  ['longconv(longconv(u, k), l)', 'longconv(longconv(u, l), k)'],
  ['longconv(u, k)', 'longconv(u, rename(reverse(k, time), time: old))'],
  ['longconv(u, k)', 'conv(u, k)'],
  ['longconv(u, g)', 'conv(u, g)'],
  ['longconv(u, reverse: k, from: 0)', 'flip(longconv(flip(u), k))'],
  ['longconv(u, reverse: k, from: 1)', 'flip(shift(longconv(flip(u), k)))'],
  ['longconv(u, k, reverse: l, from: 1)', 'longconv(u, k) + longconv(u, reverse: l, from: 1)'],
  ['longconv(u, k, skip: D)', 'longconv(u, k) + D * u'],
  ['longconv(u, k, skip: none, reverse: none)', 'longconv(u, k)'],
  ['longconv(u, modal(C, a))', 'longconv(u, taps(modal(C, a, over: n), whole))'],
  ['longconv(u, modal(C, a))', 'longconv(u, taps(modal(C, a, over: n), oldest))'],
  ['longconv(u, modal(C, a))', 'longconv(u, re(sum(C * a ^ index(whole), n)))'],
  ['longconv(u, modal(re(C), re(a)))', 'longconv(u, taps(modal(re(C), re(a), over: n), whole))'],
  ['longconv(u, modal(C, re(a)))', 'longconv(u, taps(modal(C, re(a), over: n), whole))'],
  ['longconv(u, modal(re(C), a))', 'longconv(u, taps(modal(re(C), a, over: n), whole))'],
  ['longconv(u, modal(0 + C, abs(a)))', 'longconv(u, modal(C + conj(C), abs(a))) / 2'],
];

const inIdentities = (expression: string): string => `  axis time = lag(5), old = taps(5)
  axis whole = lag(model.context), oldest = taps(model.context)
  weight k, l : width * time
  weight g : width * old
  weight D : width
  weight C, a : width * n in complex
  v = u * u
  return ${expression}`;

test.each(identities)('%s is %s', (left, right) => {
  const [one, other] = [filteredModel(inIdentities(left)), filteredModel(inIdentities(right))];
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 12 }), (seed, count) => {
      expectClose(one([count], seed).y.flat(), other([count], seed).y.flat(), 1e-9);
    }),
    { numRuns: 8 },
  );
});

const causalityOf = (expression: string): string => `mixer mine() {
  axis time = lag(5)
  weight k : width * time
  return ${expression}
}
model own {
  vocab 3
  width 4
  stripe X
  X = mine()
}`;

test('what reads later positions makes a model that is not causal', () => {
  expect(isCausal(graphOf(causalityOf('longconv(u, k)')))).toBe(true);
  expect(isCausal(graphOf(causalityOf('longconv(u, reverse: k, from: 0)')))).toBe(false);
  expect(isCausal(graphOf(causalityOf('flip(u)')))).toBe(false);
});

function filterLength(settings: string, context?: number): number | undefined {
  const text = `mixer mine() {
  weight k : width * all
  return longconv(u, k)
}
model own {
  vocab 3
  width 4
  ${settings}
  axis all = lag(model.context)
  stripe X
  X = mine()
}`;
  const { value } = check({ ...inputOf(text), context });
  return value?.bodies['X']?.nodes.find(({ name }) => name === 'k')?.type.axes.at(-1)?.size;
}

test('model.context is what a sequence has room for: what was asked, or the model says, and the learned prefix', () => {
  expect(filterLength('')).toBe(4096);
  expect(filterLength('context 9')).toBe(9);
  expect(filterLength('context 100_000')).toBe(4096);
  expect(filterLength('context 100_000', 20_000)).toBe(20_000);
  expect(filterLength('context 9\n  meta 3', 12)).toBe(15);
});
