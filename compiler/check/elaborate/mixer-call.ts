// Runs mixers: each place has its own weights, its own names, and gives one value.
import type { Block, Mixer, Statement } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { matchArguments } from './arguments.ts';
import { axesMatch } from './axes-match.ts';
import { asTensor } from './coerce.ts';
import { fail, type Frame } from './context.ts';
import { bindParameters, signatureOf } from './function-call.ts';
import { recursionThrough } from './recursion.ts';
import { newScope, setValue } from './scope.ts';
import { runStatements } from './statement.ts';
import {
  failed,
  typeOf,
  type BoundArgument,
  type CheckedAxis,
  type InstanceCallable,
  type RecipeCallable,
  type Value,
} from './value.ts';
import type { Owner } from './weight.ts';

/** A mixer that was given as an argument, run where its parameter is called: every place has its own weights. */
export function runRecipe(
  frame: Frame,
  recipe: RecipeCallable,
  name: string,
  args: readonly BoundArgument[],
  span: Span,
): Value {
  const place = [frame.owner.prefix, ...frame.owner.path, name].join('.');
  const before = frame.body.places.get(place) ?? 0;
  frame.body.places.set(place, before + 1);
  const segment = before === 0 ? name : `${name}${before + 1}`;
  return runMixer(frame, recipe, ownerOf(frame, recipe, segment, []), args, span);
}

export function runInstance(
  frame: Frame,
  instance: InstanceCallable,
  args: readonly BoundArgument[],
  span: Span,
): Value {
  return runMixer(
    frame,
    instance.recipe,
    ownerOf(frame, instance.recipe, instance.segment, instance.per),
    args,
    span,
  );
}

/** A letter's weights belong to the letter wherever it runs; others to the place, under its name. */
function ownerOf(frame: Frame, recipe: RecipeCallable, segment: string, per: readonly CheckedAxis[]): Owner {
  const { letter } = recipe;
  if (letter?.shared === true) {
    return {
      scope: 'mixer',
      letter: letter.name,
      shared: true,
      path: [],
      per: [],
      prefix: frame.owner.letter === letter.name ? '' : `${letter.name}.`,
    };
  }
  const { owner } = frame;
  const bare = frame.declaration?.kind === 'block' && frame.wrapped === segment;
  return {
    ...owner,
    scope: 'mixer',
    path: bare ? owner.path : [...owner.path, segment],
    per: [...owner.per, ...per],
  };
}

/** The value that a mixer returns for its input. */
export function runMixer(
  frame: Frame,
  recipe: RecipeCallable,
  owner: Owner,
  args: readonly BoundArgument[],
  span: Span,
): Value {
  const { declaration } = recipe;
  const { program } = frame.body;
  if (declaration.kind === 'block')
    return fail(frame, errors.blockInBlock(recipe.span, declaration.name.text));
  const cycle = recursionThrough(program, declaration);
  if (cycle !== undefined) return fail(frame, errors.recursion(recipe.span, cycle));
  if (frame.body.scan !== undefined) return fail(frame, errors.mixerInScan(span));
  const inputs = inputNames(declaration);
  const own = matchArguments(frame, recipe.arguments, signatureOf(declaration, inputs), recipe.span);
  const positional = inputs.includes('u') ? inputs : ['u', ...inputs];
  const called = matchArguments(
    frame,
    args,
    { callee: declaration.name.text, positional, required: positional.includes('u') ? ['u'] : [] },
    span,
  );
  if (!own.complete || !called.complete) return failed;
  const given = new Map([...own.given, ...called.given]);
  const scope = newScope(program.model.scope);
  const inner: Frame = {
    body: frame.body,
    scope,
    owner,
    declaration,
    given,
    outer: frame,
    made: recipe.span,
    depth: frame.depth + 1,
    model: false,
  };
  bindParameters(inner, declaration.parameters, own.given, false);
  if (!inputs.includes('u') && !bindStream(inner, given.get('u'))) return failed;
  return returned(frame, inner, declaration, recipe.span);
}

/** Without an `input u`, the input `u` lies on the model's width. */
function bindStream(inner: Frame, argument: BoundArgument | undefined): boolean {
  const width = inner.body.program.model.scope.axes.get('width');
  const value = argument?.bound.value;
  if (argument === undefined || value === undefined || width === undefined) return false;
  const tensor = asTensor(inner, value, argument.span);
  if (tensor.kind === 'failed') return false;
  const type = typeOf(tensor);
  if (!axesMatch(type.axes, [...width, ...inner.owner.per], width)) {
    fail(
      inner,
      errors.inputAxesDiffer(inner.body, argument.span, 'u', type, width, inner.declaration?.name.span),
    );
    return false;
  }
  setValue(inner.scope, 'u', tensor);
  return true;
}

function returned(frame: Frame, inner: Frame, declaration: Mixer | Block, span: Span): Value {
  const result = runStatements(inner, declaration.body);
  const { name } = declaration;
  if (result === undefined)
    return fail(frame, errors.returnsNothing(name.span, name.text, declaration.kind, span));
  const value = asTensor(inner, result.value, result.span);
  if (value.kind === 'failed') return failed;
  if (frame.declaration?.kind === 'block') return onStream(inner, value, result.span);
  return value;
}

/** What goes back to the stream lies on the width, once per position. */
export function onStream(frame: Frame, value: Value & { kind: 'tensor' }, span: Span): Value {
  const width = frame.body.program.model.scope.axes.get('width') ?? [];
  const type = typeOf(value);
  if (type.dtype === 'bool') return fail(frame, errors.truthMismatch(span, false));
  if (axesMatch(type.axes, width, width)) return value;
  return fail(frame, errors.returnsWrongAxes(frame.body, span, type, width, frame.declaration?.name));
}

/** The names of a mixer's `input` statements. */
export function inputNames(declaration: Mixer | Block): readonly string[] {
  return declaration.body.flatMap((statement: Statement) =>
    statement.kind === 'input' ? statement.inputs.map((input) => input.name.text) : [],
  );
}
