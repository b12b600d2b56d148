// Evaluates expressions: constants are folded, tensors become nodes.
import type {
  Comprehension,
  Conditional,
  Expression,
  Index,
  ListLiteral,
  Member,
  Reference,
} from '../../../grammar/ast.ts';
import { comprehend } from '../comprehension.ts';
import { isList, isObject, field, type Constant } from '../constant.ts';
import * as constantErrors from '../constant-errors.ts';
import * as errors from '../errors.ts';
import { knowsAxis, namedAxes, resolveAxes } from './axes.ts';
import { evaluateCall } from './call.ts';
import { findNamedCallable } from './callable.ts';
import { asTensor } from './coerce.ts';
import { asComplex, eachPart, isComplex } from './complex.ts';
import { fail, spend, type Frame } from './context.ts';
import { indexTensor } from './index-axis.ts';
import { isContextName, memberOfName } from './names.ts';
import { evaluateBinary, evaluateUnary } from './operators.ts';
import { positionTensor } from './position.ts';
import { findAxis, findValue, namesIn, newScope, setValue } from './scope.ts';
import { constant, failed, type Bound, type Value } from './value.ts';

/** Deeper expressions would overflow the stack before they meant anything. */
const deepest = 400;

export function evaluate(frame: Frame, expression: Expression): Value {
  if (!spend(frame, expression, errors.modelTooLarge)) return failed;
  if (frame.depth > deepest) return fail(frame, constantErrors.expressionTooDeep(expression.span));
  const inner = { ...frame, depth: frame.depth + 1 };
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'boolean':
      return constant(expression.value, { origin: { span: expression.span } });
    case 'none':
      return constant(null, { origin: { span: expression.span } });
    case 'reference':
      return evaluateReference(inner, expression);
    case 'list':
      return evaluateList(inner, expression);
    case 'comprehension':
      return evaluateComprehension(inner, expression);
    case 'unary':
      return evaluateUnary(inner, expression);
    case 'binary':
      return evaluateBinary(inner, expression);
    case 'conditional':
      return evaluateConditional(inner, expression);
    case 'call':
      return evaluateCall(inner, expression);
    case 'member':
      return evaluateMember(inner, expression);
    case 'index':
      return evaluateIndex(inner, expression);
  }
}

/** What an argument means in each of the three name spaces: the place where it is used chooses. */
export function bind(frame: Frame, expression: Expression): Bound {
  if (expression.kind === 'reference') return bindName(frame, expression);
  if (expression.kind === 'conditional') {
    const chosen = choose(frame, expression);
    return chosen === undefined ? { value: failed, callable: { kind: 'failed' } } : bind(frame, chosen);
  }
  if (isAxisProduct(frame, expression)) {
    const axes = resolveAxes(frame, expression);
    if (axes === undefined) return { value: failed };
    return canMultiply(frame, expression) ? { axes, value: evaluate(frame, expression) } : { axes };
  }
  const value = evaluate(frame, expression);
  if (value.kind === 'callable') return { callable: value.callable };
  if (value.kind === 'axes') return { axes: value.axes };
  if (value.kind === 'failed') return { value, callable: { kind: 'failed' } };
  return { value };
}

function bindName(frame: Frame, reference: Reference): Bound {
  const value = findValue(frame.scope, reference.name);
  const found = findAxis(frame.scope, reference.name);
  const axes = found !== undefined && !('kind' in found) ? found : undefined;
  const callable = findNamedCallable(frame, reference.name);
  const known = value !== undefined || axes !== undefined || callable !== undefined;
  if (!known) return { value: evaluateReference(frame, reference) };
  const named = value?.kind === 'constant' ? { ...value, axisName: value.axisName ?? reference.name } : value;
  return {
    ...(named === undefined ? {} : { value: named }),
    ...(axes === undefined ? {} : { axes }),
    ...(callable === undefined ? {} : { callable }),
  };
}

/** Whether the expression is a product of names that can all stand for axes: `heads * part`. */
export function isAxisProduct(frame: Frame, expression: Expression): boolean {
  if (expression.kind !== 'binary' || expression.operator !== '*') return false;
  return [expression.left, expression.right].every((side) =>
    side.kind === 'reference' ? knowsAxis(frame, side.name) : isAxisProduct(frame, side),
  );
}

/** Whether every name of a product also is a value, so that it could be meant as a number or a tensor. */
function canMultiply(frame: Frame, expression: Expression): boolean {
  if (expression.kind === 'reference') return findValue(frame.scope, expression.name) !== undefined;
  return (
    expression.kind === 'binary' &&
    [expression.left, expression.right].every((side) => canMultiply(frame, side))
  );
}

function evaluateReference(frame: Frame, { name, span }: Reference): Value {
  const value = findValue(frame.scope, name);
  if (value !== undefined) {
    return value.kind === 'constant' && value.axisName === undefined ? { ...value, axisName: name } : value;
  }
  if (name === 'position') return positionTensor(frame, span);
  const axis = findAxis(frame.scope, name);
  if (axis !== undefined) {
    const axes = namedAxes(frame, { text: name, span });
    return axes === undefined ? failed : { kind: 'axes', axes };
  }
  if (isContextName(name)) return fail(frame, errors.needsMember(span, name));
  const callable = findNamedCallable(frame, name);
  if (callable !== undefined) return { kind: 'callable', callable };
  return fail(
    frame,
    errors.unknownName(span, name, [
      ...namesIn(frame.scope, 'values'),
      ...namesIn(frame.scope, 'axes'),
      'position',
    ]),
  );
}

function evaluateList(frame: Frame, list: ListLiteral): Value {
  const items: Constant[] = [];
  for (const item of list.items) {
    const value = evaluate(frame, item);
    if (value.kind === 'failed') return failed;
    if (value.kind !== 'constant') return fail(frame, errors.notConstant(item.span, 'An item of a list'));
    items.push(value.value);
  }
  return constant(items, { origin: { span: list.span } });
}

function evaluateComprehension(outer: Frame, expression: Comprehension): Value {
  const list = comprehend<Frame, Value>(expression, outer, {
    evaluate: (part, frame) => {
      const value = evaluate(frame, part);
      if (value.kind === 'constant') return { value: value.value };
      return {
        stop:
          value.kind === 'failed' ? failed : fail(frame, errors.notConstant(part.span, 'A part of a list')),
      };
    },
    bind: (frame, name, value) => {
      const scope = newScope(frame.scope);
      setValue(scope, name, constant(value));
      return { ...frame, scope };
    },
    fail,
  });
  return 'stop' in list ? list.stop : constant(list.value, { origin: { span: expression.span } });
}

function evaluateConditional(frame: Frame, expression: Conditional): Value {
  const chosen = choose(frame, expression);
  return chosen === undefined ? failed : evaluate(frame, chosen);
}

function choose(frame: Frame, expression: Conditional): Expression | undefined {
  const condition = evaluateCondition(frame, expression.condition);
  if (condition === undefined) return undefined;
  return condition ? expression.then : expression.else;
}

/** A condition that chooses at compile time: true or false, or a value that may be none. */
export function evaluateCondition(frame: Frame, expression: Expression): boolean | undefined {
  const value = evaluate(frame, expression);
  switch (value.kind) {
    case 'failed':
      return undefined;
    case 'constant':
      if (typeof value.value === 'boolean') return value.value;
      if (value.value === null) return false;
      fail(frame, constantErrors.conditionNotBoolean(expression.span, value.value));
      return undefined;
    case 'perCall':
      return conditionPerCall(frame, expression, value.values);
    case 'tensor':
    case 'complex':
    case 'tuple':
      // A name that may be none asks whether the value was given; anything computed is a choice per position.
      if (expression.kind === 'reference') return true;
      fail(frame, errors.conditionVaries(expression.span));
      return undefined;
    default:
      return true;
  }
}

function conditionPerCall(
  frame: Frame,
  expression: Expression,
  values: readonly Constant[],
): boolean | undefined {
  const [first] = values;
  if (typeof first === 'boolean' && values.every((value) => value === first)) return first;
  fail(frame, errors.conditionDiffersByLayer(expression.span));
  return undefined;
}

function evaluateMember(frame: Frame, expression: Member): Value {
  if (expression.of.kind === 'reference' && findValue(frame.scope, expression.of.name) === undefined) {
    const named = memberOfName(frame, expression.of, expression.name);
    if (named !== undefined) return named;
  }
  const of = evaluate(frame, expression.of);
  if (of.kind === 'failed') return failed;
  if (of.kind !== 'constant') return fail(frame, errors.noMembers(expression.span, expression.name.text));
  const value = memberOfConstant(frame, expression, of.value);
  return value === undefined ? failed : constant(value, { origin: { span: expression.span } });
}

function memberOfConstant(frame: Frame, { of, name }: Member, group: Constant): Constant | undefined {
  const value = isObject(group) ? field(group, name.text) : undefined;
  if (value !== undefined) return value;
  fail(frame, missingMember(of, name, group));
  return undefined;
}

function missingMember(of: Expression, name: Member['name'], group: Constant) {
  if (group === null) return constantErrors.fieldOfNone(name.span, name.text);
  if (!isObject(group)) return constantErrors.noFields(name.span, name.text, typeof group);
  const from = of.kind === 'reference' ? of.name : undefined;
  return constantErrors.missingField(name.span, name.text, from, Object.keys(group));
}

/** The value of an expression that may ask for a field that is not there; then, and only then, it is none. */
export function evaluateMaybe(frame: Frame, expression: Expression): Value {
  if (expression.kind === 'binary' && expression.operator === '|') {
    const left = evaluateMaybe(frame, expression.left);
    const isNone = left.kind === 'constant' && left.value === null;
    return isNone ? evaluateMaybe(frame, expression.right) : left;
  }
  if (expression.kind !== 'member') return evaluate(frame, expression);
  if (expression.of.kind === 'reference' && isContextName(expression.of.name))
    return evaluate(frame, expression);
  const of = evaluateMaybe(frame, expression.of);
  if (of.kind !== 'constant') return evaluate(frame, expression);
  const group = of.value;
  if (group === null) return constant(null);
  if (!isObject(group)) return evaluate(frame, expression);
  return constant(field(group, expression.name.text) ?? null, { origin: { span: expression.span } });
}

function evaluateIndex(frame: Frame, expression: Index): Value {
  const of = evaluate(frame, expression.of);
  if (of.kind === 'failed') return failed;
  if (of.kind === 'constant' && isList(of.value)) return indexList(frame, expression, of.value);
  if (isComplex(of)) {
    const z = asComplex(frame, of, expression.of.span);
    if (z.kind === 'failed') return failed;
    return eachPart(frame, z, expression.span, (part) => indexTensor(frame, part, expression));
  }
  const tensor = asTensor(frame, of, expression.of.span);
  return tensor.kind === 'failed' ? failed : indexTensor(frame, tensor, expression);
}

function indexList(frame: Frame, expression: Index, list: readonly Constant[]): Value {
  const [only, ...rest] = expression.indices;
  if (only === undefined || rest.length > 0)
    return fail(frame, constantErrors.indexNotConstant(expression.span));
  const at = evaluate(frame, only.value);
  if (at.kind !== 'constant')
    return at.kind === 'failed' ? failed : fail(frame, errors.notConstant(only.span, 'An index'));
  if (typeof at.value !== 'number' || !Number.isInteger(at.value)) {
    return fail(frame, constantErrors.indexNotWhole(only.span, at.value));
  }
  const item = list[at.value < 0 ? list.length + at.value : at.value];
  return item === undefined
    ? fail(frame, constantErrors.indexOutside(only.span, at.value, list.length))
    : constant(item);
}
