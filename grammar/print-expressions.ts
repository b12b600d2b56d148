// Expressions and shapes as text, with the parentheses that keep the tree and those that a reader needs.
import type {
  Argument,
  Binary,
  Comprehension,
  Conditional,
  Expression,
  Shape,
  ShapeFactor,
  ShapeTerm,
  StoredShape,
  Unary,
} from './ast.ts';
import { broken, concat, flat, group, steps, type Doc } from './layout.ts';
import { precedenceOf } from './operators.ts';
import { encodeString } from './strings.ts';
import { dtypes, foreignDtypes } from './words.ts';

/** A conditional binds loosest of all; operands and postfix forms tightest. */
const loosest = 0;
const prefixed = 8;
const tightest = 10;
const comparison = 5;

/** An expression; lists and calls may be broken over lines. */
export function printExpression(expression: Expression): Doc {
  switch (expression.kind) {
    case 'number':
      return printNumber(expression.value, writtenNumber(expression));
    case 'string':
      return encodeString(expression.value);
    case 'boolean':
      return expression.value ? 'true' : 'false';
    case 'none':
      return 'none';
    case 'reference':
      return expression.name;
    case 'list':
      return group('[', expression.items.map(printExpression), ']');
    case 'comprehension':
      return printComprehension(expression);
    case 'unary':
      return printUnary(expression);
    case 'binary':
      return printBinary(expression);
    case 'conditional':
      return printConditional(expression);
    case 'call':
      return concat([postfixed(expression.callee), group('(', expression.arguments.map(printArgument), ')')]);
    case 'member':
      return concat([postfixed(expression.of), '.', expression.name.text]);
    case 'index': {
      const indices = expression.indices.map(({ axis, value }) =>
        concat([`${axis.text} = `, printExpression(value)]),
      );
      return concat([postfixed(expression.of), group('[', indices, ']')]);
    }
  }
}

export function printArgument({ name, value }: Argument): Doc {
  return name === undefined ? printExpression(value) : concat([`${name.text}: `, printExpression(value)]);
}

function printComprehension({ value, sources, condition }: Comprehension): Doc {
  const parts = [
    printExpression(value),
    ...sources.map(({ name, list }) =>
      concat([`for ${name.text} in `, parenthesised(list, list.kind === 'conditional')]),
    ),
    ...(condition === undefined
      ? []
      : [concat(['if ', parenthesised(condition, condition.kind === 'conditional')])]),
  ];
  return group('[', [steps(parts)], ']');
}

/** A conditional within the condition or the first branch would be hard to read without parentheses. */
function printConditional(expression: Conditional): Doc {
  return steps(chain(expression, 'if '));
}

function chain({ condition, then, else: otherwise }: Conditional, lead: string): readonly Doc[] {
  const first = concat([lead, parenthesised(condition, condition.kind === 'conditional')]);
  const second = concat(['then ', parenthesised(then, then.kind === 'conditional')]);
  if (otherwise.kind === 'conditional') return [first, second, ...chain(otherwise, 'else if ')];
  return [first, second, concat(['else ', printExpression(otherwise)])];
}

/** `not (i in list)`: without the parentheses it reads as if only `i` were negated. */
function printUnary({ operator, operand }: Unary): Doc {
  const sign = operator === 'not' ? 'not ' : '-';
  const own = precedenceOf(operator, true);
  const isLooser = precedence(operand) < own;
  return concat([
    sign,
    parenthesised(operand, isLooser || (operator === 'not' && operand.kind === 'binary')),
  ]);
}

function printBinary({ operator, left, right }: Binary): Doc {
  const own = precedenceOf(operator);
  const leftIsLooser = operator === '^' ? precedence(left) <= own : precedence(left) < own;
  // A comparison of a comparison needs parentheses, or it would read as a chain.
  const isChain = own === comparison && precedence(left) === comparison;
  const rightIsLooser = operator === '^' ? precedence(right) < prefixed : precedence(right) <= own;
  return concat([
    parenthesised(left, leftIsLooser || isChain),
    broken(` ${operator} `),
    parenthesised(right, rightIsLooser || (operator === 'in' && beginsWithDtype(right))),
  ]);
}

/** `x in f32` would pin a number type. */
function beginsWithDtype(expression: Expression): boolean {
  const first = /^[a-z0-9]+\b/.exec(flat(printExpression(expression)))?.[0] ?? '';
  return foreignDtypes.has(first) || dtypes.some((name) => name === first);
}

function postfixed(expression: Expression): Doc {
  return parenthesised(expression, precedence(expression) < tightest);
}

function parenthesised(expression: Expression, needed: boolean): Doc {
  const inner = printExpression(expression);
  return needed ? concat(['(', inner, ')']) : inner;
}

function precedence(expression: Expression): number {
  if (expression.kind === 'conditional') return loosest;
  if (expression.kind === 'unary') return precedenceOf(expression.operator, true);
  return expression.kind === 'binary' ? precedenceOf(expression.operator) : tightest;
}

/** The number as its author wrote it, where the source says the same. */
function writtenNumber({ span, value }: { span: Expression['span']; value: number }): string | undefined {
  const text = span.source.text.slice(span.start, span.end);
  return /^[\d_.eE+-]+$/.test(text) && Number(text.replaceAll('_', '')) === value ? text : undefined;
}

/** Whole numbers from 10 000 on are grouped by three; small fractions have an exponent. */
export function printNumber(value: number, written?: string): string {
  if (written !== undefined && /^\d/.test(written)) return written;
  const text = String(value);
  if (Number.isSafeInteger(value) && value >= 10_000) return text.replace(/\B(?=(?:\d{3})+$)/g, '_');
  return value > 0 && value < 0.001 ? value.toExponential() : text;
}

// -------------------------------------------------------------------------------------------- shapes

export function printShape({ terms }: Shape): Doc {
  return concat(
    terms.flatMap((term, index) => (index === 0 ? [printTerm(term)] : [broken(' + '), printTerm(term)])),
  );
}

function printTerm({ label, factors }: ShapeTerm): Doc {
  const product = concat(
    factors.flatMap((factor, index) => (index === 0 ? [printFactor(factor)] : [' * ', printFactor(factor)])),
  );
  return label === undefined ? product : concat([`${label.text}: `, product]);
}

function printFactor(factor: ShapeFactor): Doc {
  switch (factor.kind) {
    case 'axisFactor':
      return factor.name.text;
    case 'sizeFactor':
      return printNumber(factor.size, writtenNumber({ span: factor.span, value: factor.size }));
    case 'filterFactor':
      if (factor.size === undefined) return factor.orientation;
      return concat([`${factor.orientation}(`, printExpression(factor.size), ')']);
    case 'groupFactor':
      return concat(['(', printShape(factor.shape), ')']);
  }
}

export function printStored({ dimensions }: StoredShape): Doc {
  return group('[', dimensions.map(printShape), ']');
}
