// The messages of the constant evaluator, the config reader and the stripe.
import { closest } from '../../grammar/suggest.ts';
import type { Diagnostic, Span } from '../../grammar/source.ts';
import { describeKind, showConstant, type Constant } from './constant.ts';

function error(
  code: string,
  span: Span,
  message: string,
  help: readonly string[] = [],
  label = '',
): Diagnostic {
  return {
    severity: 'error',
    code,
    message,
    primary: { span, text: label },
    ...(help.length > 0 && { help }),
  };
}

/** "did you mean" as a list of help lines: one, or none where nothing is close. */
export function suggest(name: string, candidates: readonly string[], quoted = true): readonly string[] {
  const near = closest(name, candidates);
  if (near === undefined) return [];
  return [`did you mean ${quoted ? `\`${near}\`` : `"${near}"`}?`];
}

/** The suggestions with the other way out behind them, or that alone. */
function orElse(suggestions: readonly string[], other: string): readonly string[] {
  return suggestions.length === 0 ? [other] : [...suggestions, `or ${other}`];
}

// ---------------------------------------------------------------------------------------------- expressions

export function expressionTooDeep(span: Span): Diagnostic {
  return error('expression_too_deep', span, 'This expression is nested too deeply.', [
    'give its parts names with `param` or `const`',
  ]);
}

export function cannotCompute(span: Span, reason: string): Diagnostic {
  return error('cannot_compute', span, `This cannot be computed: ${reason}.`, [
    'look at the values on both sides; a config field may be missing or of another kind',
  ]);
}

export function notAConstant(span: Span, name: string, names: readonly string[]): Diagnostic {
  return error('not_a_constant', span, `\`${name}\` is not a constant that is known here.`, [
    ...suggest(name, names),
    'stripes, sizes and conditions are made of params, settings and fields of `config`',
  ]);
}

export function conditionNotBoolean(span: Span, value: Constant): Diagnostic {
  const help =
    value === null || typeof value !== 'number' ? ['compare it: `… != none`'] : ['compare it: `… != 0`'];
  return error(
    'condition_not_boolean',
    span,
    `A condition is true or false, and this is ${describeKind(value)}.`,
    help,
  );
}

export function notAConstantFunction(span: Span, name?: string, names: readonly string[] = []): Diagnostic {
  const message =
    name === undefined
      ? 'This cannot be called in a constant expression.'
      : `\`${name}\` is not a function of constants.`;
  return error('unknown_constant_function', span, message, [
    ...(name === undefined ? [] : suggest(name, names)),
    'there are ceil, floor, round, min, max, abs, sqrt, exp, log, pow, sum, len, range, item',
  ]);
}

export function fieldWithoutName(span: Span): Diagnostic {
  return error('field_without_name', span, 'A field of a group has a name.', [
    'write `fields(type: "linear", factor: 2)`',
  ]);
}

export function constantFunctionTakesNoNames(span: Span, name: string): Diagnostic {
  return error('unknown_argument', span, `\`${name}\` takes its arguments without names.`, [
    `write the values alone: \`${name}(…)\``,
  ]);
}

export function constantFunctionArguments(
  span: Span,
  name: string,
  takes: { readonly least: number; readonly most: number },
  given: number,
): Diagnostic {
  const range = takes.least === takes.most ? `${takes.least}` : `${takes.least} to ${takes.most}`;
  const noun = range === '1' ? 'argument' : 'arguments';
  return error('argument_count', span, `\`${name}\` takes ${range} ${noun}, and this gives it ${given}.`, [
    given > takes.most ? 'leave out what is too many' : 'give what is missing',
  ]);
}

export function notAList(span: Span, value: Constant): Diagnostic {
  return error('not_a_list', span, `This must be a list, and it is ${describeKind(value)}.`, [
    'a list is written `[1, 2]`, or comes from the config',
  ]);
}

export function notInList(span: Span, value: Constant): Diagnostic {
  return error('not_in_list', span, `${showConstant(value)} is not in the list.`, [
    'ask with `in` first: `if i in list then list.index(i) else …`',
  ]);
}

export function indexNotConstant(span: Span): Diagnostic {
  return error('index_not_constant', span, 'A constant list is not indexed by an axis.', [
    'take an item by its position: `item(list, 0)`',
  ]);
}

export function indexNotWhole(span: Span, value: Constant): Diagnostic {
  return error('index_not_whole', span, `An index is a whole number, and this is ${showConstant(value)}.`, [
    'the first has the index 0',
  ]);
}

export function indexOutside(span: Span, at: number, length: number): Diagnostic {
  return error('index_outside_list', span, `There is no item ${at} in a list of ${length}.`, [
    `the last is ${length - 1}`,
  ]);
}

export function fieldOfNone(span: Span, name: string): Diagnostic {
  return error('missing_field', span, `There is no \`${name}\` here, because what should hold it is none.`, [
    'give a default: `… | 0`',
  ]);
}

export function noFields(span: Span, name: string, kind: string): Diagnostic {
  return error('no_fields', span, `\`${name}\` is asked of ${kind}, which has no fields.`, [
    'fields are asked of `config` and of its groups',
  ]);
}

export function missingField(
  span: Span,
  name: string,
  of: string | undefined,
  names: readonly string[],
): Diagnostic {
  const where = of === undefined ? 'this group' : `\`${of}\``;
  return error('missing_field', span, `There is no \`${name}\` in ${where}.`, [
    ...orElse(suggest(name, names), `give a default: \`${of ?? '…'}.${name} | …\``),
  ]);
}

// ---------------------------------------------------------------------------------------------- stripes

export function unknownLetter(span: Span, name: string, letters: readonly string[]): Diagnostic {
  return error('unknown_letter', span, `The letter \`${name}\` is bound to no mixer.`, [
    ...orElse(suggest(name, letters), `bind it: \`${name} = …\``),
  ]);
}

export function repeatNotPositive(span: Span, count: number): Diagnostic {
  return error('repeat_not_positive', span, `A repetition of ${count} leaves no layer.`, [
    'repeat at least once, or leave the letter out',
  ]);
}

export function setsNotPositive(span: Span, count: number): Diagnostic {
  return error('sets_not_positive', span, `${count} sets leave the letter no weights.`, [
    'write `shared` for one set of weights, `shared(2)` for two that take turns',
  ]);
}

export function countNotWhole(span: Span, value: Constant, what: string): Diagnostic {
  const is = typeof value === 'number' ? showConstant(value) : describeKind(value);
  return error('count_not_whole', span, `${what} is a whole number, and this is ${is}.`, [
    'round it with `floor(…)` or `ceil(…)`, if that is meant',
  ]);
}

export function tooManyLayers(span: Span, count: number, most: number): Diagnostic {
  return error(
    'too_many_layers',
    span,
    `This stripe would have ${amount(count)} layers; the most is ${amount(most)}.`,
    ['repeat less often'],
  );
}

function amount(count: number): string {
  return Number.isSafeInteger(count) ? count.toLocaleString('en-US') : String(count);
}

export function emptyStripe(span: Span): Diagnostic {
  return error('empty_stripe', span, 'This stripe has no layer.', ['give it at least one letter']);
}

export function lengthsDiffer(span: Span, lengths: readonly number[], other: Span): Diagnostic {
  const message = `\`&\` joins layer by layer, and its sides have ${lengths.join(' and ')} layers.`;
  return {
    severity: 'error',
    code: 'stripe_lengths_differ',
    message,
    primary: { span, text: `${lengths.at(-1)} layers` },
    secondary: [{ span: other, text: `${lengths[0]} layers` }],
    help: ['a side of one layer joins every layer of the other side'],
  };
}

export function listItemWithoutCase(
  span: Span,
  item: Constant,
  at: number,
  cases: readonly string[],
  what: 'item' | 'character',
): Diagnostic {
  const shown = showConstant(item);
  const help = typeof item === 'string' ? suggest(item, cases, false) : [];
  return error('no_case', span, `No case says which layer ${shown} is (${what} ${at}, counted from 0).`, [
    ...help,
    `the cases are ${cases.map((key) => JSON.stringify(key)).join(', ')}`,
  ]);
}

export function caseTwice(span: Span, key: string, first: Span): Diagnostic {
  return {
    ...error('case_twice', span, `The case ${JSON.stringify(key)} is given twice.`, [
      'leave one of them out',
    ]),
    secondary: [{ span: first, text: 'the first is here' }],
  };
}

export function patternNotText(span: Span, value: Constant): Diagnostic {
  return error('pattern_not_text', span, `A pattern is a string, and this is ${describeKind(value)}.`, [
    'for a list, write `from` in the place of `pattern`',
  ]);
}

export function patternKeyNotCharacter(span: Span, key: string): Diagnostic {
  return error(
    'pattern_key_not_character',
    span,
    `A pattern is read character by character, and ${JSON.stringify(key)} is not one.`,
    ['for a list of words, write `from` in the place of `pattern`'],
  );
}
