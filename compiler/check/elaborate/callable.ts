// Finds what a name in the place of a callable means, and makes recipes of mixers.
import type { Call, Expression } from '../../../grammar/ast.ts';
import * as errors from '../errors.ts';
import { bindArguments } from './arguments.ts';
import { fail, type Frame } from './context.ts';
import { evaluate, bind } from './expression.ts';
import { findCallable } from './scope.ts';
import type { Callable, RecipeCallable } from './value.ts';

/** A callable of the scope, or a declaration of the file, its imports or the library. */
export function findNamedCallable(frame: Frame, name: string): Callable | undefined {
  const local = findCallable(frame.scope, name);
  if (local !== undefined) return local;
  const declaration = frame.body.program.declaration(name);
  if (declaration === undefined) return undefined;
  if (declaration.kind === 'function') return { kind: 'function', declaration };
  return { kind: 'recipe', declaration, arguments: [], span: declaration.name.span };
}

/** Whether a call of the name makes a recipe, since it is a declared mixer or block rather than one in its place. */
export function isDeclaredRecipe(frame: Frame, name: string): boolean {
  if (findCallable(frame.scope, name) !== undefined) return false;
  const declaration = frame.body.program.declaration(name);
  return declaration !== undefined && declaration.kind !== 'function';
}

/** `mamba(state: 16)`: the mixer with its arguments. */
export function recipeOfCall(frame: Frame, callable: RecipeCallable, call: Call): RecipeCallable {
  return {
    ...callable,
    arguments: [...callable.arguments, ...bindArguments(frame, call.arguments)],
    span: call.span,
  };
}

/** The mixer or block that an expression stands for: a name, a call with arguments, or a choice of these. */
export function evaluateRecipe(frame: Frame, expression: Expression): RecipeCallable | undefined {
  const bound = expression.kind === 'call' ? boundCall(frame, expression) : bind(frame, expression);
  const { callable, value } = bound;
  if (callable?.kind === 'recipe') return callable;
  if (callable?.kind === 'instance') return callable.recipe;
  if (callable?.kind === 'failed' || value?.kind === 'failed') return undefined;
  fail(frame, errors.notAMixer(expression.span, callable?.kind));
  return undefined;
}

/** Where a mixer is expected, a call of a mixer that was given as an argument adds to its arguments. */
function boundCall(frame: Frame, call: Call): ReturnType<typeof bind> {
  if (call.callee.kind === 'reference') {
    const callable = findNamedCallable(frame, call.callee.name);
    if (callable?.kind === 'recipe') return { callable: recipeOfCall(frame, callable, call) };
  }
  const value = evaluate(frame, call);
  return value.kind === 'callable' ? { callable: value.callable } : { value };
}
