// A stored shape is one strided view: element by element it must equal the plain split and reshape of the tensor.
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Shape, ShapeTerm } from '../../grammar/ast.ts';
import {
  layOut,
  layOutBias,
  type Layout,
  type LayoutSurroundings,
} from '../../compiler/check/stored-shape.ts';
import type { WeightRequest } from '../../compiler/check/weight-request.ts';
import { axis, filter, group, product, request, size, span, sum, term, weightAxes } from './build.ts';

type Sizes = Readonly<Record<string, number>>;

/** What one element of the tensor is: the weight's label and the index of each of its axes. */
interface Element {
  readonly label: string;
  readonly indices: Readonly<Record<string, number>>;
}

/** Decodes a position of the tensor the long way round: by splitting it, dimension by dimension and term by term. */
function decode(position: number, dimensions: readonly Shape[], sizes: Sizes): Element {
  let rest = position;
  let element: Element = { label: '', indices: {} };
  for (const dimension of dimensions.toReversed()) {
    const length = sumSize(dimension, sizes);
    element = join(element, decodeSum(rest % length, dimension, sizes));
    rest = Math.floor(rest / length);
  }
  return element;
}

function join(a: Element, b: Element): Element {
  return { label: a.label || b.label, indices: { ...a.indices, ...b.indices } };
}

function decodeSum(at: number, shape: Shape, sizes: Sizes): Element {
  let rest = at;
  for (const each of shape.terms) {
    const length = termSize(each, sizes);
    if (rest < length)
      return join({ label: each.label?.text ?? '', indices: {} }, decodeTerm(rest, each, sizes));
    rest -= length;
  }
  throw new Error('outside');
}

function decodeTerm(at: number, each: ShapeTerm, sizes: Sizes): Element {
  let rest = at;
  let element: Element = { label: '', indices: {} };
  for (const factor of each.factors.toReversed()) {
    if (factor.kind === 'groupFactor') {
      const length = sumSize(factor.shape, sizes);
      element = join(element, decodeSum(rest % length, factor.shape, sizes));
      rest = Math.floor(rest / length);
    } else if (factor.kind === 'axisFactor') {
      const length = sizes[factor.name.text] ?? 1;
      element = join(element, { label: '', indices: { [factor.name.text]: rest % length } });
      rest = Math.floor(rest / length);
    }
  }
  return element;
}

function sumSize(shape: Shape, sizes: Sizes): number {
  return shape.terms.reduce((total, each) => total + termSize(each, sizes), 0);
}

function termSize(each: ShapeTerm, sizes: Sizes): number {
  return each.factors.reduce((total, factor) => {
    if (factor.kind === 'groupFactor') return total * sumSize(factor.shape, sizes);
    return factor.kind === 'axisFactor' ? total * (sizes[factor.name.text] ?? 1) : total;
  }, 1);
}

function surroundings(sizes: Sizes, other: Partial<LayoutSurroundings> = {}): LayoutSurroundings {
  return {
    sizeOf: (each) => sizes[each],
    expand: () => undefined,
    present: () => true,
    named: false,
    outside: new Set(),
    ...other,
  };
}

function mustLayOut(weight: WeightRequest, dimensions: readonly Shape[], around: LayoutSurroundings): Layout {
  const layout = layOut(weight, dimensions, around, span);
  if ('kind' in layout) throw new Error(JSON.stringify({ ...layout, span: undefined }));
  return layout;
}

/** Every index of the weight with its position in the tensor. */
function* elements(
  weight: WeightRequest,
  layout: Layout,
): Generator<readonly [Readonly<Record<string, number>>, number]> {
  const count = weight.axes.reduce((total, each) => total * each.size, 1);
  for (let flat = 0; flat < count; flat += 1) {
    const indices: Record<string, number> = {};
    let rest = flat;
    let position = layout.offset;
    for (const [at, each] of [...weight.axes.entries()].toReversed()) {
      indices[each.name] = rest % each.size;
      position += (rest % each.size) * (layout.strides[at] ?? 0);
      rest = Math.floor(rest / each.size);
    }
    yield [indices, position];
  }
}

const length = fc.integer({ min: 1, max: 4 });

/** A tensor with a labelled sum between shared factors, and further dimensions, in any order. */
const stored = fc
  .record({
    before: fc.array(length, { maxLength: 2 }),
    after: fc.array(length, { maxLength: 1 }),
    terms: fc.array(fc.array(length, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
    plain: fc.array(fc.array(length, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
    place: fc.nat(),
    seed: fc.nat(),
  })
  .map(({ before, after, terms, plain, place, seed }) => {
    const sizes: Record<string, number> = {};
    const named = (prefix: string) => (value: number, at: number) => {
      sizes[`${prefix}${at}`] = value;
      return `${prefix}${at}`;
    };
    const lead = before.map(named('b'));
    const trail = after.map(named('a'));
    const own = terms.map((each, at) => each.map(named(`t${at}_`)));
    const others = plain.map((each, at) => each.map(named(`p${at}_`)));
    const labelled = own.map((each, at) => term(each.map(axis), `w${at}`));
    const dimensions = others.map((each) => product(...each.map(axis)));
    dimensions.splice(
      place % (dimensions.length + 1),
      0,
      product(...lead.map(axis), group(...labelled), ...trail.map(axis)),
    );
    const shared = [...lead, ...trail, ...others.flat()];
    const weights = own.map((each, at) => {
      const names = shuffled([...shared, ...each], seed + at);
      return request(
        `w${at}`,
        [],
        names.map((text) => ({ name: text, size: sizes[text] ?? 1, kind: 'plain' })),
      );
    });
    return { sizes, dimensions, weights };
  });

function shuffled(names: readonly string[], seed: number): readonly string[] {
  return names.toSorted((a, b) => ((hash(a) * (seed + 1)) % 97) - ((hash(b) * (seed + 1)) % 97));
}

function hash(text: string): number {
  return [...text].reduce((total, character) => total * 31 + character.charCodeAt(0), 7) % 9973;
}

describe('a stored shape as a strided view', () => {
  test('every element is where splitting the tensor finds it, and all of them fill the tensor', () => {
    fc.assert(
      fc.property(stored, ({ sizes, dimensions, weights }) => {
        const met = new Set<number>();
        let total = 0;
        for (const weight of weights) {
          const layout = mustLayOut(weight, dimensions, surroundings(sizes));
          total = layout.shape.reduce((product_, each) => product_ * each, 1);
          for (const [indices, position] of elements(weight, layout)) {
            const element = decode(position, dimensions, sizes);
            const same = Object.entries(indices).every(([name, at]) => element.indices[name] === at);
            if (!same || element.label !== weight.path[0])
              expect(element).toEqual({ label: weight.path[0], indices });
            met.add(position);
          }
        }
        expect(met.size).toBe(total);
      }),
      { numRuns: 150 },
    );
  });

  test('a conv filter has a dimension of one', () => {
    const weight = request(
      'conv',
      [],
      [...weightAxes({ channel: 6 }), { name: 'taps', size: 4, kind: 'taps' }],
    );
    const layout = mustLayOut(
      weight,
      [product(axis('channel')), product(size(1)), product(filter())],
      surroundings({}, { named: true }),
    );
    expect(layout).toEqual({ shape: [6, 1, 4], offset: 0, strides: [4, 1] });
  });

  test('a filter stored the other way round is read backwards', () => {
    const weight = request('f', [], [...weightAxes({ channel: 2 }), { name: 'lag', size: 4, kind: 'lag' }]);
    const layout = mustLayOut(
      weight,
      [product(axis('channel')), product(filter('taps'))],
      surroundings({}, { named: true }),
    );
    expect(layout).toEqual({ shape: [2, 4], offset: 3, strides: [4, -1] });
  });

  test('three projections in one tensor, one after the other', () => {
    const sizes = { heads: 4, kv: 2, part: 8, width: 32 };
    const dimensions = [
      sum(
        term([axis('heads'), axis('part')], 'q'),
        term([axis('kv'), axis('part')], 'k'),
        term([axis('kv'), axis('part')], 'v'),
      ),
      product(axis('width')),
    ];
    const k = request('k', weightAxes({ width: 32 }), weightAxes({ kv: 2, part: 8 }));
    expect(mustLayOut(k, dimensions, surroundings(sizes))).toEqual({
      shape: [64, 32],
      offset: 1024,
      strides: [1, 256, 32],
    });
  });

  test('a label whose weight is not part of the layer takes no rows', () => {
    const dimensions = [sum(term([axis('kv')], 'k'), term([axis('heads')], 'q')), product(axis('width'))];
    const q = request('q', weightAxes({ width: 3 }), weightAxes({ heads: 4 }));
    const around = surroundings({ kv: 2, heads: 4, width: 3 }, { present: (label) => label === 'q' });
    expect(mustLayOut(q, dimensions, around)).toEqual({ shape: [4, 3], offset: 0, strides: [1, 3] });
  });

  test('terms of a named weight: by label, or in order', () => {
    const all = [
      { axes: ['channel'], size: 5 },
      { axes: ['channel'], size: 5 },
    ];
    const z = request('in_proj', weightAxes({ width: 2 }), weightAxes({ channel: 5 }), {
      term: { index: 1, all },
    });
    const labelled = [
      sum(term([axis('channel')], 'x'), term([axis('channel')], 'z')),
      product(axis('width')),
    ];
    const interleaved = [
      product(axis('channel'), group(term([axis('x')]), term([axis('z')]))),
      product(axis('width')),
    ];
    const around = surroundings({ channel: 5, width: 2 }, { named: true });
    expect(mustLayOut(z, labelled, around)).toEqual({ shape: [10, 2], offset: 10, strides: [1, 2] });
    expect(mustLayOut(z, interleaved, around)).toEqual({ shape: [10, 2], offset: 2, strides: [1, 4] });
  });

  test('a map from an axis to itself has its output first', () => {
    const square = request('square', weightAxes({ width: 3 }), weightAxes({ width: 3 }));
    const layout = mustLayOut(
      square,
      [product(axis('width')), product(axis('width'))],
      surroundings({}, { named: true }),
    );
    expect(layout).toEqual({ shape: [3, 3], offset: 0, strides: [1, 3] });
  });

  test('the two rotary orders', () => {
    const weight = request('q', weightAxes({ width: 1 }), weightAxes({ heads: 2, two: 2, half: 3 }));
    const around = surroundings({}, { named: true });
    const halves = [product(axis('heads'), axis('two'), axis('half')), product(axis('width'))];
    const pairs = [product(axis('heads'), axis('half'), axis('two')), product(axis('width'))];
    expect(mustLayOut(weight, halves, around).strides).toEqual([1, 6, 3, 1]);
    expect(mustLayOut(weight, pairs, around).strides).toEqual([1, 6, 1, 2]);
  });
});

describe('the bias of a weight', () => {
  const around = surroundings({ kv: 2, per: 3, part: 4, value: 4, width: 5 }, { named: false });

  test('is laid out without the inputs, per group too', () => {
    const k = request('k', weightAxes({ width: 5 }), weightAxes({ kv: 2, part: 4 }));
    const dimensions = [
      product(
        axis('kv'),
        group(term([axis('per'), axis('part')], 'q'), term([axis('part')], 'k'), term([axis('value')], 'v')),
      ),
      product(axis('width')),
    ];
    expect(layOutBias(k, dimensions, around, span)).toEqual({ shape: [40], offset: 12, strides: [20, 1] });
  });

  test('of a transposed map and of a map from an axis to itself', () => {
    const up = request('up', weightAxes({ width: 5 }), weightAxes({ hidden: 7 }));
    const named = { ...around, named: true };
    expect(layOutBias(up, [product(axis('width')), product(axis('hidden'))], named, span)).toEqual({
      shape: [7],
      offset: 0,
      strides: [1],
    });
    const square = request('square', weightAxes({ width: 5 }), weightAxes({ width: 5 }));
    expect(layOutBias(square, [product(axis('width')), product(axis('width'))], named, span)).toEqual({
      shape: [5],
      offset: 0,
      strides: [1],
    });
  });

  test('of a filter lacks the taps', () => {
    const conv = request(
      'conv',
      [],
      [...weightAxes({ channel: 6 }), { name: 'taps', size: 4, kind: 'taps' }],
    );
    const dimensions = [product(axis('channel')), product(size(1)), product(filter())];
    expect(layOutBias(conv, dimensions, { ...around, named: true }, span)).toEqual({
      shape: [6],
      offset: 0,
      strides: [1],
    });
  });
});

describe('a stored shape that does not fit', () => {
  const weight = request('q', weightAxes({ width: 4 }), weightAxes({ heads: 2, part: 3 }));
  const kind = (dimensions: readonly Shape[], around: Partial<LayoutSurroundings> = { named: true }) => {
    const layout = layOut(weight, dimensions, surroundings({ other: 3 }, around), span);
    return 'kind' in layout ? layout.kind : layout;
  };

  test('is told by its problem', () => {
    expect(kind([product(axis('heads'), axis('other')), product(axis('width'))])).toBe('axisNotThere');
    expect(kind([product(axis('heads'), axis('part')), product(axis('width'), axis('width'))])).toBe(
      'axisTwice',
    );
    expect(kind([product(axis('heads')), product(axis('width'))])).toBe('axesMissing');
    expect(kind([product(axis('heads'), axis('part'), size(2)), product(axis('width'))])).toBe('sizeNotOne');
    expect(kind([sum(term([axis('heads')], 'a'), term([axis('heads')], 'b')), product(axis('width'))])).toBe(
      'noLabel',
    );
    expect(kind([sum(term([axis('heads')], 'a')), product(axis('width'))], { named: false })).toBe('noLabel');
  });
});
