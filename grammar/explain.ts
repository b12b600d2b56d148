// From an exception of Chevrotain to a message in the user's words.
import type { IRecognitionException } from 'chevrotain';
import { missingOperator, unexpectedToken } from './errors.ts';
import { formOf } from './forms.ts';
import { found, placeOf } from './found.ts';
import type { Diagnostic, Source } from './source.ts';
import { Name, NumberToken, RightBrace, RightBracket, RightParenthesis, StringToken } from './tokens.ts';

/** The exception's message is the thing expected; see parser-messages.ts. */
export function explainMismatch(error: IRecognitionException, source: Source): Diagnostic {
  const { token } = error;
  // Chevrotain's types leave the token before out, though every one of its exceptions has it.
  const previous = (error as IRecognitionException & { previousToken?: typeof token }).previousToken ?? token;
  const isValueAfterValue = isValueEnd(previous.tokenType) && isValueStart(token.tokenType);
  const isOnOneLine = previous.endLine === token.startLine;
  const isInList = error.message === '`,`' || error.message === '`)`' || error.message === '`]`';
  if (isInList && isValueAfterValue && isOnOneLine) return missingOperator(source, token, previous);
  const word = statementOf(error.context.ruleStack);
  const usual = word === undefined ? [] : [`${word.name} is written \`${formOf(word.form)}\``];
  const help = helpFor(word?.form, token.image, previous.image) ?? usual;
  return unexpectedToken(placeOf(source, token, previous), expectation(error), found(token), help);
}

/** Habits from other languages get an answer of their own. */
function helpFor(form: string | undefined, image: string, before: string): readonly string[] | undefined {
  if (form === 'f(x, over: key)' && image === '=')
    return [`an argument is named with a colon: \`${before}: …\``];
  if (form === 'if' && (image === 'else' || image === 'then'))
    return ['a value is chosen with `y = if c then a else b`, statements with `if c { … } else { … }`'];
  return undefined;
}

function expectation(error: IRecognitionException): string {
  if (error.message !== '`,`') return error.message;
  const rule = error.context.ruleStack.at(-1);
  const closes =
    rule === 'callArguments' || rule === 'parameters' ? '`)`' : rule === 'importDeclaration' ? '`}`' : '`]`';
  return rule === 'weightStatement' ? '`,`' : `\`,\` or ${closes}`;
}

function isValueEnd(type: unknown): boolean {
  return [Name, NumberToken, StringToken, RightParenthesis, RightBracket, RightBrace].some(
    (end) => end === type,
  );
}

function isValueStart(type: unknown): boolean {
  return [Name, NumberToken, StringToken].some((start) => start === type);
}

/** The innermost statement that was being read. */
function statementOf(ruleStack: readonly string[]): { name: string; form: string } | undefined {
  for (const rule of ruleStack.toReversed()) {
    const statement = statements.get(rule);
    if (statement !== undefined) return statement;
  }
  return undefined;
}

const statements: ReadonlyMap<string, { name: string; form: string }> = new Map(
  Object.entries({
    callArguments: { name: 'a call', form: 'f(x, over: key)' },
    list: { name: 'a list', form: '[a, b]' },
    comprehension: { name: 'a list', form: '[f(x) for x in list if c]' },
    comprehensionSource: { name: 'a list', form: '[f(x) for x in list if c]' },
    parenthesised: { name: 'a group', form: '(a + b) * c' },
    storedShape: { name: 'a stored shape', form: '[channel, 1, taps]' },
    indexBinding: { name: 'an index', form: 'z[stage = 0]' },
    conditional: { name: 'a choice', form: 'if c then a else b' },
    postfix: { name: 'an index', form: 'z[stage = 0]' },
    assignment: { name: 'an assignment', form: 'y = f(x)' },
    letterStatement: { name: 'a letter', form: 'SSM = my_mixer(state: 16)' },
    blockStatement: { name: 'the block', form: 'block' },
    normStatement: { name: 'the norm', form: 'norm rms(eps: 1e-5)' },
    returnStatement: { name: 'a result', form: 'return' },
    checkpointStatement: { name: 'a checkpoint', form: 'checkpoint' },
    checkpointEntry: { name: 'an entry', form: 'norm "input_layernorm"' },
    stripeCases: { name: 'a choice of stripes', form: '{ "M": SSM, "*": ATT }' },
    axisStatement: { name: 'an axis', form: 'axis' },
    inputStatement: { name: 'an input', form: 'input' },
    weightStatement: { name: 'a weight', form: 'weight' },
    partStatement: { name: 'a part', form: 'part' },
    constStatement: { name: 'a constant', form: 'const' },
    exposeStatement: { name: 'an exposed value', form: 'expose' },
    normInstances: { name: 'a norm', form: 'norm' },
    scan: { name: 'a scan', form: 'scan' },
    forStatement: { name: 'a loop', form: 'for' },
    ifStatement: { name: 'a choice', form: 'if' },
    param: { name: 'a parameter', form: 'param' },
    stripeStatement: { name: 'a stripe', form: 'stripe' },
    headStatement: { name: 'the head', form: 'head' },
    outputStatement: { name: 'an output', form: 'output' },
    embedStatement: { name: 'the embedding', form: 'embed' },
    importDeclaration: { name: 'an import', form: 'import' },
    modelDeclaration: { name: 'a model', form: 'model' },
    parameters: { name: 'a mixer', form: 'mixer' },
    callableDeclaration: { name: 'a mixer', form: 'mixer' },
  }),
);
