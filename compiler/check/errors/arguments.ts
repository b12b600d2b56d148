// Messages about arguments and what functions take.
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import { describeKind, showConstant, type Constant } from '../constant.ts';
import { foreignArgument } from './foreign-words.ts';
import { at, didYouMean, error, quoted } from './diagnostic.ts';

export function unknownArgument(
  span: Span,
  callee: string,
  name: string,
  names: readonly string[],
  declared?: Span,
): Diagnostic {
  const takes = names.length === 0 ? 'it takes no names' : `it takes ${quoted(names)}`;
  const help = foreignArgument(callee, name, names) ?? didYouMean(name, names);
  return error('unknown_argument', span, `\`${callee}\` has no argument \`${name}\`.`, {
    secondary: [at(declared, 'declared here')],
    help: help.length > 0 ? help : [takes],
  });
}

export function tooManyArguments(span: Span, callee: string, most: number): Diagnostic {
  const takes = most === 0 ? 'no argument' : most === 1 ? 'one argument' : `${most} arguments`;
  return error('too_many_arguments', span, `\`${callee}\` takes ${takes}, and this is one more.`, {
    help: ['leave it out, or name it: `name: value`'],
  });
}

export function missingArgument(
  span: Span,
  callee: string,
  names: readonly string[],
  declared?: Span,
): Diagnostic {
  const needed = names.every((name) => /^\w+$/.test(name)) ? quoted(names) : names.join(', ');
  const what = names.length === 1 ? 'its argument' : 'its arguments';
  const [first = 'name'] = names;
  return error('missing_argument', span, `\`${callee}\` lacks ${what} ${needed}.`, {
    secondary: [at(declared, 'declared here, without a default')],
    help: [/^\w+$/.test(first) ? `write \`${callee}(…, ${first}: …)\`` : `write \`${callee}(value)\``],
  });
}

export function argumentTwice(span: Span, name: string, first: Span): Diagnostic {
  return error('argument_twice', span, `The argument \`${name}\` is given twice.`, {
    secondary: [at(first, 'the first is here')],
    help: ['leave one of them out'],
  });
}

/** `window` of 0, a negative softcap: `demand` says what it must be. */
export function argumentValue(
  span: Span,
  name: string,
  callee: string,
  value: Constant,
  demand: string,
  used?: Span,
): Diagnostic {
  const is =
    typeof value === 'number' || typeof value === 'string' ? showConstant(value) : describeKind(value);
  const code = name === 'window' ? 'window_not_positive' : 'argument_value';
  return error(code, span, `\`${name}\` of \`${callee}\` cannot be ${is}.`, {
    label: `this is ${is}`,
    secondary: [at(used === span ? undefined : used, `it is the \`${name}\` of this`)],
    help: [`it must be ${demand}${name === 'window' ? '; leave it out to see every position' : ''}`],
  });
}

export function renameForm(span: Span): Diagnostic {
  return error('rename_form', span, 'A renaming is written `old: new`, both names of axes.', {
    help: ['for example `rename(v, two: half)`'],
  });
}

export function notAWeight(span: Span, callee: string): Diagnostic {
  return error('not_a_weight', span, `\`${callee}\` asks about a weight, and this is none.`, {
    help: ['name a weight that was declared without an arrow'],
  });
}

export function scalingLacks(span: Span, field: string): Diagnostic {
  return error('scaling_field_missing', span, `This rotary scaling lacks its number \`${field}\`.`, {
    help: ["compare with the model's published config file"],
  });
}

export function scalingUnknown(span: Span, name: string, known: readonly string[]): Diagnostic {
  return error('unknown_scaling', span, `There is no rotary scaling called "${name}".`, {
    help: [`there are ${known.join(', ')}`],
  });
}

export function scalingLength(span: Span, field: string, length: number, pairs: number): Diagnostic {
  return error(
    'scaling_field_length',
    span,
    `The \`${field}\` of this rotary scaling has ${length} numbers for ${pairs} pairs.`,
    {
      help: [
        'it has one number for each pair of entries that turn',
        'compare `dims` with the published config',
      ],
    },
  );
}

export function missingInput(span: Span, name: string, mixer: string, given?: Span): Diagnostic {
  return error('missing_argument', given ?? span, `\`${mixer}\` needs a value for its input \`${name}\`.`, {
    label: given === undefined ? 'no value was given for this' : 'without a value for it',
    secondary: [given === undefined ? undefined : at(span, 'the input is declared here')],
    help: [`give one, \`${name}: LETTER.${name}\`, or make it optional with \`= none\``],
  });
}

export function inputIsNoValue(span: Span, name: string): Diagnostic {
  return error('input_not_a_value', span, `The input \`${name}\` takes a value, and this is none.`, {
    help: ['give a value per position, such as `LETTER.name`'],
  });
}
