// Calls of library functions: inlined, with their parameters bound in a scope of their own.
import type { FunctionDeclaration, Parameter } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { matchArguments } from './arguments.ts';
import { fail, type Frame } from './context.ts';
import { bind } from './expression.ts';
import { recursionThrough } from './recursion.ts';
import { newScope, setValue, type Scope } from './scope.ts';
import { runStatements } from './statement.ts';
import { failed, type Bound, type BoundArgument, type Value } from './value.ts';

export function callFunction(
  frame: Frame,
  declaration: FunctionDeclaration,
  args: readonly BoundArgument[],
  span: Span,
): Value {
  const cycle = recursionThrough(frame.body.program, declaration);
  if (cycle !== undefined) return fail(frame, errors.recursion(span, cycle));
  const { given, complete } = matchArguments(frame, args, signatureOf(declaration, []), span);
  if (!complete) return failed;
  const scope = newScope(frame.body.program.model.scope);
  const inner: Frame = { ...frame, scope, declaration, outer: frame, depth: frame.depth + 1, model: false };
  bindParameters(inner, declaration.parameters, given, true);
  const returned = runStatements(inner, declaration.body);
  return (
    returned?.value ??
    fail(frame, errors.returnsNothing(declaration.name.span, declaration.name.text, 'function', span))
  );
}

export function signatureOf(
  declaration: {
    readonly name: { readonly text: string; readonly span: Span };
    readonly parameters: readonly Parameter[];
  },
  named: readonly string[],
) {
  const { name, parameters } = declaration;
  return {
    callee: name.text,
    positional: parameters.map((parameter) => parameter.name.text),
    named,
    required: parameters
      .filter((parameter) => parameter.default === undefined)
      .map((parameter) => parameter.name.text),
    declared: name.span,
  };
}

/**
 * Binds parameters in order, so that a default may use those before it. Where `keepAxes`, a number keeps the name of the axis
 * that it was in the caller: a function has no axes of its own.
 */
export function bindParameters(
  frame: Frame,
  parameters: readonly Parameter[],
  given: ReadonlyMap<string, BoundArgument>,
  keepAxes: boolean,
): void {
  for (const parameter of parameters) {
    const argument = given.get(parameter.name.text);
    const { default: otherwise } = parameter;
    const bound = argument?.bound ?? (otherwise === undefined ? {} : bind(frame, otherwise));
    bindName(frame.scope, parameter.name.text, bound, keepAxes, argument?.span ?? parameter.span);
  }
}

export function bindName(scope: Scope, name: string, bound: Bound, keepAxes: boolean, span: Span): void {
  const { value, axes, callable } = bound;
  if (value !== undefined) setValue(scope, name, keepAxes ? value : underName(value, name, span));
  if (axes !== undefined) scope.axes.set(name, axes);
  if (callable !== undefined) scope.callables.set(name, callable);
}

/** In a mixer, a number is an axis of the parameter's own name. */
function underName(value: Value, name: string, span: Span): Value {
  if (value.kind !== 'constant') return value;
  return { ...value, axisName: name, origin: { span: value.origin?.span ?? span, name } };
}
