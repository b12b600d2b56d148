// Messages about statements, stripes, checkpoint sections and expressions.
import type { IToken } from 'chevrotain';
import type { Name } from './ast.ts';
import { formOf } from './forms.ts';
import { found, placeOf } from './found.ts';
import { error } from './mistake.ts';
import type { Diagnostic, Source, Span } from './source.ts';

// -------------------------------------------------------------------------------------------- statements

export function returnsOneValue(comma: Span, start: Span): Diagnostic {
  return error('returns_one_value', 'A `return` gives one value.', comma, {
    secondary: [{ span: start, text: '' }],
    help: ['`expose` the other values, and read them as `LETTER.name`'],
  });
}

export function weightWithoutShape(
  names: readonly Name[],
  source: Source,
  token: IToken,
  previous: IToken,
): Diagnostic {
  const name = names.at(-1)?.text ?? 'w';
  return error(
    'weight_without_shape',
    `The weight \`${name}\` has no axes.`,
    placeOf(source, token, previous),
    {
      label: '`:` and the axes go here',
      help: [`write \`weight ${name} : width -> width\` for a map, \`weight ${name} : width\` for a vector`],
    },
  );
}

export function unknownWeightOption(source: Source, token: IToken, previous: IToken): Diagnostic {
  return error(
    'unknown_weight_option',
    `After its axes a weight may have \`bias\` and \`per site\`, not ${found(token)}.`,
    placeOf(source, token, previous),
    { help: ['write `weight q : width -> heads * key, bias, per site in f32`, with what applies'] },
  );
}

export function numberAsAxis(span: Span, text: string): Diagnostic {
  return error('number_as_axis', 'An axis has a name, not only a size.', span, {
    label: 'a number is no axis',
    help: [`declare it, for instance \`axis part = ${text}\`, and write \`part\` here`],
  });
}

export function groupOutsideStored(span: Span): Diagnostic {
  return error('group_outside_checkpoint', 'Parentheses in a shape belong to checkpoint sections.', span, {
    help: ['write the product out: `a * x + a * y` instead of `a * (x + y)`'],
  });
}

export function expectedAxis(source: Source, token: IToken, previous: IToken): Diagnostic {
  return error(
    'expected_axis',
    `An axis is missing here; there is ${found(token)} instead.`,
    placeOf(source, token, previous),
    {
      label: 'the name of an axis goes here',
      help: ['a shape is axes with `*` and `+`: `heads * key`, `channel + channel`, `channel * taps(4)`'],
    },
  );
}

export function unknownDtype(name: Name, meant?: string): Diagnostic {
  return error('unknown_dtype', `There is no number type \`${name.text}\`.`, name.span, {
    help: [
      ...(meant === undefined ? [] : [`did you mean \`${meant}\`?`]),
      'the number types are `f32`, `f16`, `bf16` and `complex`',
    ],
  });
}

export function forNeedsRange(span: Span, name: string): Diagnostic {
  return error('for_needs_range', 'A `for` runs over a range of numbers.', span, {
    label: 'no range',
    help: [`write \`for ${name} in 0..n { … }\`, where n is excluded`],
  });
}

export function emptyStatement(word: Name): Diagnostic {
  return error('incomplete_statement', `\`${word.text}\` says nothing by itself.`, word.span, {
    help: [`it is written \`${formOf(word.text)}\``],
  });
}

/** What other languages begin a statement with, and a sign between axes. */
const foreignStatements = new Map<string, readonly string[]>([
  ...['let', 'var', 'val', 'auto'].map((word) => [word, ['a name gets its value by `y = …` alone']] as const),
  ...['def', 'fn', 'func', 'class'].map(
    (word) => [word, ['write `mixer name(argument = 4) { … }`, or `function name(x) { … }`']] as const,
  ),
  ['x', ['axes are joined by `*`, as in `width * heads`, and a map is written `width -> heads`']],
]);

export function unknownWord(name: Name, meant: string | undefined, where: string): Diagnostic {
  return error('unknown_statement', `\`${name.text}\` begins no statement of ${where}.`, name.span, {
    help:
      meant === undefined
        ? (foreignStatements.get(name.text) ?? [
            `the statements are listed under \`${where}\` in docs/language.md`,
          ])
        : [`did you mean \`${meant}\`?`],
  });
}

export function misplacedStatement(name: Name, where: string, belongs: string): Diagnostic {
  return error(
    'misplaced_statement',
    `\`${name.text}\` is a statement of ${belongs}, not of ${where}.`,
    name.span,
    {
      help: [
        name.text === 'param' && belongs === 'a model'
          ? 'here a value gets a name by `name = …`, and an argument stands in the parentheses: `mixer own(name = 4)`'
          : `move it into ${belongs}`,
      ],
    },
  );
}

export function unusedValue(span: Span): Diagnostic {
  return error('unused_value', 'This computes a value and gives it to nobody.', span, {
    help: ['give it a name, `y = …`, or `return` it'],
  });
}

export function assignedToPart(span: Span): Diagnostic {
  return error('assigned_to_expression', 'Only a whole name can be assigned.', span, {
    help: [
      'write `h = …`; the new value may be computed from `h`, and `where(c, a, b)` chooses per position',
    ],
  });
}

export function missingOperator(source: Source, token: IToken, previous: IToken): Diagnostic {
  const start = previous.startOffset;
  const end = (token.endOffset ?? token.startOffset) + 1;
  return error(
    'missing_operator',
    `There is nothing between ${found(previous)} and ${found(token)}.`,
    { source, start, end },
    {
      help: ['put an operator such as `*` between them, or a `,`, or begin a new line'],
    },
  );
}

export function unknownFit(name: Name, meant: string | undefined, keys: readonly string[]): Diagnostic {
  return error('unknown_fit', `A model cannot fit by \`${name.text}\`.`, name.span, {
    help: [
      ...(meant === undefined ? [] : [`did you mean \`${meant}\`?`]),
      `checkpoints are told by ${keys.map((key) => `\`${key}\``).join(', ')}`,
    ],
  });
}

export function letterNeedsEquals(name: Name): Diagnostic {
  return error('letter_needs_equals', `A letter is bound with \`=\`, not with \`:\`.`, name.span, {
    help: [`write \`${name.text} = mixer(…)\`; the \`:\` belongs to arguments`],
  });
}

export function settingWithEquals(sign: Span, word: string): Diagnostic {
  return error('setting_with_equals', `\`${word}\` takes its value without \`=\`.`, sign, {
    help: [`write \`${formOf(word)}\``],
  });
}

export function unknownSetting(name: Name): Diagnostic {
  return error('unknown_setting', `A model knows no \`${name.text}\`.`, name.span, {
    help: ['a letter is bound with `=`; the settings are `vocab`, `width`, `context` and `meta`'],
  });
}

export function unexpectedToken(
  span: Span,
  expected: string,
  actual: string,
  help: readonly string[],
  label = '',
): Diagnostic {
  return error('unexpected_token', `Expected ${expected}, but there is ${actual}.`, span, { label, help });
}

// -------------------------------------------------------------------------------------------- stripes

export function expectedLetter(source: Source, token: IToken, previous: IToken): Diagnostic {
  return error(
    'expected_letter',
    `A letter of the stripe is missing here; there is ${found(token)} instead.`,
    placeOf(source, token, previous),
    {
      label: 'a letter or `(` goes here',
      help: [
        'a stripe is written `stripe (SSM, MLP)×3, SWA & MLP`; a repetition follows the letter it repeats',
      ],
    },
  );
}

export function layersNeedCommas(span: Span, before: string, letter: string): Diagnostic {
  return error('layers_need_commas', 'A comma stands between the layers of a stripe.', span, {
    help: [`write \`${before}, ${letter}\`; letters of one layer are joined by \`&\``],
  });
}

export function expectedCount(source: Source, token: IToken, previous: IToken): Diagnostic {
  return error(
    'expected_count',
    `The repetition does not say how often; there is ${found(token)} instead.`,
    placeOf(source, token, previous),
    {
      label: 'a number goes here',
      help: ['write `×3`, `×n` or `×(n - 1)`'],
    },
  );
}

export function stripeNeedsElse(start: Span, whole: Span): Diagnostic {
  return conditionalNeedsElse(start, whole);
}

// -------------------------------------------------------------------------------------------- checkpoint

export function entryWithoutPattern(subjects: readonly (readonly Name[])[], span: Span): Diagnostic {
  const name = subjects[0]?.map((part) => part.text).join('.') ?? 'weight';
  return error('entry_without_tensor', `This entry does not say which tensor \`${name}\` is.`, span, {
    help: [`write \`${name} "name.in.the.file"\`, or \`${name} { … }\` with the entries of its weights`],
  });
}

export function entryWithoutWeight(span: Span): Diagnostic {
  return error('entry_without_weight', 'This names a tensor, and does not say which weight it is.', span, {
    help: [
      'write `embed "…"` or `layer i "…{i}."`; of a tensor that holds several weights its shape says which, `"…" as [q: part + k: part, width]`',
    ],
  });
}

export function expectedEntry(
  source: Source,
  token: IToken,
  previous: IToken,
  isAfterComma: boolean,
): Diagnostic {
  const rest = isAfterComma ? 'nothing follows the comma' : `there is ${found(token)} instead`;
  return error(
    'expected_entry',
    `An entry of the checkpoint is missing here; ${rest}.`,
    placeOf(source, token, previous),
    {
      help: [
        'an entry is written `norm "input_layernorm"` or `"in_proj.weight" as [x: channel + z: channel, width]`',
      ],
    },
  );
}

// -------------------------------------------------------------------------------------------- expressions

export function expectedExpression(
  source: Source,
  token: IToken,
  previous: IToken,
  after?: IToken,
): Diagnostic {
  const behind = after === undefined ? '' : ` behind \`${after.image}\``;
  return error(
    'expected_expression',
    `A value is missing${behind}; there is ${found(token)} instead.`,
    placeOf(source, token, previous),
    {
      label: 'a value goes here',
      help: [
        'a value is a name, a number, a string, a call such as `f(x)`, a list `[a, b]`, or one of these in parentheses',
      ],
    },
  );
}

export function conditionalNeedsParentheses(span: Span): Diagnostic {
  return error(
    'conditional_needs_parentheses',
    'An `if` inside a longer expression stands in parentheses.',
    span,
    {
      help: ['write `2 * (if c then a else b)`'],
    },
  );
}

export function conditionalNeedsElse(start: Span, whole: Span): Diagnostic {
  return error('if_without_else', 'This `if` has no `else`.', start, {
    label: 'what is the value otherwise?',
    secondary: [{ span: { ...whole, start: whole.end }, text: '`else …` goes here' }],
    help: ['a choice of values is written `if c then a else b`; `none` is a value'],
  });
}

export function equalsInCondition(sign: Span, start: Span): Diagnostic {
  return error('equals_in_condition', 'A comparison is written `==`.', sign, {
    label: '`=` gives a name to a value',
    secondary: [{ span: start, text: 'in the condition of this' }],
    help: ['write `==` to compare'],
  });
}

export function comparisonChain(first: Span, second: Span): Diagnostic {
  return error('comparison_chain', 'A comparison compares two values.', second, {
    label: 'a second comparison',
    secondary: [{ span: first, text: 'the first' }],
    help: ['write `a < b and b < c`'],
  });
}

export function indexWithoutAxis(span: Span): Diagnostic {
  return error('index_without_axis', 'An index says of which axis it is.', span, {
    help: ['write `z[stage = 0]`: the name of the axis, `=`, and the index'],
  });
}

export function positionalAfterNamed(span: Span, named: Name): Diagnostic {
  return error('positional_after_named', 'An argument without a name stands before those with one.', span, {
    secondary: [{ span: named.span, text: 'a named argument' }],
    help: ['give it its name, or move it to the front'],
  });
}

export function argumentTwice(name: Name, earlier: Name): Diagnostic {
  return error('argument_twice', `The argument \`${name.text}\` is given twice.`, name.span, {
    secondary: [{ span: earlier.span, text: 'first here' }],
    help: ['remove one of them'],
  });
}

export function optionNeedsName(span: Span): Diagnostic {
  return error('option_needs_name', 'An option is given by name.', span, { help: ['write `scale: 2`'] });
}

export function expectedOption(source: Source, token: IToken, previous: IToken): Diagnostic {
  return error(
    'option_needs_name',
    `An option is missing behind the comma; there is ${found(token)} instead.`,
    placeOf(source, token, previous),
    {
      help: ['write `head tied, scale: 2`, the name of the option with a `:`'],
    },
  );
}
