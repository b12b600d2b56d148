// Stabilised recurrences of std/, run by the reference executor, against the formulas written out by hand.
import { test } from 'vitest';
import * as direct from './direct-xlstm.ts';
import { expectSame, runLayer } from './run-layer.ts';

test.each([
  ['slstm(heads: 3)', { heads: 3, part: 4, conv: 4 }],
  ['slstm(heads: 2, part: 3, conv: 2)', { heads: 2, part: 3, conv: 2 }],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.slstm(u, options, w));
});

test.each([
  ['mlstm(heads: 3)', { heads: 3, key: 2, value: 4 }],
  ['mlstm(heads: 2, key: 5, value: 3)', { heads: 2, key: 5, value: 3 }],
])('%s', (letter, options) => {
  const { u, y, w } = runLayer(letter);
  expectSame(y, direct.mlstm(u, options, w));
});

test('rwkv4()', () => {
  const { u, y, w } = runLayer('rwkv4()');
  expectSame(y, direct.rwkv4(u, w));
});
