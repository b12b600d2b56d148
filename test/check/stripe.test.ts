// Stripes: all their forms, as lists of layers.
import { describe, expect, test } from 'vitest';
import { constantScope } from '../../compiler/check/constant.ts';
import { expandStripe } from '../../compiler/check/stripe.ts';
import { parseStripe } from './parsed.ts';

const config = {
  layer_types: ['linear_attention', 'full_attention', 'linear_attention'],
  pattern: 'M*-M',
  count: 4,
  ids: [1, 3],
  period: 2,
  offset: 1,
};
const scope = constantScope({ config, n: 3 });
const letters = new Set(['A', 'B', 'C', 'SSM', 'ATT', 'MLP']);

/** Layers with a space between them, letters of one layer joined by &. */
function expand(text: string): string {
  const { value, diagnostics } = expandStripe(parseStripe(text), scope, letters);
  return diagnostics.length > 0
    ? diagnostics.map(({ code }) => `! ${code}`).join(' ')
    : (value ?? []).map((layer) => layer.letters.map((letter) => letter.text).join('&')).join(' ');
}

describe('a stripe', () => {
  test.each([
    ['A, B', 'A B'],
    ['A×3, B×1, C', 'A A A B C'],
    ['(A, B) * 2', 'A B A B'],
    ['(A, B) x2, C', 'A B A B C'],
    ['A, B×(n - 1), A', 'A B B A'],
    ['(A, (B, C)×2)×2', 'A B C B C A B C B C'],
    ['A & B', 'A&B'],
    ['(A, B)×2 & MLP', 'A&MLP B&MLP A&MLP B&MLP'],
    ['(A, B) & (B, C) & MLP', 'A&B&MLP B&C&MLP'],
    ['MLP & (A, B)', 'MLP&A MLP&B'],
    ['from config.layer_types { "linear_attention": A, "full_attention": B }', 'A B A'],
    ['from config.layer_types { "linear_attention": A & MLP, "full_attention": B }', 'A&MLP B A&MLP'],
    ['pattern config.pattern { "M": SSM, "*": ATT, "-": MLP }', 'SSM ATT MLP SSM'],
    ['from layers(config.count) { if i in config.ids then A else B }', 'B A B A'],
    [
      'from layers(4) { (if i % config.period == config.offset then ATT else SSM) & MLP }',
      'SSM&MLP ATT&MLP SSM&MLP ATT&MLP',
    ],
    ['from layers(2) { if config.ids.index(2 * i + 1) == 0 then A else B }', 'A B'],
  ])('%s', (text, layers) => {
    expect(expand(text)).toBe(layers);
  });

  test.each([
    ['A, BB', 'unknown_letter'],
    ['A×0', 'repeat_not_positive'],
    ['A×(0 - 2)', 'repeat_not_positive'],
    ['A×2.5', 'count_not_whole'],
    ['A×("2")', 'count_not_whole'],
    ['A×1_000_000_000', 'too_many_layers'],
    ['((A×5000)×5000)×5000', 'too_many_layers'],
    ['from layers(1e9) { A }', 'too_many_layers'],
    ['from layers(0) { A }', 'repeat_not_positive'],
    ['(A, B) & (A, B, C)', 'stripe_lengths_differ'],
    ['from config.layer_types { "linear_attention": A }', 'no_case'],
    [
      'from config.layer_types { "linear_attention": A, "linear_attention": B, "full_attention": C }',
      'case_twice',
    ],
    ['from config.pattern { "M": A }', 'not_a_list'],
    ['pattern config.layer_types { "M": A }', 'pattern_not_text'],
    ['pattern config.pattern { "M": A, "*": B }', 'no_case'],
    ['pattern config.pattern { "MM": A }', 'pattern_key_not_character'],
    ['pattern "" { "M": A }', 'empty_stripe'],
    ['from layers(3) { if i then A else B }', 'condition_not_boolean'],
    ['from layers(3) { if config.idx == i then A else B }', 'missing_field'],
  ])('%s is a mistake: %s', (text, code) => {
    expect(expand(text)).toBe(`! ${code}`);
  });
});
