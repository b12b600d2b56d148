// The names that kernels give.
import { expect, test } from 'vitest';
import { Code } from '../../compiler/kernels/wgsl.ts';

test('a name is given once, whatever the hints', () => {
  const code = new Code().reserve(['weights']);
  const hints = ['x', 'x', 'x_2', 'x', 'weights', 'weights_2', 'x_2'];
  const names = hints.map((hint) => code.fresh(hint));
  expect(new Set([...names, 'weights']).size).toBe(hints.length + 1);
  expect(names.slice(0, 2)).toEqual(['x', 'x_2']);
});

test('no name is a word of WGSL or hides a builtin', () => {
  const code = new Code();
  const names = ['filter', 'exp', 'step', 'vec4', 'let', 'of', 'main'].map((hint) => code.fresh(hint));
  expect(names).toEqual(['filter_2', 'exp_2', 'step_2', 'vec4_2', 'let_2', 'of_2', 'main_2']);
});

test('names of other scopes of one kernel differ too', () => {
  const code = new Code();
  code.let('x', '1u');
  code.block('', (inner) => inner.let('x', '2u'));
  code.let('x', '3u');
  expect(code.text().match(/x(_\d)? =/g)).toEqual(['x =', 'x_2 =', 'x_3 =']);
});

test('a hint that is no identifier becomes one', () => {
  const code = new Code();
  expect(['1st', '__x', 'a.b', 'é'].map((hint) => code.fresh(hint))).toEqual(['v1st', 'vx', 'a_b', 'v']);
});
