// Calls of filters with any arguments at all: a model or a message, never a fault of the checker.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../../compiler/check/index.ts';
import { verifyGraph } from '../../compiler/ir/verify.ts';
import { lower } from '../../compiler/lower/index.ts';
import { openLibrary } from '../../compiler/check/index.ts';
import { inputOf, prelude } from './graph-of.ts';

const names = 'u f g C D k m time old n width w none 0 1 2 0.5 position model.context "text" nothing'.split(
  ' ',
);
const functions = 'longconv conv modal taps flip reverse angle re index shift lag size abs'.split(' ');
const options = ['', '', '', 'skip: ', 'reverse: ', 'from: ', 'over: ', 'axis: ', 'filter: '];

const expressions = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...names),
    fc
      .tuple(
        fc.constantFrom(...functions),
        fc.array(fc.tuple(fc.constantFrom(...options), tie('value')), { minLength: 1, maxLength: 4 }),
      )
      .map(([name, args]) => `${name}(${args.map(([option, value]) => option + value).join(', ')})`),
    fc
      .tuple(tie('value'), fc.constantFrom('+', '*', '^'), tie('value'))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
  ),
})).value;

const library = openLibrary(prelude);

function textOf(expression: string, isConst: boolean): string {
  return `mixer mine(n = 2) {
  axis time = lag(3), old = taps(4)
  weight f : width * time, bias
  weight g : old
  weight C : width * n in complex
  weight D : width
  weight w : width -> width
  const k = exp(-index(time)), m = modal(C, C)
  ${isConst ? 'const y' : 'y'} = ${expression}
  return u + y
}
model own {
  vocab 3
  width 4
  stripe X
  X = mine()
}`;
}

test('any call is a model or has a message', () => {
  fc.assert(
    fc.property(expressions, fc.boolean(), (expression, isConst) => {
      const text = textOf(expression, isConst);
      const { value, diagnostics } = check({ ...inputOf(text), prelude: library });
      if (value === undefined) expect(diagnostics.length).toBeGreaterThan(0);
      else verifyGraph(lower(value));
    }),
    { numRuns: Number(process.env['N'] ?? 300) },
  );
});
