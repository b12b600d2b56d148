// Calls: of built-in functions, library functions, maps, norms and mixers in their places.
import type { Call } from '../../../grammar/ast.ts';
import { equalConstants, isList } from '../constant.ts';
import * as constantErrors from '../constant-errors.ts';
import * as errors from '../errors.ts';
import { applyComplexWeight } from './apply-complex-map.ts';
import { applyMapWeight } from './apply-map.ts';
import { bindArguments } from './arguments.ts';
import { builtinNames, callBuiltin } from './builtins/index.ts';
import { findNamedCallable, isDeclaredRecipe, recipeOfCall } from './callable.ts';
import { asTensor } from './coerce.ts';
import { isComplex } from './complex.ts';
import { fail, type Frame } from './context.ts';
import { evaluate } from './expression.ts';
import { callFunction } from './function-call.ts';
import { runInstance, runRecipe } from './mixer-call.ts';
import { applyNorm } from './norm.ts';
import { findValue, namesIn } from './scope.ts';
import { constant, failed, type Callable, type Value } from './value.ts';

export function evaluateCall(frame: Frame, call: Call): Value {
  const { callee } = call;
  if (callee.kind === 'member') return callMember(frame, call, callee);
  if (callee.kind !== 'reference') return fail(frame, errors.cannotBeCalled(callee.span));
  const callable = findNamedCallable(frame, callee.name);
  if (callable === undefined) {
    return callBuiltin(frame, callee.name, call) ?? unknownCallee(frame, callee.name, call);
  }
  if (callable.kind === 'recipe' && isDeclaredRecipe(frame, callee.name)) {
    return { kind: 'callable', callable: recipeOfCall(frame, callable, call) };
  }
  return callCallable(frame, callable, callee.name, call);
}

function callCallable(frame: Frame, callable: Callable, name: string, call: Call): Value {
  switch (callable.kind) {
    case 'failed':
      return failed;
    case 'function':
      return callFunction(frame, callable.declaration, bindArguments(frame, call.arguments), call.span);
    case 'recipe':
      return runRecipe(frame, callable, name, bindArguments(frame, call.arguments), call.span);
    case 'instance':
      return runInstance(frame, callable, bindArguments(frame, call.arguments), call.span);
    case 'map':
    case 'norm': {
      const [argument, second] = call.arguments;
      if (argument === undefined) return fail(frame, errors.missingArgument(call.span, name, ['its value']));
      if (second !== undefined) return fail(frame, errors.tooManyArguments(second.span, name, 1));
      if (argument.name !== undefined) {
        return fail(frame, errors.unknownArgument(argument.name.span, name, argument.name.text, []));
      }
      const value = evaluate(frame, argument.value);
      const complex = callable.kind === 'map' && (callable.weight.complex || isComplex(value));
      if (complex) return applyComplexWeight(frame, callable.weight, value, argument.value.span, call.span);
      const tensor = asTensor(frame, value, argument.value.span);
      if (tensor.kind === 'failed') return failed;
      return callable.kind === 'map'
        ? applyMapWeight(frame, callable.weight, tensor, argument.value.span, call.span)
        : applyNorm(frame, callable, tensor, argument.value.span, call.span);
    }
  }
}

function unknownCallee(frame: Frame, name: string, call: Call): Value {
  const span = call.callee.span;
  if (findValue(frame.scope, name) !== undefined) return fail(frame, errors.valueIsNoFunction(span, name));
  const candidates = [
    ...namesIn(frame.scope, 'callables'),
    ...frame.body.program.declarationNames(),
    ...builtinNames,
  ];
  return fail(frame, errors.unknownFunction(span, name, candidates));
}

/** `list.index(item)`: the position of the item in the list, from 0. */
function callMember(frame: Frame, call: Call, callee: Call['callee'] & { kind: 'member' }): Value {
  if (callee.name.text !== 'index') return fail(frame, errors.cannotBeCalled(callee.span, callee.name.text));
  const [item, ...rest] = call.arguments;
  if (item === undefined || rest.length > 0) {
    return fail(
      frame,
      constantErrors.constantFunctionArguments(
        call.span,
        'index',
        { least: 1, most: 1 },
        call.arguments.length,
      ),
    );
  }
  const list = evaluate(frame, callee.of);
  const wanted = evaluate(frame, item.value);
  if (list.kind === 'failed' || wanted.kind === 'failed') return failed;
  if (list.kind !== 'constant' || wanted.kind !== 'constant')
    return fail(frame, errors.notConstant(call.span, 'A list'));
  if (!isList(list.value)) return fail(frame, constantErrors.notAList(callee.of.span, list.value));
  const at = list.value.findIndex((other) => equalConstants(other, wanted.value));
  return at < 0 ? fail(frame, constantErrors.notInList(item.span, wanted.value)) : constant(at);
}
