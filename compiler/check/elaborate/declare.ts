// Declarations in a body: axes, inputs, weights, parts and norms.
import type {
  AxisBinding,
  AxisStatement,
  Expression,
  InputBinding,
  InputStatement,
  Name,
  NormInstances,
  PartBinding,
  PartStatement,
} from '../../../grammar/ast.ts';
import * as errors from '../errors.ts';
import { axesMatch } from './axes-match.ts';
import {
  axesOfTerms,
  axisSize,
  bodyAxis,
  filterAxis,
  namedAxes,
  resolveAxes,
  resolveShape,
  sumAxis,
} from './axes.ts';
import { evaluateRecipe } from './callable.ts';
import { asTensor } from './coerce.ts';
import { fail, type Frame } from './context.ts';
import { evaluate, isAxisProduct } from './expression.ts';
import { findAxis, setValue } from './scope.ts';
import { constant, failed, typeOf, type CheckedAxis } from './value.ts';
import { ownWeight } from './declare-weight.ts';

export { declareWeights } from './declare-weight.ts';

/** Reports a second declaration of one name in one scope; the same statement met again in a loop is none. */
export function declareOnce(frame: Frame, name: Name): boolean {
  const before = frame.scope.declared.get(name.text);
  if (before !== undefined && before !== name.span) {
    fail(frame, errors.declaredTwice(name.span, name.text, before));
    return false;
  }
  frame.scope.declared.set(name.text, name.span);
  return true;
}

export function declareAxes(frame: Frame, statement: AxisStatement): void {
  for (const binding of statement.axes) {
    const axes = axesOfBinding(frame, binding);
    const before = frame.scope.declaredAxes.get(binding.name.text);
    if (before !== undefined && before !== binding.name.span) {
      fail(frame, errors.declaredTwice(binding.name.span, binding.name.text, before));
      continue;
    }
    frame.scope.declaredAxes.set(binding.name.text, binding.name.span);
    if (axes !== undefined) frame.scope.axes.set(binding.name.text, axes);
    else setValue(frame.scope, binding.name.text, failed);
  }
}

function axesOfBinding(
  frame: Frame,
  { name, value: expression }: AxisBinding,
): readonly CheckedAxis[] | undefined {
  const filter = filterCall(expression);
  if (filter !== undefined)
    return filterAxis(frame, name.text, filter.orientation, filter.size, expression.span);
  if (isAxisProduct(frame, expression) || isAxisName(frame, expression))
    return resolveAxes(frame, expression);
  const terms = sumOfProducts(frame, expression);
  if (terms !== undefined) return sumOfAxes(frame, terms);
  const value = evaluate(frame, expression);
  if (value.kind === 'axes') return value.axes;
  if (value.kind === 'failed') return undefined;
  if (value.kind !== 'constant') {
    fail(frame, errors.notConstant(expression.span, 'The size of an axis'));
    return undefined;
  }
  const size = axisSize(frame, value, name.text, expression.span);
  return size === undefined ? undefined : [bodyAxis(frame.body, name.text, size)];
}

/** The terms of a sum of axes, at least one of which was declared as an axis: a sum of numbers is a number. */
function sumOfProducts(frame: Frame, expression: Expression): readonly Expression[] | undefined {
  const terms: Expression[] = [];
  let rest = expression;
  for (; rest.kind === 'binary' && rest.operator === '+'; rest = rest.left) terms.unshift(rest.right);
  terms.unshift(rest);
  const axes = terms.every((term) => isAxisProduct(frame, term) || isAxisWord(frame, term));
  return terms.length > 1 && axes && terms.some((term) => namesAxis(frame, term)) ? terms : undefined;
}

function isAxisWord(frame: Frame, expression: Expression): boolean {
  return expression.kind === 'reference' && findAxis(frame.scope, expression.name) !== undefined;
}

function namesAxis(frame: Frame, expression: Expression): boolean {
  if (expression.kind === 'binary')
    return namesAxis(frame, expression.left) || namesAxis(frame, expression.right);
  return isAxisName(frame, expression);
}

function sumOfAxes(frame: Frame, terms: readonly Expression[]): readonly CheckedAxis[] | undefined {
  const lists = terms.map((term) => resolveAxes(frame, term));
  return lists.every((axes) => axes !== undefined) ? [sumAxis(frame.body, lists)] : undefined;
}

function isAxisName(frame: Frame, expression: Expression): boolean {
  if (expression.kind !== 'reference') return false;
  const found = findAxis(frame.scope, expression.name);
  return found !== undefined && !('kind' in found);
}

function filterCall(expression: Expression) {
  if (expression.kind !== 'call' || expression.callee.kind !== 'reference') return undefined;
  const { name } = expression.callee;
  if (name !== 'taps' && name !== 'lag') return undefined;
  return { orientation: name, size: expression.arguments[0]?.value } as const;
}

export function declareInputs(frame: Frame, statement: InputStatement): void {
  for (const input of statement.inputs) {
    if (frame.declaration?.kind !== 'mixer') fail(frame, errors.inputOutsideMixer(input.span));
    else if (declareOnce(frame, input.name)) declareInput(frame, input);
  }
}

function declareInput(frame: Frame, input: InputBinding): void {
  const name = input.name.text;
  const given = frame.given?.get(name);
  const value = given?.bound.value;
  const none = value?.kind === 'constant' && value.value === null;
  if (given === undefined || none) {
    if (input.default === undefined) {
      fail(
        frame,
        errors.missingInput(
          input.name.span,
          name,
          frame.declaration?.name.text ?? '',
          given?.span ?? frame.made,
        ),
      );
      setValue(frame.scope, name, failed);
    } else {
      setValue(frame.scope, name, constant(null));
    }
    return;
  }
  setValue(frame.scope, name, failed);
  const terms = resolveShape(frame, input.shape);
  if (terms === undefined || value === undefined) {
    if (value === undefined) fail(frame, errors.inputIsNoValue(given.span, name));
    return;
  }
  const tensor = asTensor(frame, value, given.span);
  if (tensor.kind === 'failed') return;
  const wanted = axesOfTerms(frame.body, terms);
  const type = typeOf(tensor);
  if (axesMatch(type.axes, [...wanted, ...frame.owner.per], wanted)) setValue(frame.scope, name, tensor);
  else fail(frame, errors.inputAxesDiffer(frame.body, given.span, name, type, wanted, input.shape.span));
}

export function declareParts(frame: Frame, statement: PartStatement): void {
  for (const part of statement.parts) if (declareOnce(frame, part.name)) declarePart(frame, part);
}

function declarePart(frame: Frame, part: PartBinding): void {
  const { owner } = frame;
  const path = [...owner.path, part.name.text].join('.');
  frame.body.declaredParts.set(`${owner.prefix}${path}`, { owner, name: part.name.text });
  const recipe = evaluateRecipe(frame, part.value);
  const per = part.per === undefined ? [] : namedAxes(frame, part.per);
  const callable =
    recipe === undefined || per === undefined
      ? ({ kind: 'failed' } as const)
      : ({ kind: 'instance', recipe, segment: part.name.text, per } as const);
  frame.scope.callables.set(part.name.text, callable);
}

export function declareNorms(frame: Frame, statement: NormInstances): void {
  const { norm, scope } = frame.body.program.model;
  for (const instance of statement.norms) {
    if (!declareOnce(frame, instance.name)) continue;
    if (norm === undefined) {
      frame.scope.callables.set(instance.name.text, { kind: 'failed' });
      continue;
    }
    const width = scope.axes.get('width');
    const terms =
      instance.shape === undefined ? width && [{ axes: width }] : resolveShape(frame, instance.shape);
    const weight =
      terms &&
      ownWeight(frame, instance.name, {
        role: 'norm',
        terms,
        bias: norm.bias,
      });
    frame.scope.callables.set(
      instance.name.text,
      weight === undefined ? { kind: 'failed' } : { kind: 'norm', weight },
    );
  }
}
