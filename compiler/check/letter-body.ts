// Elaborates the body of a letter: its block applied to its mixers, once for all its occurrences.
import type { Block, Expression } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/source.ts';
import { newBody } from './elaborate/body.ts';
import { evaluateRecipe } from './elaborate/callable.ts';
import { fail, type BodyContext, type Frame, type Occurrence, type Program } from './elaborate/context.ts';
import { bodyAxis } from './elaborate/axes.ts';
import { emit } from './elaborate/emit.ts';
import { bindParameters, signatureOf } from './elaborate/function-call.ts';
import { matchArguments } from './elaborate/arguments.ts';
import { asTensor } from './elaborate/coerce.ts';
import { onStream } from './elaborate/mixer-call.ts';
import { recursionThrough } from './elaborate/recursion.ts';
import { newScope, setValue } from './elaborate/scope.ts';
import { runStatements } from './elaborate/statement.ts';
import { typeOf, type RecipeCallable, type TensorValue } from './elaborate/value.ts';
import type { Owner } from './elaborate/weight.ts';
import * as errors from './errors.ts';
import type { Letter } from './letters.ts';
import type { ModelScope } from './model-scope.ts';

export interface LetterJob {
  readonly letter: Letter;
  readonly letters: ReadonlyMap<string, Letter>;
  readonly occurrences: readonly Occurrence[];
  readonly layerCount: number;
  readonly scope: ModelScope;
  readonly program: Program;
  /** The model's `block` statement. */
  readonly block: Expression | undefined;
}

export interface ElaboratedBody {
  readonly context: BodyContext;
  /** The new stream, or the logits; absent after a mistake. */
  readonly result?: TensorValue;
}

export function elaborateLetter(job: LetterJob): ElaboratedBody {
  const { letter, scope, program } = job;
  const context = newBody(
    program,
    letter.name,
    job.occurrences,
    job.layerCount,
    scope.scratch,
    letter.binding.span,
  );
  const owner: Owner = { scope: 'block', letter: letter.name, shared: false, path: [], per: [], prefix: '' };
  const frame: Frame = { body: context, scope: newScope(scope.own), owner, depth: 0, model: true };
  const recipe = recipeOfLetter(frame, job, letter, []);
  const stream = streamInput(frame, letter.binding.span);
  if (recipe === undefined || stream === undefined) return { context };
  const value =
    recipe.declaration.kind === 'block'
      ? runBlock(frame, recipe, recipe.declaration, stream, undefined)
      : runWrapped(frame, job, recipe, stream);
  return value === undefined ? { context } : { context, result: value };
}

/** The stream, as the body's input; undefined where the width is not known. */
export function streamInput(frame: Frame, span: Span): TensorValue | undefined {
  const width = frame.body.program.model.scope.axes.get('width');
  if (width === undefined) return undefined;
  const axes = width
    .map(({ label, size }) => bodyAxis(frame.body, label, size))
    .map(({ name, size }) => ({ name, size }));
  const type = { dtype: 'f32', axes, temporal: true };
  const node = emit(frame, { op: 'input', inputs: [], attrs: { name: 'stream', type }, name: 'x', span });
  return node.kind === 'failed' ? undefined : node;
}

/** What a letter is bound to, evaluated in the body that runs it, with the letters that it names. */
function recipeOfLetter(
  frame: Frame,
  job: LetterJob,
  letter: Letter,
  open: readonly string[],
): RecipeCallable | undefined {
  if (open.includes(letter.name)) {
    const cycle = [...open, letter.name].map((name) => ({
      name: job.letters.get(name)?.binding.name ?? letter.binding.name,
    }));
    fail(frame, errors.recursion(letter.binding.value.span, cycle));
    return undefined;
  }
  const scope = newScope(frame.scope);
  for (const name of letter.runs) {
    const other = job.letters.get(name);
    const recipe = other && recipeOfLetter(frame, job, other, [...open, letter.name]);
    scope.callables.set(name, recipe ?? { kind: 'failed' });
  }
  const recipe = evaluateRecipe({ ...frame, scope }, letter.binding.value);
  return recipe && { ...recipe, letter: { name: letter.name, shared: letter.shared } };
}

/** A bare mixer in the model's block. */
function runWrapped(
  frame: Frame,
  job: LetterJob,
  mixer: RecipeCallable,
  stream: TensorValue,
): TensorValue | undefined {
  const block = blockOf(frame, job);
  if (block === undefined || block.declaration.kind !== 'block') return undefined;
  const { declaration } = block;
  const given = new Set(block.arguments.map((argument) => argument.name));
  const positional = block.arguments.filter((argument) => argument.name === undefined).length;
  const open = declaration.parameters.filter(({ name }) => !given.has(name.text)).at(positional);
  if (open === undefined) {
    fail(frame, errors.blockParameters(block.span, declaration.name.text));
    return undefined;
  }
  const argument = { name: open.name.text, span: mixer.span, bound: { callable: mixer } };
  const wrapped = { ...block, arguments: [...block.arguments, argument] };
  return runBlock(frame, wrapped, declaration, stream, open.name.text);
}

function blockOf(frame: Frame, job: LetterJob): RecipeCallable | undefined {
  if (job.block !== undefined) {
    const block = evaluateRecipe(frame, job.block);
    if (block !== undefined && block.declaration.kind !== 'block')
      fail(frame, errors.notABlock(job.block.span));
    return block;
  }
  const declaration = job.program.usualBlock();
  if (declaration?.kind === 'block') {
    return { kind: 'recipe', declaration, arguments: [], span: declaration.name.span };
  }
  fail(frame, errors.blockMissing(job.letter.binding.span));
  return undefined;
}

function runBlock(
  frame: Frame,
  recipe: RecipeCallable,
  declaration: Block,
  stream: TensorValue,
  wrapped: string | undefined,
): TensorValue | undefined {
  const { program } = frame.body;
  const cycle = recursionThrough(program, declaration);
  if (cycle !== undefined) return void fail(frame, errors.recursion(recipe.span, cycle));
  const { given, complete } = matchArguments(
    frame,
    recipe.arguments,
    signatureOf(declaration, []),
    recipe.span,
  );
  if (!complete) return undefined;
  const scope = newScope(program.model.scope);
  const inner: Frame = {
    ...frame,
    scope,
    declaration,
    outer: frame,
    model: false,
    ...(wrapped === undefined ? {} : { wrapped }),
  };
  bindParameters(inner, declaration.parameters, given, false);
  setValue(scope, 'x', stream);
  const returned = runStatements(inner, declaration.body);
  const { name } = declaration;
  if (returned === undefined)
    return void fail(frame, errors.returnsNothing(name.span, name.text, 'block', recipe.span));
  const value = asTensor(inner, returned.value, returned.span);
  const checked = value.kind === 'failed' ? value : onStream(inner, value, returned.span);
  if (checked.kind !== 'tensor') return undefined;
  if (!typeOf(checked).temporal) return void fail(inner, errors.streamIsConstant(returned.span));
  return checked;
}
