// Reductions, contractions, moves, gather and rotate against direct computation.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyBuilder } from '../../compiler/ir/build.ts';
import { elementCount, type Axis, type NodeId, type ValueType } from '../../compiler/ir/graph.ts';
import { interpretBody } from '../../compiler/ir/interpret-one.ts';
import { axis, expectClose, perPosition, randomGiven } from './helpers.ts';

const [A, B, C, D] = [axis('a', 2), axis('b', 3), axis('c', 4), axis('d', 5)];
const COUNT = 3;

/** The element of a row-major value at named indices; axes it lacks are not looked at. */
function element(values: Float64Array, axes: readonly Axis[], at: Readonly<Record<string, number>>): number {
  let offset = 0;
  for (const { name, size } of axes) offset = offset * size + at[name]!;
  return values[offset]!;
}

/** All named indices over the axes, row-major. */
function indices(axes: readonly Axis[]): readonly Readonly<Record<string, number>>[] {
  return axes.reduce<readonly Readonly<Record<string, number>>[]>(
    (all, { name, size }) =>
      all.flatMap((at) => Array.from({ length: size }, (_, i) => ({ ...at, [name]: i }))),
    [{}],
  );
}

const TIME = axis('time', COUNT);

/** One value of one input, over three positions. */
function evaluate(
  axes: readonly Axis[],
  make: (builder: BodyBuilder, x: NodeId) => NodeId,
): {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly type: readonly Axis[];
} {
  const builder = new BodyBuilder('test');
  const y = make(builder, builder.input('x', perPosition(...axes)));
  const body = builder.finish({ y });
  const given = randomGiven(body, COUNT);
  const result = interpretBody(body, given, [1, COUNT - 1]);
  return { x: given.inputs['x']!, y: result['y']!, type: builder.typeOf(y).axes };
}

describe('reductions', () => {
  it.each(['sum', 'max'] as const)('%s over axes in the middle and at the end', (op) => {
    const { x, y, type } = evaluate([A, B, C], (builder, id) => builder[op](id, ['c', 'a']));
    expect(type).toEqual([B]);
    const combine = (values: readonly number[]): number =>
      op === 'sum' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
    const expected = indices([TIME, B]).map((at) =>
      combine(indices([A, C]).map((over) => element(x, [TIME, A, B, C], { ...at, ...over }))),
    );
    expectClose(y, expected);
  });
});

function valueOf(axes: readonly Axis[], temporal: boolean): ValueType {
  return { dtype: 'f32', axes, temporal };
}

function whole(own: readonly Axis[], time: boolean): readonly Axis[] {
  return time ? [TIME, ...own] : own;
}

describe('contract', () => {
  const someAxes = fc
    .subarray([A, B, C, D])
    .chain((axes) => fc.shuffledSubarray(axes, { minLength: axes.length }));
  it('sums products over shared axes, whatever the order of axes', () => {
    fc.assert(
      fc.property(someAxes, someAxes, fc.boolean(), fc.boolean(), fc.nat(15), (a, b, timeA, timeB, pick) => {
        const shared = a.filter((one) => b.includes(one));
        const over = shared.filter((_, i) => i === 0 || (pick >> i) & 1);
        fc.pre(over.length > 0);
        const builder = new BodyBuilder('contract');
        const left = builder.input('a', valueOf(a, timeA));
        const right = builder.input('b', valueOf(b, timeB));
        const y = builder.contract(
          left,
          right,
          over.map(({ name }) => name),
        );
        const body = builder.finish({ y });
        const given = randomGiven(body, COUNT);
        const { axes, temporal } = builder.typeOf(y);
        expect(axes.map(({ name }) => name)).toEqual(
          [...a, ...b.filter((one) => !a.includes(one))]
            .filter((one) => !over.includes(one))
            .map(({ name }) => name),
        );
        expect(temporal).toBe(timeA || timeB);
        const expected = indices(whole(axes, temporal)).map((at) =>
          indices(over).reduce((sum, k) => {
            const place = { ...at, ...k };
            const x = element(given.inputs['a']!, whole(a, timeA), place);
            return sum + x * element(given.inputs['b']!, whole(b, timeB), place);
          }, 0),
        );
        expectClose(interpretBody(body, given, [COUNT])['y']!, expected, 1e-12);
      }),
      { numRuns: 200 },
    );
  });
});

describe('moves', () => {
  it('renames without moving anything', () => {
    const { x, y, type } = evaluate([A, B], (builder, id) => builder.rename(id, 'a', 'other'));
    expect(type).toEqual([axis('other', 2), B]);
    expect(y).toEqual(x);
  });

  it('takes one index of an axis', () => {
    const { x, y, type } = evaluate([A, B, C], (builder, id) => builder.index(id, 'b', 2));
    expect(type).toEqual([A, C]);
    expectClose(
      y,
      indices([TIME, A, C]).map((at) => element(x, [TIME, A, B, C], { ...at, b: 2 })),
    );
  });

  it('reverses an axis', () => {
    const { x, y, type } = evaluate([A, B, C], (builder, id) => builder.reverse(id, 'b'));
    expect(type).toEqual([A, B, C]);
    expectClose(
      y,
      indices([TIME, A, B, C]).map((at) => element(x, [TIME, A, B, C], { ...at, b: B.size - 1 - at['b']! })),
    );
  });

  it('slices an axis into others', () => {
    const into = [axis('p', 2), axis('q', 2)];
    const { x, y, type } = evaluate([A, D, B], (builder, id) =>
      builder.slice(id, { axis: 'd', offset: 1, into }),
    );
    expect(type).toEqual([A, ...into, B]);
    const expected = indices([TIME, A, ...into, B]).map((at) =>
      element(x, [TIME, A, D, B], { ...at, d: 1 + at['p']! * 2 + at['q']! }),
    );
    expectClose(y, expected);
  });

  it('slices away to nothing but the other axes', () => {
    const { x, y, type } = evaluate([D, A], (builder, id) =>
      builder.slice(id, { axis: 'd', offset: 3, into: [] }),
    );
    expect(type).toEqual([A]);
    expectClose(
      y,
      indices([TIME, A]).map((at) => element(x, [TIME, D, A], { ...at, d: 3 })),
    );
  });

  it('concatenates parts of several axes, and slice undoes it', () => {
    const builder = new BodyBuilder('concat');
    const x = builder.input('x', perPosition(B, A, C));
    const w = builder.weight('w', [A, D]);
    const s = builder.input('s', perPosition(A));
    const joined = builder.concat([x, w, s], { axis: axis('all', 18), parts: [['c', 'b'], ['d'], []] });
    expect(builder.typeOf(joined).axes).toEqual([A, axis('all', 18)]);
    const back = builder.slice(joined, { axis: 'all', offset: 0, into: [C, B] });
    const body = builder.finish({
      joined,
      back,
      d: builder.slice(joined, { axis: 'all', offset: 12, into: [D] }),
    });
    const given = randomGiven(body, COUNT);
    const results = interpretBody(body, given, [COUNT]);
    const xs = given.inputs['x']!;
    const all = [TIME, B, A, C];
    expectClose(
      results['back']!,
      indices([TIME, A, C, B]).map((at) => element(xs, all, at)),
    );
    expectClose(
      results['d']!,
      indices([TIME, A, D]).map((at) => element(given.weights['w']!, [A, D], at)),
    );
    const last = indices([TIME, A]).map((at) =>
      element(results['joined']!, [TIME, A, axis('all', 18)], { ...at, all: 17 }),
    );
    expectClose(last, given.inputs['s']!);
  });

  it('broadcasts', () => {
    const { x, y, type } = evaluate([A], (builder, id) => builder.broadcast(id, [B]));
    expect(type).toEqual([A, B]);
    expectClose(
      y,
      indices([TIME, A, B]).map((at) => element(x, [TIME, A], at)),
    );
  });

  it('refuses what does not fit', () => {
    const builder = new BodyBuilder('moves');
    const x = builder.input('x', perPosition(A, B));
    expect(() => builder.index(x, 'a', 2)).toThrow("index 2 is outside axis 'a'");
    expect(() => builder.slice(x, { axis: 'b', offset: 2, into: [A] })).toThrow("outside axis 'b' of 3");
    expect(() => builder.rename(x, 'a', 'b')).toThrow("axis 'b' twice");
    expect(() => builder.broadcast(x, [B])).toThrow("adds axis 'b', which is there already");
    expect(() => builder.concat([x], { axis: axis('all', 7), parts: [['a', 'b']] })).toThrow(
      'makes 6 elements, not 7',
    );
  });
});

describe('choices', () => {
  const scores = [3, 1, 3, 2, 0, 5, 5, 5, -1, -2, -1, -3].map(Number);
  const run = (make: (builder: BodyBuilder, x: NodeId) => NodeId): readonly number[] => {
    const builder = new BodyBuilder('test');
    const y = make(builder, builder.input('x', perPosition(C)));
    const given = { inputs: { x: Float64Array.from(scores) }, weights: {}, parameters: {} };
    return [...interpretBody(builder.finish({ y }), given, [1, COUNT - 1])['y']!];
  };

  it('take the largest, of equal ones the first', () => {
    const chosen = run((builder, x) => builder.chosen(x, { over: ['c'], count: 2 }));
    expect(chosen).toEqual([1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0]);
    const top = run((builder, x) => builder.top(x, { over: ['c'], count: 2, choice: 'best' }));
    expect(top).toEqual([0, 2, 1, 2, 0, 2]);
  });

  it('are made along several axes as one sequence, the last fastest', () => {
    const { x, y } = evaluate([A, B, C], (builder, id) =>
      builder.top(id, { over: ['c', 'a'], count: 1, choice: 'best' }),
    );
    const expected = indices([TIME, B]).map((at) => {
      const values = indices([C, A]).map((over) => element(x, [TIME, A, B, C], { ...at, ...over }));
      return values.indexOf(Math.max(...values));
    });
    expectClose(y, expected);
  });

  it('index values along several axes, with the axes that both have matched', () => {
    const { x, y, type } = evaluate([A, B, C], (builder, id) => {
      const best = builder.top(id, { over: ['b', 'c'], count: 3, choice: 'best' });
      return builder.gather(id, best, ['b', 'c']);
    });
    expect(type).toEqual([A, axis('best', 3)]);
    const expected = indices([TIME, A]).flatMap((at) => {
      const values = indices([B, C]).map((over) => element(x, [TIME, A, B, C], { ...at, ...over }));
      return values.toSorted((a, b) => b - a).slice(0, 3);
    });
    expectClose(y, expected);
  });

  it('of more elements than there are is our mistake', () => {
    expect(() => run((builder, x) => builder.chosen(x, { over: ['c'], count: 5 }))).toThrow('5 of 4');
  });
});

describe('gather', () => {
  it('looks up rows by token, and by any axes of indices', () => {
    const builder = new BodyBuilder('embed');
    const table = builder.weight('table', [A, axis('vocab', 3), B]);
    const y = builder.gather(table, builder.token(), ['vocab']);
    const body = builder.finish({ y });
    expect(builder.typeOf(y)).toEqual(perPosition(A, B));
    const given = { ...randomGiven(body, 4), tokens: [2, 0, 1, 2] };
    const expected = given.tokens.flatMap((vocab) =>
      indices([A, B]).map((at) =>
        element(given.weights['table']!, [A, axis('vocab', 3), B], { ...at, vocab }),
      ),
    );
    expectClose(interpretBody(body, given, [3, 1])['y']!, expected);
    expect(() => interpretBody(body, { ...given, tokens: [3] }, [1])).toThrow(
      "index 3 is outside axis 'vocab' of 3",
    );
  });
});

describe('rotate', () => {
  const cases = [
    { style: 'half', pairs: 2, scale: 1 },
    { style: 'half', pairs: 1, scale: 1.5 },
    { style: 'interleaved', pairs: 2, scale: 0.5 },
    { style: 'interleaved', pairs: 1, scale: 1 },
  ] as const;
  it.each(cases)('turns pairs by position: %j', (option) => {
    const builder = new BodyBuilder('rotate');
    const axes = [A, axis('key', 5), B];
    const x = builder.input('x', perPosition(...axes));
    const frequencies = builder.parameter('frequencies', [axis('pair', option.pairs)]);
    const y = builder.rotate([x, frequencies, builder.position()], { axis: 'key', ...option });
    const body = builder.finish({ y });
    const given = { ...randomGiven(body, 6), parameters: { frequencies: [1, 0.1].slice(0, option.pairs) } };
    const all = [axis('time', 6), ...axes];
    const expected = indices(all).map((at) => {
      const key = at['key']!;
      if (key >= 2 * option.pairs) return element(given.inputs['x']!, all, at);
      const half = option.style === 'half';
      const pair = half ? key % option.pairs : Math.floor(key / 2);
      const first = half ? key < option.pairs : key % 2 === 0;
      const partner = half ? (first ? key + option.pairs : key - option.pairs) : first ? key + 1 : key - 1;
      const angle = at['time']! * given.parameters.frequencies[pair]!;
      const own = element(given.inputs['x']!, all, at);
      const other = element(given.inputs['x']!, all, { ...at, key: partner });
      return option.scale * (own * Math.cos(angle) + (first ? -1 : 1) * other * Math.sin(angle));
    });
    expect(expected).toHaveLength(6 * elementCount(axes));
    expectClose(interpretBody(body, given, [2, 4])['y']!, expected);
  });
});
