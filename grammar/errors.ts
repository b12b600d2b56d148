// Every message about the text of a .hyb file, one function for each code.
import type { IToken } from 'chevrotain';
import type { Name } from './ast.ts';
import { found, placeOf } from './found.ts';
import type { Diagnostic, Label, Source, Span } from './source.ts';

interface Extra {
  readonly label?: string;
  readonly secondary?: readonly Label[];
  readonly help?: readonly string[];
}

function error(code: string, message: string, span: Span, extra: Extra = {}): Diagnostic {
  const { label = '', secondary, help } = extra;
  return {
    severity: 'error',
    code,
    message,
    primary: { span, text: label },
    ...(secondary === undefined ? {} : { secondary }),
    ...(help === undefined ? {} : { help }),
  };
}

// -------------------------------------------------------------------------------------------- characters

export function notUtf8(span: Span, offset: number): Diagnostic {
  return error('not_utf8', 'This file is not UTF-8 text.', span, {
    label: `the byte at offset ${offset} is no part of a UTF-8 character`,
    help: ['save the file as UTF-8'],
  });
}

export function controlCharacter(span: Span, code: number): Diagnostic {
  const name = code === 0 ? 'a NUL character' : `the control character ${codePoint(code)}`;
  return error('control_character', `There is ${name} in the text.`, span, {
    label: 'nothing is seen here, but it is in the file',
    help: ['delete it; in a string write it as an escape, such as `\\u{0}`'],
  });
}

export function unexpectedCharacter(span: Span, text: string): Diagnostic {
  const code = text.codePointAt(0) ?? 0;
  const isLetter = /^[\p{L}\p{M}]/u.test(text);
  return error(
    'unexpected_character',
    `The character \`${text}\` (${codePoint(code)}) means nothing here.`,
    span,
    {
      label: isLetter ? 'no letter of a name' : 'not a sign of the language',
      help: [
        isLetter
          ? 'names are made of a–z, A–Z, 0–9 and `_`'
          : 'remove it, or put it into a string or a comment',
      ],
    },
  );
}

export function unterminatedString(span: Span): Diagnostic {
  return error('unterminated_string', 'This string has no end.', span, {
    label: 'no closing `"` before the end of the line',
    help: ['close it with `"`; a line break inside a string is written `\\n`'],
  });
}

export function unknownEscape(span: Span, escape: string): Diagnostic {
  return error('unknown_escape', `\`${escape}\` is not an escape of a string.`, span, {
    help: [
      'the escapes are `\\"`, `\\\\`, `\\n`, `\\t`, `\\r` and `\\u{1F600}`; write `\\\\` for a backslash',
    ],
  });
}

export function malformedNumber(span: Span, text: string): Diagnostic {
  return error('malformed_number', `\`${text}\` is neither a number nor a name.`, span, {
    help: [
      'a number looks like `16`, `10_000`, `0.5` or `1e-5`, a name begins with a letter, a product needs `*`',
    ],
  });
}

export function numberTooLarge(span: Span, text: string): Diagnostic {
  return error('number_too_large', `\`${text}\` is larger than any number the language has.`, span, {
    help: ['the largest is about 1.8e308'],
  });
}

export function numberNeedsZero(span: Span, digits: string): Diagnostic {
  return error('malformed_number', 'A number begins with a digit.', span, {
    help: [`write \`0.${digits}\``],
  });
}

export function foreignSign(span: Span, sign: string, help: string): Diagnostic {
  return error('foreign_syntax', `\`${sign}\` is not a sign of the language.`, span, { help: [help] });
}

export function foreignComment(span: Span): Diagnostic {
  return error('foreign_syntax', 'A comment begins with `//`.', span, {
    help: ['begin each line of the comment with `//`, or with `///` to document a declaration'],
  });
}

export function sourceTooLong(span: Span, length: number, limit: number): Diagnostic {
  return error('source_too_long', `This file has ${length} characters; the most is ${limit}.`, span, {
    help: ['move parts of it to other files and `import` them'],
  });
}

// -------------------------------------------------------------------------------------------- brackets

export function nestingTooDeep(span: Span, limit: number): Diagnostic {
  return error('nesting_too_deep', `This nests more than ${limit} levels deep.`, span, {
    label: 'the limit is reached here',
    help: ['give inner values names of their own, or use a function, a part or a letter for what repeats'],
  });
}

export function unclosedBracket(open: Span, sign: string, close: string, other?: Label): Diagnostic {
  return error('unclosed_bracket', `This \`${sign}\` is never closed.`, open, {
    label: `needs a \`${close}\``,
    ...(other === undefined ? {} : { secondary: [other] }),
    help: [`add the missing \`${close}\``],
  });
}

export function unexpectedClosing(span: Span, sign: string): Diagnostic {
  return error('unexpected_closing_bracket', `This \`${sign}\` closes nothing.`, span, {
    help: [`remove it, or open the bracket it should close`],
  });
}

export function nestedDeclaration(keyword: Name, name: Name): Diagnostic {
  return error(
    'nested_declaration',
    `\`${keyword.text} ${name.text}\` stands inside another declaration.`,
    keyword.span,
    {
      label: 'begins while the one above is still open',
      help: ['declarations stand side by side: close the one above with `}` first'],
    },
  );
}

// -------------------------------------------------------------------------------------------- the file

export function importAfterDeclaration(span: Span, earlier: Name): Diagnostic {
  return error('import_after_declaration', 'Imports stand before the first declaration.', span, {
    secondary: [{ span: earlier.span, text: 'the first declaration' }],
    help: ['move the import to the top of the file'],
  });
}

export function importNeedsFrom(source: Source, token: IToken, previous: IToken): Diagnostic {
  return error(
    'unexpected_token',
    `An import of names goes on with \`from\`, not with ${found(token)}.`,
    placeOf(source, token, previous),
    {
      help: ['an import is written `import { a, b } from "gates.hyb"`'],
    },
  );
}

export function parameterTwice(name: Name, earlier: Name): Diagnostic {
  return error('parameter_twice', `There are two parameters called \`${name.text}\`.`, name.span, {
    secondary: [{ span: earlier.span, text: 'the first one' }],
    help: ['rename or remove one of them'],
  });
}

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

export function unknownWord(name: Name, meant: string | undefined, where: string): Diagnostic {
  return error('unknown_statement', `\`${name.text}\` begins no statement of ${where}.`, name.span, {
    help:
      meant === undefined
        ? [`the statements are listed under \`${where}\` in docs/language.md`]
        : [`did you mean \`${meant}\`?`],
  });
}

export function misplacedStatement(name: Name, where: string, belongs: string): Diagnostic {
  return error(
    'misplaced_statement',
    `\`${name.text}\` is a statement of ${belongs}, not of ${where}.`,
    name.span,
    {
      help: [`move it into ${belongs}`],
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

// -------------------------------------------------------------------------------------------- helpers

/** How a statement is written, for the help line. */
export function formOf(word: string): string {
  return forms[word] ?? word;
}

const forms: Readonly<Record<string, string>> = {
  axis: 'axis channel = inner, n = state',
  block: 'block prenorm',
  checkpoint: 'checkpoint { … }',
  const: 'const decay = -exp(A_log)',
  context: 'context 4096',
  embed: 'embed scale: 2',
  expose: 'expose memory = y + D * x',
  for: 'for j in 0..n { … }',
  function: 'function gate(x, y) { … }',
  head: 'head tied',
  if: 'if c { … } else { … }',
  import: 'import "gates.hyb"',
  input: 'input memory : channel',
  meta: 'meta 128',
  mixer: 'mixer name(parameter = 1) { … }',
  model: 'model name { … }',
  norm: 'norm before, after',
  param: 'param heads = config.num_attention_heads',
  part: 'part core = mamba_core(state: 16)',
  return: 'return y',
  scan: 'scan h[channel, n] = 0 { … }',
  shared: 'shared ATT = attention(heads: 8)',
  stripe: 'stripe (SSM, MLP)×8',
  vocab: 'vocab 1024',
  weight: 'weight q : width -> heads * key, bias',
  width: 'width 192',
};

function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
