// What a built-in function's record says: what it takes, and what it makes.
import type { Call, Expression } from '../../../../grammar/ast.ts';
import type { Diagnostic, Span } from '../../../../grammar/source.ts';
import type { Constant } from '../../constant.ts';
import * as errors from '../../errors.ts';
import { resolveAxes } from '../axes.ts';
import { asTensor } from '../coerce.ts';
import { asComplex, eachPart, isComplex } from '../complex.ts';
import { fail, type Frame } from '../context.ts';
import { evaluate } from '../expression.ts';
import { failed, typeOf, type CheckedAxis, type TensorValue, type Value } from '../value.ts';

export interface Builtin {
  /** Parameters in order; those after `required` may be left out. */
  readonly parameters: readonly string[];
  readonly required: number;
  /** Whether any number of values may be given without names. */
  readonly variadic?: boolean;
  readonly make: (call: BuiltinCall) => Value;
}

/** One call of a built-in function, with its arguments by parameter. */
export interface BuiltinCall {
  readonly frame: Frame;
  readonly name: string;
  readonly span: Span;
  readonly given: ReadonlyMap<string, Expression>;
  /** The arguments without names, of a variadic function. */
  readonly rest: readonly Expression[];
  readonly call: Call;
}

/** The value of an argument as a tensor; undefined after a reported mistake, or where it was not given. */
export function tensorArgument(call: BuiltinCall, name: string): TensorValue | undefined {
  const expression = call.given.get(name);
  if (expression === undefined) return undefined;
  const tensor = asTensor(call.frame, evaluate(call.frame, expression), expression.span);
  return tensor.kind === 'failed' ? undefined : tensor;
}

/** What a linear function makes of an argument: of both parts of a complex value. */
export function linearly(
  call: BuiltinCall,
  name: string,
  change: (value: TensorValue, span: Span) => Value,
): Value {
  const expression = call.given.get(name);
  if (expression === undefined) return failed;
  const { span } = expression;
  const value = evaluate(call.frame, expression);
  if (isComplex(value)) {
    const whole = asComplex(call.frame, value, span);
    return whole.kind === 'failed' ? failed : eachPart(call.frame, whole, span, (part) => change(part, span));
  }
  const tensor = asTensor(call.frame, value, span);
  if (tensor.kind === 'failed') return failed;
  return typeOf(tensor).dtype === 'bool'
    ? fail(call.frame, errors.truthMismatch(span, false))
    : change(tensor, span);
}

/** An argument that must be a number per element, not a truth. */
export function numberArgument(call: BuiltinCall, name: string): TensorValue | undefined {
  const tensor = tensorArgument(call, name);
  if (tensor === undefined || typeOf(tensor).dtype !== 'bool') return tensor;
  fail(call.frame, errors.truthMismatch(call.given.get(name)?.span ?? call.span, false));
  return undefined;
}

/** A value that changes with time, outside any scan: what temporal functions take. */
export function temporalArgument(call: BuiltinCall, name: string): TensorValue | undefined {
  const tensor = numberArgument(call, name);
  if (tensor === undefined) return undefined;
  return isTemporal(call, tensor, call.given.get(name)?.span ?? call.span) ? tensor : undefined;
}

/** Reports a value that has no other positions to look at. */
export function isTemporal(call: BuiltinCall, tensor: TensorValue, span: Span): boolean {
  if (tensor.graph.kind === 'scan') fail(call.frame, errors.temporalInScan(span, call.name));
  else if (!typeOf(tensor).temporal) fail(call.frame, errors.notTemporal(span, call.name));
  else return true;
  return false;
}

export function axesArgument(call: BuiltinCall, name: string): readonly CheckedAxis[] | undefined {
  const expression = call.given.get(name);
  return expression === undefined ? undefined : resolveAxes(call.frame, expression);
}

export function oneAxisArgument(call: BuiltinCall, name: string): CheckedAxis | undefined {
  const axes = axesArgument(call, name);
  if (axes === undefined || axes.length === 1) return axes?.[0];
  fail(call.frame, errors.oneAxisNeeded(call.given.get(name)?.span ?? call.span, axes));
  return undefined;
}

export const wrong: unique symbol = Symbol('wrong');

/** A constant argument: `otherwise` where it was not given, `wrong` after a reported mistake. */
export function constantArgument(
  call: BuiltinCall,
  name: string,
  otherwise: Constant = null,
): Constant | typeof wrong {
  const expression = call.given.get(name);
  if (expression === undefined) return otherwise;
  const value = evaluate(call.frame, expression);
  if (value.kind === 'constant') return value.value;
  if (value.kind !== 'failed')
    fail(call.frame, errors.notConstant(expression.span, `\`${name}\` of \`${call.name}\``));
  return wrong;
}

/** A constant number, or none where it was not given. */
export function numberOrNone(
  call: BuiltinCall,
  name: string,
  allowed: (value: number) => boolean,
  demand: string,
): number | null | typeof wrong {
  const value = constantArgument(call, name);
  if (value === wrong || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value) && allowed(value)) return value;
  fail(call.frame, badArgument(call, name, value, demand));
  return wrong;
}

/** Points at where the constant was written, and at the call that cannot take it. */
export function badArgument(call: BuiltinCall, name: string, value: Constant, demand: string): Diagnostic {
  const used = call.given.get(name)?.span ?? call.span;
  return errors.argumentValue(originOf(call, name), name, call.name, value, demand, used);
}

/** Where the user wrote the constant that an argument comes to. */
export function originOf(call: BuiltinCall, name: string): Span {
  const expression = call.given.get(name);
  const value = expression === undefined ? undefined : evaluate(call.frame, expression);
  return (value?.kind === 'constant' ? value.origin?.span : undefined) ?? expression?.span ?? call.span;
}

/** Reports the axes that a value lacks; whether it has them all. */
export function hasAxes(
  call: BuiltinCall,
  value: TensorValue,
  axes: readonly CheckedAxis[],
  axesName: string,
  valueName: string,
): boolean {
  const type = typeOf(value);
  const missing = axes.filter(({ name }) => !type.axes.some((axis) => axis.name === name));
  if (missing.length === 0) return true;
  const at = call.given.get(axesName)?.span ?? call.span;
  fail(call.frame, errors.axisMissing(call.frame.body, at, missing, type, call.given.get(valueName)?.span));
  return false;
}
