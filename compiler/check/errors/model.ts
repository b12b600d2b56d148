// Messages about the model itself: its settings, letters, imports and config.
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import { describeKind, showConstant, type Constant } from '../constant.ts';
import { at, didYouMean, error, orElse, quoted } from './diagnostic.ts';

export function noModel(span: Span): Diagnostic {
  return error('no_model', span, 'This file declares no model.', { help: ['write `model name { … }`'] });
}

export function severalModels(span: Span, first: Span): Diagnostic {
  return error('several_models', span, 'A file declares one model, and this is another.', {
    secondary: [at(first, 'the first is here')],
    help: ['put it into a file of its own'],
  });
}

export function importNotFound(span: Span, path: string): Diagnostic {
  return error('import_not_found', span, `There is no file \`${path}\` to import.`, {
    help: ['the path is taken from the folder of this file'],
  });
}

export function importedNameMissing(
  span: Span,
  name: string,
  path: string,
  names: readonly string[],
): Diagnostic {
  const near = didYouMean(name, names);
  return error('imported_name_missing', span, `\`${path}\` declares no \`${name}\`.`, {
    help: orElse(near, names.length === 0 ? 'it declares nothing' : `it declares ${quoted(names)}`),
  });
}

export function unknownSetting(span: Span, name: string, names: readonly string[]): Diagnostic {
  const near = didYouMean(name, names);
  return error('unknown_setting', span, `A model has no setting \`${name}\`.`, {
    help: near.length > 0 ? near : [`its settings are ${quoted(names)}`],
  });
}

export function requirementNotMet(span: Span, model: string, message: string): Diagnostic {
  return error('requirement_not_met', span, `\`${model}\` does not run such a checkpoint: ${message}.`, {
    label: 'this must hold',
    help: ['the config.json decides it; what is asked for here has to be written into the model'],
  });
}

/** In a mixer, block or function; `given` are the constants that the condition names. */
export function bodyRequirementNotMet(
  span: Span,
  message: string,
  given: ReadonlyMap<string, Constant>,
): Diagnostic {
  const values = [...given].map(([name, value]) => `\`${name}\` is ${showConstant(value)}`);
  return error('requirement_not_met', span, `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
    label: values.length === 0 ? 'this must hold' : `this must hold; here ${values.join(', ')}`,
    help: ['give it what it takes where it is used, or write what is missing into its body'],
  });
}

export function expectationNotMet(span: Span, model: string, message: string): Diagnostic {
  return {
    ...error('expectation_not_met', span, `\`${model}\` runs such a checkpoint, but ${message}.`, {
      label: 'this is expected',
      help: ['compare with the published code before you trust the numbers'],
    }),
    severity: 'warning',
  };
}

/** `most` is how many positions there may be, where the model says so in one number. */
export function contextNotPossible(
  span: Span,
  {
    model,
    asked,
    most,
  }: { readonly model: string; readonly asked: number | undefined; readonly most: Constant | undefined },
  message: string,
): Diagnostic {
  const room = asked === undefined ? 'so many positions' : `${asked} positions`;
  return error('context_not_possible', span, `\`${model}\` has no room for ${room}: ${message}.`, {
    label: 'this must hold',
    help: [
      `ask for fewer with \`--context\`, or say so in the model’s \`context\`${
        most === undefined ? '' : `: at most ${showConstant(most)}`
      }`,
    ],
  });
}

export function settingMissing(span: Span, model: string, name: string): Diagnostic {
  return error('setting_missing', span, `The model \`${model}\` does not say its ${name}.`, {
    help: [
      `write \`${name} 256\`, or \`${name} config.…\``,
      ...(name === 'vocab' ? ['a model that takes numbers instead of tokens says `input x : width`'] : []),
    ],
  });
}

export function settingValue(span: Span, name: string, value: Constant): Diagnostic {
  const is = typeof value === 'number' ? showConstant(value) : describeKind(value);
  return error('setting_value', span, `The ${name} must be a positive whole number, and this is ${is}.`, {
    help: [`write a number, such as \`${name} 256\``],
  });
}

export function stripeMissing(span: Span, model: string): Diagnostic {
  return error('stripe_missing', span, `The model \`${model}\` has no stripe.`, {
    help: ['write `stripe A, B` with a letter for each layer'],
  });
}

export function statementTwice(span: Span, what: string, first: Span): Diagnostic {
  return error('statement_twice', span, `The model says its ${what} twice.`, {
    secondary: [at(first, 'the first is here')],
    help: ['leave one of them out'],
  });
}

export function letterTwice(span: Span, name: string, first: Span): Diagnostic {
  return error('letter_twice', span, `The letter \`${name}\` is bound twice.`, {
    secondary: [at(first, 'the first is here')],
    help: ['give one of them another name'],
  });
}

export function letterUnused(span: Span, name: string): Diagnostic {
  return {
    ...error('letter_unused', span, `The letter \`${name}\` is in no layer of the stripe.`, {
      help: ['add it to the stripe, or leave its line out'],
    }),
    severity: 'warning',
  };
}

export function configMissing(span: Span): Diagnostic {
  return error(
    'config_missing',
    span,
    'This model takes its numbers from a config file, and none was given.',
    {
      help: ['name it: `--config config.json`, or name the folder of the weights that holds it'],
    },
  );
}

export function configNotAsked(span: Span): Diagnostic {
  return error('config_not_asked', span, 'The model uses `config` without saying that it is made from one.', {
    help: ['write `model name from config { … }`'],
  });
}

export function constantCycle(span: Span, name: string): Diagnostic {
  return error('constant_cycle', span, `\`${name}\` is needed to compute itself.`, {
    help: ['give it a number, or take it from the config'],
  });
}

export function normNotFunction(span: Span): Diagnostic {
  return error(
    'norm_not_function',
    span,
    "The model's norm is a library function, such as `norm name(eps: 1e-5)`.",
    { help: ['declare one: `function name(x, w) { … }`'] },
  );
}

export function unknownOption(span: Span, what: string, name: string, names: readonly string[]): Diagnostic {
  const near = didYouMean(name, names);
  return error('unknown_option', span, `\`${what}\` has no option \`${name}\`.`, {
    help: near.length > 0 ? near : [`its options are ${quoted(names)}`],
  });
}

export function unlabelledOption(span: Span, what: string, names: readonly string[]): Diagnostic {
  return error('unknown_option', span, `The options of \`${what}\` have names.`, {
    help: [`they are ${quoted(names)}`],
  });
}

export function defaultMissing(span: Span, kind: string, name: string): Diagnostic {
  return error(
    'default_missing',
    span,
    `There is no ${kind} \`${name}\`, which a model uses unless it says otherwise.`,
    {
      help: [`say which: \`${kind} …\``],
    },
  );
}

export function blockMissing(span: Span): Diagnostic {
  return error('default_missing', span, 'The library has no block that this mixer could be wrapped in.', {
    help: ['say which: `block name`, and declare it with `block name(f) { … }`'],
  });
}

export function notABlock(span: Span): Diagnostic {
  return error('not_a_block', span, 'What mixers are wrapped in is a block, and this is none.', {
    help: ['declare it with `block name(f) { … }`'],
  });
}

export function blockParameters(span: Span, name: string): Diagnostic {
  return error(
    'block_parameters',
    span,
    `The block \`${name}\` has no parameter left for the mixer that it wraps.`,
    { help: ['give it one more parameter: `block name(f) { … }`'] },
  );
}

export function tableTooShort(span: Span): Diagnostic {
  return error('setting_value', span, 'The number of learned positions must be a positive whole number.', {
    help: ['for example `embed positions: 1024`'],
  });
}

export function tokensOrFeatures(span: Span, vocab: Span): Diagnostic {
  return error('tokens_or_features', span, 'A model takes tokens or features, and this one says both.', {
    secondary: [at(vocab, '`vocab` says that it takes tokens')],
    help: ['leave out `vocab` for a model of features, or `input` for one of tokens'],
  });
}

export function inputDefault(span: Span, name: string): Diagnostic {
  return error(
    'input_default',
    span,
    `What a model is given is always there, so \`${name}\` has no default.`,
    {
      help: [`write \`input ${name} : …\` with nothing behind its axes`],
    },
  );
}

export function headWithoutVocabulary(span: Span, input: Span): Diagnostic {
  return error(
    'head_without_vocabulary',
    span,
    'A head gives logits for the words of a vocabulary, and a model of features has none.',
    {
      secondary: [at(input, 'the model takes these')],
      help: ['name what it gives: `output scores { … return … }`'],
    },
  );
}

export function outputTwice(span: Span, name: string, first: Span): Diagnostic {
  return error('output_twice', span, `The model gives \`${name}\` twice.`, {
    secondary: [at(first, 'the first is here')],
    help: ['give one of them another name'],
  });
}

export function metaReadsAhead(span: Span, ahead: Span | undefined): Diagnostic {
  return error(
    'meta_reads_ahead',
    span,
    'Learned positions run before the sequence, and here it must be one run.',
    {
      ...(ahead === undefined ? {} : { secondary: [at(ahead, 'this reads later positions')] }),
      help: ['leave out `meta`; an encoder can put learned vectors into its `embed { … }`'],
    },
  );
}
