// What a model needs against what a file has: everything at once.
import { expect, test } from 'vitest';
import { checkHeader, type NeededWeight } from '../../compiler/check/header.ts';

function needed(
  id: string,
  tensors: readonly string[],
  shape: readonly number[],
  optional = false,
): NeededWeight {
  return { id, optional, views: [{ tensors, shape, offset: 0, strides: shape.map(() => 1) }] };
}

const codes = (weights: readonly NeededWeight[], ignored: readonly string[], names: readonly string[]) =>
  checkHeader(
    weights,
    ignored,
    names.map((name) => ({ name, shape: [4, 2], dtype: 'F32' })),
  ).map(({ code, message }) => `${code} ${/`([^`]*)`/.exec(message)?.[1]}`);

test('a file that fits has no mistakes, and alternatives and optional tensors may be absent', () => {
  const weights = [needed('a', ['x.weight', 'x'], [4, 2]), needed('b', ['y'], [4, 2], true)];
  expect(codes(weights, [], ['x'])).toEqual([]);
});

test('missing, extra and mis-shaped tensors are listed at once', () => {
  const weights = [
    needed('a', ['model.norm.weight'], [4, 2]),
    needed('b', ['b'], [8]),
    needed('c', ['b'], [8]),
    needed('d', ['d'], [4, 2]),
  ];
  expect(codes(weights, ['*.inv_freq'], ['model.nrom.weight', 'b', 'l.0.inv_freq'])).toEqual([
    'tensor_missing model.norm.weight',
    'tensor_missing d',
    'tensor_misshaped b',
    'tensor_extra model.nrom.weight',
  ]);
});

test('a missing tensor comes with the nearest name that nothing reads', () => {
  const [missing] = checkHeader(
    [needed('a', ['model.norm.weight'], [4])],
    [],
    [{ name: 'model.norm_f.weight', shape: [4], dtype: 'F32' }],
  );
  expect(missing?.help?.join()).toContain('model.norm_f.weight');
});

test('a dtype that cannot be read is told', () => {
  const found = checkHeader([needed('a', ['a'], [4])], [], [{ name: 'a', shape: [4], dtype: 'I8' }]);
  expect(found.map(({ code }) => code)).toEqual(['tensor_dtype']);
});

test.each([
  ['a*c', 'abc', true],
  ['a*c', 'ac', true],
  ['a*c', 'abcd', false],
  ['*.inv_freq', 'x.inv_freq', true],
  ['ab*ba', 'aba', false],
  ['*a*b*', 'xxaxxbxx', true],
  ['*a*b*', 'xxbxxaxx', false],
])('the pattern %s and the name %s', (pattern, name, matches) => {
  expect(codes([], [pattern], [name])).toHaveLength(matches ? 0 : 1);
});

test('tensors that are read as one are as long together, and otherwise alike', () => {
  const weights = [needed('a', ['x + y', 'z'], [6, 2])];
  const file = (y: readonly number[], dtype = 'F32') =>
    checkHeader(
      weights,
      [],
      [
        { name: 'x', shape: [4, 2], dtype: 'F32' },
        { name: 'y', shape: y, dtype },
      ],
    ).map(({ message }) => message);
  expect(file([2, 2])).toEqual([]);
  expect(file([3, 2])).toEqual(['`x + y` is [7, 2] in the file, and the model needs [6, 2].']);
  expect(file([2, 3])).toEqual([
    '`y` is F32 [2, 3] in the file, and `x`, which it goes on from, is F32 [4, 2].',
  ]);
  expect(file([2, 2], 'F16')).toHaveLength(1);
  expect(codes(weights, [], ['x'])).toEqual(['tensor_missing x + y', 'tensor_extra x']);
});
