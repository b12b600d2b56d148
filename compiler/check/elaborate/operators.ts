// What the operators do: constants are folded, tensors become maps.
import type { Binary, BinaryOperator, Expression, Unary } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import { elementCount, type Axis } from '../../ir/graph.ts';
import { foldBinary, foldUnary, type Constant, type Folded } from '../constant.ts';
import * as constantErrors from '../constant-errors.ts';
import * as errors from '../errors.ts';
import { asTensor } from './coerce.ts';
import { isComplex } from './complex.ts';
import { applyComplexMap } from './complex-maps.ts';
import { fail, type Frame } from './context.ts';
import { emit, without } from './emit.ts';
import { evaluate, evaluateMaybe } from './expression.ts';
import { constant, failed, typeOf, type TensorValue, type Value } from './value.ts';

const mapOfOperator: Readonly<Partial<Record<BinaryOperator, string>>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '^': 'pow',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  and: 'and',
  or: 'or',
};

export function evaluateUnary(frame: Frame, expression: Unary): Value {
  const operand = evaluate(frame, expression.operand);
  if (operand.kind === 'failed') return failed;
  const given = operand.kind === 'tensor' || operand.kind === 'complex' || operand.kind === 'tuple';
  if (expression.operator === 'not' && given) {
    if (expression.operand.kind === 'reference' && !isTruth(operand)) return constant(false);
  }
  if (expression.operator === 'not' && operand.kind === 'constant' && operand.value === null)
    return constant(true);
  const folded = foldConstants(frame, [operand], expression.span, ([value = null]) =>
    foldUnary(expression.operator, value),
  );
  if (folded !== undefined) return folded;
  return applyMap(
    frame,
    expression.operator === '-' ? 'neg' : 'not',
    [operand],
    [expression.operand.span],
    expression.span,
  );
}

function isTruth(value: Value): boolean {
  return value.kind === 'tensor' && typeOf(value).dtype === 'bool';
}

export function evaluateBinary(frame: Frame, expression: Binary): Value {
  const { operator } = expression;
  if (operator === '|') return firstThere(frame, expression);
  if (operator === 'and' || operator === 'or') return evaluateLogic(frame, expression);
  const maybe = operator === '==' || operator === '!=';
  const left = (maybe ? evaluateMaybe : evaluate)(frame, expression.left);
  const right = (maybe ? evaluateMaybe : evaluate)(frame, expression.right);
  if (left.kind === 'failed' || right.kind === 'failed') return failed;
  if (maybe) {
    const there = compareWithNone(left, right);
    if (there !== undefined) return constant(operator === '==' ? there : !there);
  }
  return combine(frame, expression, left, right);
}

function combine(frame: Frame, expression: Binary, left: Value, right: Value): Value {
  const { operator, span } = expression;
  const folded = foldConstants(frame, [left, right], span, ([a = null, b = null]) =>
    foldBinary(operator, a, b),
  );
  if (folded !== undefined) {
    const divided =
      operator === '/' && left.kind === 'constant' && right.kind === 'constant' && folded.kind === 'constant';
    return divided ? { ...folded, quotient: { left, right, span } } : folded;
  }
  const op = mapOfOperator[operator];
  if (op === undefined) return fail(frame, errors.notConstant(span, `What \`${operator}\` joins`));
  return applyMap(frame, op, [left, right], [expression.left.span, expression.right.span], span);
}

/** A value that was given is not none. */
function compareWithNone(left: Value, right: Value): boolean | undefined {
  if (!isNone(left) && !isNone(right)) return undefined;
  return isNone(left) && isNone(right);
}

function isNone(value: Value): boolean {
  return value.kind === 'constant' && value.value === null;
}

function firstThere(frame: Frame, expression: Binary): Value {
  const left = evaluateMaybe(frame, expression.left);
  if (isNone(left)) return evaluate(frame, expression.right);
  return left;
}

/** The side that decides alone is not followed by the other. */
function evaluateLogic(frame: Frame, expression: Binary): Value {
  const left = truthOf(evaluate(frame, expression.left), expression.left);
  if (left.kind === 'failed') return failed;
  if (left.kind === 'constant' && left.value === (expression.operator === 'or')) return left;
  const right = truthOf(evaluate(frame, expression.right), expression.right);
  return right.kind === 'failed' ? failed : combine(frame, expression, left, right);
}

/** A name that may be none is true where it was given. */
function truthOf(value: Value, expression: Expression): Value {
  if (value.kind === 'constant' && value.value === null) return constant(false);
  const given = value.kind === 'tensor' || value.kind === 'complex' || value.kind === 'tuple';
  return given && expression.kind === 'reference' && !isTruth(value) ? constant(true) : value;
}

/** The folded constant, one for each layer where the operands differ between layers; undefined if a tensor is among them. */
export function foldConstants(
  frame: Frame,
  operands: readonly Value[],
  span: Span,
  fold: (values: readonly Constant[]) => Folded,
): Value | undefined {
  if (!operands.every((value) => value.kind === 'constant' || value.kind === 'perCall')) return undefined;
  const count = operands.some((value) => value.kind === 'perCall') ? frame.body.occurrences.length : 1;
  const results: Constant[] = [];
  for (let call = 0; call < count; call += 1) {
    const folded = fold(
      operands.map((value) => (value.kind === 'perCall' ? (value.values[call] ?? null) : value.value)),
    );
    if ('reason' in folded) return fail(frame, constantErrors.cannotCompute(span, folded.reason));
    results.push(folded.value);
  }
  if (operands.every((value) => value.kind === 'constant'))
    return constant(results[0] ?? null, { origin: { span } });
  return { kind: 'perCall', values: results };
}

/** Applies a map of the op table at every element, with the operands broadcast by the names of their axes. */
export function applyMap(
  frame: Frame,
  op: string,
  operands: readonly Value[],
  spans: readonly Span[],
  span: Span,
): Value {
  if (operands.some(isComplex)) return applyComplexMap(frame, op, operands, spans, span);
  const tensors: TensorValue[] = [];
  for (const [index, operand] of operands.entries()) {
    const tensor = asTensor(frame, operand, spans[index] ?? span);
    if (tensor.kind === 'failed') return failed;
    const truth = op === 'and' || op === 'or' || op === 'not' || (op === 'where' && index === 0);
    if (isTruth(tensor) !== truth) return fail(frame, errors.truthMismatch(spans[index] ?? span, truth));
    tensors.push(tensor);
  }
  const clash = sumsApart.has(op) ? axesApart(tensors) : undefined;
  if (clash !== undefined) return fail(frame, errors.equalSizeOtherAxis(frame.body, spans, clash, span));
  return emit(frame, { op, inputs: tensors, span });
}

/** Where both sides have axes of their own of one size, an outer sum is hardly ever meant. */
const sumsApart: ReadonlySet<string> = new Set(['add', 'sub', 'maximum', 'minimum']);

function axesApart([left, right]: readonly TensorValue[]):
  readonly [readonly Axis[], readonly Axis[]] | undefined {
  if (left === undefined || right === undefined) return undefined;
  const [a, b] = [typeOf(left).axes, typeOf(right).axes];
  const onlyA = without(
    a,
    b.map(({ name }) => name),
  );
  const onlyB = without(
    b,
    a.map(({ name }) => name),
  );
  const size = elementCount(onlyA);
  return onlyA.length > 0 && onlyB.length > 0 && size > 1 && size === elementCount(onlyB)
    ? [onlyA, onlyB]
    : undefined;
}
