// Constant expressions: values, what is evaluated and what is not, and mistakes.
import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Diagnostic } from '../../grammar/source.ts';
import { constantScope, foldBinary, type Constant } from '../../compiler/check/constant.ts';
import { evaluateConstant } from '../../compiler/check/evaluate.ts';
import { parseExpression } from './parsed.ts';

const config = {
  hidden_size: 768,
  head_dim: null,
  layer_types: ['linear', 'full', 'linear'],
  ids: [5, 11],
  nested: { theta: 1e4 },
  unlimited: Infinity,
  broken: NaN,
};
const scope = constantScope({ config, width: 770, heads: 12, i: 11 });

function evaluate(text: string): {
  readonly value: Constant | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const value = evaluateConstant(parseExpression(text), scope, (diagnostic) => diagnostics.push(diagnostic));
  return { value, diagnostics };
}

describe('a constant expression', () => {
  test.each<[string, Constant]>([
    ['2 + 3 * 4 ^ 2', 50],
    ['-2 ^ 2', -4],
    ['(i - 12) % 4', 3],
    ['7 / 2', 3.5],
    ['ceil(width / 16)', 49],
    ['min(3, 1, 2) + max([4, 9])', 10],
    ['len(config.layer_types) + len("ab")', 5],
    ['sqrt(16) + exp(0) + log2(8) + abs(-1) + round(2.5) + floor(-0.5)', 11],
    ['range(2, 5)', [2, 3, 4]],
    ['[1, 2] + [3]', [1, 2, 3]],
    ['"a" + "b" == "ab"', true],
    ['i in config.ids and not (i in [1, 2])', true],
    ['config.ids.index(i)', 1],
    ['[j * j for j in range(4) if j != 2]', [0, 1, 9]],
    ['[j for g in [[1, 2], [3]] for j in g if j != item(g, 0)]', [2]],
    ['[if i in g then i else 0 for g in [[i], []]]', [11, 0]],
    ['[j for j in config.nowhere] | [5]', [5]],
    ['len([])', 0],
    ['"nested" in config', true],
    ['config.nested.theta', 1e4],
    ['config.head_dim | width / heads', 770 / 12],
    ['config.nowhere | config.head_dim | 3', 3],
    ['config.nowhere * 2 | 5', 5],
    ['config.nested.more.inside | 7', 7],
    ['config.head_dim.size | 8', 8],
    ['if heads > 3 then 1 else config.nowhere', 1],
    ['heads > 3 or config.nowhere', true],
    ['heads < 3 and config.nowhere', false],
    ['config.unlimited > 1e300', true],
    ['config.head_dim == none', true],
    ['config.nowhere == none', true],
    ['none != config.nowhere', false],
    ['item("abc", 1)', 'b'],
    ['item(config.nested, "theta")', 1e4],
    ['fields(type: "linear", factor: 2 * 4)', { type: 'linear', factor: 8 }],
    ['fields(a: 1).a', 1],
    ['config.layer_types == ["linear", "full", "linear"]', true],
  ])('%s', (text, expected) => {
    const { value, diagnostics } = evaluate(text);
    expect(diagnostics).toEqual([]);
    expect(value).toEqual(expected);
  });

  test.each([
    ['1 / 0', 'cannot_compute'],
    ['5 % (2 - 2)', 'cannot_compute'],
    ['sqrt(-1)', 'cannot_compute'],
    ['config.unlimited - config.unlimited', 'cannot_compute'],
    ['config.broken + 1', 'cannot_compute'],
    ['1 + "a"', 'cannot_compute'],
    ['-"a"', 'cannot_compute'],
    ['not 1', 'cannot_compute'],
    ['1 < "a"', 'cannot_compute'],
    ['1 in 2', 'cannot_compute'],
    ['range(10 ^ 9)', 'cannot_compute'],
    ['min([])', 'cannot_compute'],
    ['config.hiden_size', 'missing_field'],
    ['config.head_dim.size', 'missing_field'],
    ['heads.size', 'no_fields'],
    ['witdh', 'not_a_constant'],
    ['sqr(2)', 'unknown_constant_function'],
    ['sqrt(1, 2)', 'argument_count'],
    ['sqrt(x: 1)', 'unknown_argument'],
    ['if 3 then 1 else 2', 'condition_not_boolean'],
    ['config.ids.index(7)', 'not_in_list'],
    ['heads.index(7)', 'not_a_list'],
    ['[j for j in heads]', 'not_a_list'],
    ['[j for j in [1] if j]', 'condition_not_boolean'],
    ['[k for j in [1]]', 'not_a_constant'],
    ['[j for j in [1]] == j', 'not_a_constant'],
    ['[1 for j in range(9999) for k in range(9999)]', 'cannot_compute'],
  ])('%s is a mistake: %s', (text, code) => {
    const { value, diagnostics } = evaluate(text);
    expect(diagnostics.map((each) => each.code)).toEqual([code]);
    expect(value).toBeUndefined();
  });

  test('suggests the name that was meant', () => {
    expect(evaluate('config.hiden_size').diagnostics[0]?.help?.[0]).toBe('did you mean `hidden_size`?');
    expect(evaluate('witdh').diagnostics[0]?.help?.[0]).toBe('did you mean `width`?');
  });

  test('has no value that is not a number', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.array(fc.double()));
    const operator = fc.constantFrom('|', 'or', 'and', '==', '<', 'in', '+', '-', '*', '/', '%', '^');
    fc.assert(
      fc.property(operator, value, value, (each, left, right) => {
        fc.pre(![left, right].some((side) => Number.isNaN(side)));
        const folded = foldBinary(each, left, right);
        expect('value' in folded && Number.isNaN(folded.value)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
