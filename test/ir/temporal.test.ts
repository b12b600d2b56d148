// Temporal ops against direct computation, and in one run, split, and position by position.
import { describe, expect, it } from 'vitest';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { axis, expectClose, expectTimeless, perPosition, randomGiven } from './helpers.ts';

const COUNT = 11;

/** Values of two heads and `size` entries per position, with these two axes swapped. */
function swapped(values: Float64Array, size: number): Float64Array {
  const source = (i: number): number =>
    Math.floor(i / (2 * size)) * 2 * size + (i % size) * 2 + (Math.floor(i / size) % 2);
  return values.map((_, i) => values[source(i)]!);
}

describe('shift', () => {
  it('gives the value before, and 0 at first', () => {
    const builder = new BodyBuilder('shift');
    const x = builder.input('x', perPosition(axis('width', 2)));
    const body = builder.finish({ one: builder.shift(x), three: builder.shift(x, 3) });
    const given = randomGiven(body, COUNT);
    const { one, three } = interpretBody(body, given, [COUNT]);
    expect([...one!]).toEqual([0, 0, ...given.inputs['x']!.subarray(0, -2)]);
    expect([...three!]).toEqual([0, 0, 0, 0, 0, 0, ...given.inputs['x']!.subarray(0, -6)]);
    expectTimeless(body, given, COUNT);
  });
});

describe('conv', () => {
  it('is a causal filter with the oldest tap first', () => {
    const builder = new BodyBuilder('conv');
    const x = builder.input('x', perPosition(axis('channel', 3)));
    const filter = builder.weight('filter', [axis('channel', 3), axis('taps', 4)]);
    const body = builder.finish({ y: builder.conv(x, filter, 'taps') });
    const given = randomGiven(body, COUNT);
    const [values, taps] = [given.inputs['x']!, given.weights['filter']!];
    const expected = Array.from({ length: COUNT * 3 }, (_, i) => {
      const [t, channel] = [Math.floor(i / 3), i % 3];
      let sum = 0;
      for (let j = 0; j < 4; j++)
        if (t - 3 + j >= 0) sum += taps[channel * 4 + j]! * values[(t - 3 + j) * 3 + channel]!;
      return sum;
    });
    expectClose(interpretBody(body, given, [COUNT])['y']!, expected);
    expectTimeless(body, given, COUNT);
  });

  it('adds the filter’s own axes to the value', () => {
    const builder = new BodyBuilder('conv');
    const x = builder.input('x', perPosition());
    const filter = builder.weight('filter', [axis('taps', 2), axis('band', 2)]);
    const y = builder.conv(x, filter, 'taps');
    const body = builder.finish({ y });
    expect(builder.typeOf(y).axes).toEqual([axis('band', 2)]);
    const given = {
      inputs: { x: Float64Array.of(1, 10) },
      weights: { filter: Float64Array.of(1, 2, 3, 4) },
      parameters: {},
    };
    expect([...interpretBody(body, given, [2])['y']!]).toEqual([3, 4, 31, 42]);
  });
});

describe('longconv and flip', () => {
  it('sums over all earlier positions, current first', () => {
    const builder = new BodyBuilder('longconv');
    const x = builder.input('x', perPosition(axis('width', 1)));
    const filter = builder.weight('filter', [axis('lag', 3)]);
    const body = builder.finish({
      y: builder.add('longconv', [x, filter], { filters: [{ axis: 'lag', ahead: false, first: 0 }] }),
    });
    const given = {
      inputs: { x: Float64Array.of(1, 2, 3, 4) },
      weights: { filter: Float64Array.of(1, 10, 100) },
      parameters: {},
    };
    expect([...interpretBody(body, given, [4])['y']!]).toEqual([1, 12, 123, 234]);
    expectTimeless(body, given, 4);
  });

  it('adds a filter that reads ahead, from the lag where it begins', () => {
    const builder = new BodyBuilder('two sides');
    const x = builder.input('x', perPosition(axis('width', 1)));
    const behind = builder.weight('behind', [axis('lag', 2)]);
    const ahead = builder.weight('ahead', [axis('later', 2)]);
    const filters = [
      { axis: 'lag', ahead: false, first: 0 },
      { axis: 'later', ahead: true, first: 1 },
    ];
    const body = builder.finish({ y: builder.add('longconv', [x, behind, ahead], { filters }) });
    const given = {
      inputs: { x: Float64Array.of(1, 2, 3, 4) },
      weights: { behind: Float64Array.of(1, 10), ahead: Float64Array.of(100, 1000) },
      parameters: {},
    };
    expect([...interpretBody(body, given, [4])['y']!]).toEqual([3201, 4312, 423, 34]);
    expect(() => interpretBody(body, given, [2, 2])).toThrow('internal: a sequence with a filter that reads');
  });

  it('begins a causal filter at the lag that is asked for', () => {
    const builder = new BodyBuilder('later');
    const x = builder.input('x', perPosition(axis('width', 1)));
    const filter = builder.weight('filter', [axis('lag', 2)]);
    const filters = [{ axis: 'lag', ahead: false, first: 1 }];
    const body = builder.finish({ y: builder.add('longconv', [x, filter], { filters }) });
    const given = {
      inputs: { x: Float64Array.of(1, 2, 3, 4) },
      weights: { filter: Float64Array.of(1, 10) },
      parameters: {},
    };
    expect([...interpretBody(body, given, [4])['y']!]).toEqual([0, 1, 12, 23]);
    expectTimeless(body, given, 4);
  });

  it('reverses a whole sequence and refuses to go on', () => {
    const builder = new BodyBuilder('flip');
    const x = builder.input('x', perPosition(axis('width', 2)));
    const body = builder.finish({ y: builder.add('flip', [x], {}) });
    const given = { inputs: { x: Float64Array.of(1, 2, 3, 4) }, weights: {}, parameters: {} };
    expect([...interpretBody(body, given, [2])['y']!]).toEqual([3, 4, 1, 2]);
    expect(() => interpretBody(body, given, [1, 1])).toThrow('internal: a flipped sequence was continued');
  });
});

describe('attend', () => {
  const options = [
    {},
    { window: 3 },
    { window: 1 },
    { window: 2, pinned: 3 },
    { softcap: 0.7 },
    { pinned: 2 },
  ];
  it.each(options)('groups query heads over shared keys and values: %j', (option) => {
    const [KV, PER, KEY, VALUE] = [2, 3, 4, 5];
    const builder = new BodyBuilder('attend');
    const q = builder.input('q', perPosition(axis('kv', KV), axis('per', PER), axis('key', KEY)));
    const k = builder.input('k', perPosition(axis('kv', KV), axis('key', KEY)));
    const v = builder.input('v', perPosition(axis('kv', KV), axis('value', VALUE)));
    const y = builder.attend([q, k, v], { over: 'key', scale: 0.5, ...option });
    const body = builder.finish({ y });
    expect(builder.typeOf(y).axes.map(({ name }) => name)).toEqual(['kv', 'per', 'value']);
    const given = randomGiven(body, COUNT);
    const { q: queries, k: keys, v: values } = given.inputs;
    const expected: number[] = [];
    for (let t = 0; t < COUNT; t++)
      for (let head = 0; head < KV * PER; head++) {
        const kv = Math.floor(head / PER);
        const {
          window = Infinity,
          pinned = 0,
          softcap,
        }: { window?: number; pinned?: number; softcap?: number } = option;
        const weights = Array.from({ length: t + 1 }, (_, s) => {
          if (t - s >= window && s >= pinned) return 0;
          let score = 0;
          for (let i = 0; i < KEY; i++)
            score += queries![(t * KV * PER + head) * KEY + i]! * keys![(s * KV + kv) * KEY + i]!;
          score *= 0.5;
          return Math.exp(softcap === undefined ? score : softcap * Math.tanh(score / softcap));
        });
        const total = weights.reduce((a, b) => a + b);
        for (let j = 0; j < VALUE; j++)
          expected.push(
            weights.reduce(
              (sum, weight, s) => sum + (weight / total) * values![(s * KV + kv) * VALUE + j]!,
              0,
            ),
          );
      }
    expectClose(interpretBody(body, given, [COUNT])['y']!, expected);
    expectTimeless(body, given, COUNT);
  });

  it('does not read axes in storage order', () => {
    const builder = new BodyBuilder('attend');
    const q = builder.input('q', perPosition(axis('key', 4), axis('head', 2)));
    const k = builder.input('k', perPosition(axis('key', 4), axis('head', 2)));
    const v = builder.input('v', perPosition(axis('value', 3), axis('head', 2)));
    const mixed = builder.attend([q, k, v], { over: 'key', scale: 1 });
    const ordered = new BodyBuilder('ordered');
    const types = [axis('head', 2), axis('key', 4)];
    const inputs = [
      ordered.input('q', perPosition(...types)),
      ordered.input('k', perPosition(...types)),
      ordered.input('v', perPosition(axis('head', 2), axis('value', 3))),
    ] as const;
    const body = builder.finish({ y: mixed });
    const other = ordered.finish({ y: ordered.attend(inputs, { over: 'key', scale: 1 }) });
    const given = randomGiven(body, COUNT);
    const { q: qs, k: ks, v: vs } = given.inputs;
    const moved = { ...given, inputs: { q: swapped(qs!, 4), k: swapped(ks!, 4), v: swapped(vs!, 3) } };
    expectClose(interpretBody(body, given, [COUNT])['y']!, interpretBody(other, moved, [COUNT])['y']!);
  });

  it('refuses keys with an axis that queries lack', () => {
    const builder = new BodyBuilder('attend');
    const q = builder.input('q', perPosition(axis('key', 4)));
    const k = builder.input('k', perPosition(axis('kv', 2), axis('key', 4)));
    expect(() => builder.attend([q, k, q], { over: 'key', scale: 1 })).toThrow(
      "axis 'key' that scores sum over",
    );
    const v = builder.input('v', perPosition(axis('value', 4)));
    expect(() => builder.attend([q, k, v], { over: 'key', scale: 1 })).toThrow("keys' axis 'kv'");
  });
});

describe('scan', () => {
  it('runs an elementwise recurrence and joins several results', () => {
    const [channel, n] = [axis('channel', 3), axis('n', 2)];
    const inner = new BodyBuilder('scan');
    const fixed = (...axes: readonly (typeof n)[]) => ({ dtype: 'f32', axes, temporal: false }) as const;
    const h = inner.input('state:h', fixed(channel, n));
    const x = inner.input('operand:0', fixed(channel));
    const rate = inner.input('operand:1', fixed(channel, n));
    const read = inner.input('operand:2', fixed(n));
    const next = inner.map('add', [inner.map('mul', [rate, h]), x]);
    const y = inner.contract(next, read, ['n']);
    const before = inner.sum(h, ['n']);
    const scanBody = inner.finish({ 'state:h': next, y, before });
    const builder = new BodyBuilder('SSM');
    const operands = [
      builder.input('x', perPosition(channel)),
      builder.weight('rate', [channel, n]),
      builder.input('C', perPosition(n)),
    ];
    const states = [{ name: 'h', axes: [channel, n], initial: 0.5 }];
    const both = builder.scan(operands, { states, body: scanBody, results: ['y', 'before'] });
    const body = builder.finish({
      both,
      only: builder.scan(operands, { states, body: scanBody, results: ['y'] }),
    });
    expect(builder.typeOf(both).axes).toEqual([axis('results', 6)]);
    const given = randomGiven(body, COUNT);
    const state = new Float64Array(6).fill(0.5);
    const expected: number[] = [];
    for (let t = 0; t < COUNT; t++) {
      const sums = [0, 1, 2].map((c) => state[2 * c]! + state[2 * c + 1]!);
      for (let i = 0; i < 6; i++)
        state[i] = given.weights['rate']![i]! * state[i]! + given.inputs['x']![t * 3 + Math.floor(i / 2)]!;
      const reads = [0, 1].map((j) => given.inputs['C']![t * 2 + j]!);
      expected.push(
        ...[0, 1, 2].map((c) => state[2 * c]! * reads[0]! + state[2 * c + 1]! * reads[1]!),
        ...sums,
      );
    }
    const outputs = interpretBody(body, given, [COUNT]);
    expectClose(outputs['both']!, expected);
    expectClose(
      outputs['only']!,
      expected.filter((_, i) => i % 6 < 3),
    );
    expectTimeless(body, given, COUNT);
  });

  it('runs a delta rule and lets states trade places', () => {
    const [k, v] = [axis('k', 2), axis('v', 3)];
    const fixed = (...axes: readonly (typeof k)[]) => ({ dtype: 'f32', axes, temporal: false }) as const;
    const inner = new BodyBuilder('scan');
    const s = inner.input('state:S', fixed(k, v));
    const a = inner.input('state:a', fixed());
    const b = inner.input('state:b', fixed());
    const key = inner.input('operand:0', fixed(k));
    const value = inner.input('operand:1', fixed(v));
    const error = inner.map('sub', [value, inner.contract(s, key, ['k'])]);
    const next = inner.map('add', [s, inner.map('mul', [key, error])]);
    const outputs = { 'state:S': next, 'state:a': b, 'state:b': a, o: inner.contract(next, key, ['k']), a };
    const builder = new BodyBuilder('delta');
    const attrs = {
      states: [
        { name: 'S', axes: [k, v], initial: 0 },
        { name: 'a', axes: [], initial: 1 },
        { name: 'b', axes: [], initial: 2 },
      ],
      body: inner.finish(outputs),
      results: ['o', 'a'],
    };
    const operands = [builder.input('key', perPosition(k)), builder.input('value', perPosition(v))];
    const body = builder.finish({ y: builder.scan(operands, attrs) });
    const given = randomGiven(body, COUNT);
    const { y } = interpretBody(body, given, [COUNT]);
    const S = new Float64Array(6);
    for (let t = 0; t < COUNT; t++) {
      const kt = [...given.inputs['key']!.subarray(2 * t, 2 * t + 2)];
      for (let j = 0; j < 3; j++) {
        const delta = given.inputs['value']![3 * t + j]! - kt[0]! * S[j]! - kt[1]! * S[3 + j]!;
        kt.forEach((x, i) => (S[3 * i + j]! += x * delta));
        expect(y![4 * t + j]).toBeCloseTo(kt[0]! * S[j]! + kt[1]! * S[3 + j]!, 12);
      }
      expect(y![4 * t + 3]).toBe(t % 2 === 0 ? 1 : 2);
    }
    expectTimeless(body, given, COUNT);
  });
});
