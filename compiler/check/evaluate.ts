// Evaluates constant expressions over the syntax tree: sizes, conditions, config fields.
import type {
  Binary,
  Call,
  Comprehension,
  Conditional,
  Expression,
  Member,
  Reference,
} from '../../grammar/ast.ts';
import type { Diagnostic } from '../../grammar/source.ts';
import { comprehend } from './comprehension.ts';
import { constantFunctions, groupFunction, groupOf } from './constant-functions.ts';
import {
  constantScope,
  describeKind,
  equalConstants,
  field,
  foldBinary,
  foldUnary,
  isList,
  isObject,
  type Constant,
  type ConstantScope,
  type Folded,
} from './constant.ts';
import * as errors from './constant-errors.ts';

/**
 * The value of a constant expression; undefined after a mistake, which was reported. Only the chosen side of a conditional,
 * and only the needed side of `and`, `or` and `|`, is evaluated.
 */
export function evaluateConstant(
  expression: Expression,
  scope: ConstantScope,
  report: (diagnostic: Diagnostic) => void,
): Constant | undefined {
  const outcome = evaluate(expression, { scope, report, depth: 0 });
  if (outcome === undefined) return undefined;
  if ('missing' in outcome) {
    report(outcome.missing);
    return undefined;
  }
  return outcome.value;
}

/** A value; or a field that is not there, which `|` may still replace; or undefined after a reported mistake. */
type Outcome = { readonly value: Constant } | { readonly missing: Diagnostic } | undefined;

interface Context {
  readonly scope: ConstantScope;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly depth: number;
}

/** Deeper expressions would overflow the stack before they meant anything. */
const deepest = 1_000;

function evaluate(expression: Expression, outer: Context): Outcome {
  if (outer.depth > deepest) return fail(outer, errors.expressionTooDeep(expression.span));
  const context = { ...outer, depth: outer.depth + 1 };
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'boolean':
      return { value: expression.value };
    case 'none':
      return { value: null };
    case 'reference':
      return evaluateReference(expression, context);
    case 'list':
      return combine(expression.items, context, (values) => ({ value: values }));
    case 'comprehension':
      return evaluateComprehension(expression, context);
    case 'unary':
      return combine([expression.operand], context, ([operand = null]) =>
        settle(foldUnary(expression.operator, operand), (reason) =>
          fail(context, errors.cannotCompute(expression.span, reason)),
        ),
      );
    case 'binary':
      return evaluateBinary(expression, context);
    case 'conditional':
      return evaluateConditional(expression, context);
    case 'call':
      return evaluateCall(expression, context);
    case 'member':
      return evaluateMember(expression, context);
    case 'index':
      return fail(context, errors.indexNotConstant(expression.span));
  }
}

function fail(context: Context, diagnostic: Diagnostic): undefined {
  context.report(diagnostic);
  return undefined;
}

/** Evaluates the parts in order; the first that is missing or wrong decides. */
function combine(
  parts: readonly Expression[],
  context: Context,
  finish: (values: readonly Constant[]) => Outcome,
): Outcome {
  const values: Constant[] = [];
  for (const part of parts) {
    const outcome = evaluate(part, context);
    if (outcome === undefined || 'missing' in outcome) return outcome;
    values.push(outcome.value);
  }
  return finish(values);
}

function settle(folded: Folded, otherwise: (reason: string) => Outcome): Outcome {
  return 'value' in folded ? folded : otherwise(folded.reason);
}

function evaluateReference(expression: Reference, context: Context): Outcome {
  const value = context.scope.lookup(expression.name);
  if (value !== undefined) return { value };
  return fail(context, errors.notAConstant(expression.span, expression.name, context.scope.names()));
}

function evaluateBinary(expression: Binary, context: Context): Outcome {
  const { operator } = expression;
  if (operator === '|') return evaluateFirstThere(expression, context);
  if (operator === 'and' || operator === 'or') {
    const left = evaluate(expression.left, context);
    if (left === undefined || 'missing' in left) return left;
    if (left.value === (operator === 'or')) return left;
  }
  if (comparesWithNone(expression)) return evaluateIsNone(expression, context);
  return combine([expression.left, expression.right], context, ([left = null, right = null]) =>
    settle(foldBinary(operator, left, right), (reason) =>
      fail(context, errors.cannotCompute(expression.span, reason)),
    ),
  );
}

function comparesWithNone({ operator, left, right }: Binary): boolean {
  return (operator === '==' || operator === '!=') && (left.kind === 'none' || right.kind === 'none');
}

/** A field that is not there is none too, where that is what is asked. */
function evaluateIsNone({ operator, left, right }: Binary, context: Context): Outcome {
  const asked = evaluate(left.kind === 'none' ? right : left, context);
  if (asked === undefined) return undefined;
  const isNone = 'missing' in asked || asked.value === null;
  return { value: isNone === (operator === '==') };
}

/** A missing field and a `none` (published configs write `null` for "not set") give way to the right side. */
function evaluateFirstThere(expression: Binary, context: Context): Outcome {
  const left = evaluate(expression.left, context);
  if (left === undefined) return undefined;
  if ('missing' in left || left.value === null) return evaluate(expression.right, context);
  return left;
}

function evaluateConditional(expression: Conditional, context: Context): Outcome {
  const condition = evaluate(expression.condition, context);
  if (condition === undefined || 'missing' in condition) return condition;
  if (typeof condition.value !== 'boolean' && condition.value !== null) {
    return fail(context, errors.conditionNotBoolean(expression.condition.span, condition.value));
  }
  return evaluate(condition.value === true ? expression.then : expression.else, context);
}

function evaluateComprehension(expression: Comprehension, outer: Context): Outcome {
  const list = comprehend<Context, Outcome>(expression, outer, {
    evaluate: (part, context) => {
      const outcome = evaluate(part, context);
      return outcome !== undefined && 'value' in outcome ? outcome : { stop: outcome };
    },
    bind: (context, name, value) => ({
      ...context,
      scope: constantScope(new Map([[name, value]]), context.scope),
    }),
    fail,
  });
  return 'stop' in list ? list.stop : list;
}

function evaluateCall(call: Call, context: Context): Outcome {
  if (call.callee.kind === 'member' && call.callee.name.text === 'index') {
    return evaluatePosition(call, call.callee, context);
  }
  if (call.callee.kind !== 'reference') return fail(context, errors.notAConstantFunction(call.callee.span));
  const { name, span } = call.callee;
  if (name === groupFunction) return evaluateGroup(call, context);
  const known = constantFunctions.get(name);
  if (known === undefined) {
    return fail(context, errors.notAConstantFunction(span, name, [...constantFunctions.keys()]));
  }
  const named = call.arguments.find((argument) => argument.name !== undefined);
  if (named !== undefined) return fail(context, errors.constantFunctionTakesNoNames(named.span, name));
  if (call.arguments.length < known.least || call.arguments.length > known.most) {
    return fail(context, errors.constantFunctionArguments(call.span, name, known, call.arguments.length));
  }
  const values = call.arguments.map((argument) => argument.value);
  return combine(values, context, (constants) =>
    settle(known.apply(...constants), (reason) =>
      fail(context, errors.cannotCompute(call.span, `\`${name}\` has no value here: ${reason}`)),
    ),
  );
}

/** `fields(type: "linear", factor: 2)`: a group of constants, as a config has them. */
function evaluateGroup(call: Call, context: Context): Outcome {
  const nameless = call.arguments.find((argument) => argument.name === undefined);
  if (nameless !== undefined) return fail(context, errors.fieldWithoutName(nameless.span));
  const values = call.arguments.map((argument) => argument.value);
  return combine(values, context, (constants) => ({ value: groupOf(call, constants) }));
}

/** `list.index(item)`: the position of the item in the list, from 0. */
function evaluatePosition(call: Call, callee: Member, context: Context): Outcome {
  const [item, ...rest] = call.arguments;
  if (item === undefined || rest.length > 0) {
    return fail(
      context,
      errors.constantFunctionArguments(call.span, 'index', { least: 1, most: 1 }, call.arguments.length),
    );
  }
  return combine([callee.of, item.value], context, ([list = null, wanted = null]) => {
    if (!isList(list)) return fail(context, errors.notAList(callee.of.span, list));
    const position = list.findIndex((other) => equalConstants(other, wanted));
    return position < 0 ? fail(context, errors.notInList(item.span, wanted)) : { value: position };
  });
}

function evaluateMember(expression: Member, context: Context): Outcome {
  const of = evaluate(expression.of, context);
  if (of === undefined || 'missing' in of) return of;
  const { text, span } = expression.name;
  const group = of.value;
  if (group === null) return { missing: errors.fieldOfNone(span, text) };
  if (!isObject(group)) return fail(context, errors.noFields(span, text, describeKind(group)));
  const value = field(group, text);
  const from = expression.of.kind === 'reference' ? expression.of.name : undefined;
  return value === undefined
    ? { missing: errors.missingField(span, text, from, Object.keys(group)) }
    : { value };
}
