// Precedence: from a flat row of operands and operators to a tree, without recursion.
import type { Binary, BinaryOperator, Expression, UnaryOperator } from './ast.ts';
import { cover, type Span } from './source.ts';

/** One piece of a row such as `- a * b`: signs and operands in the order written. */
export type RowItem =
  | { readonly kind: 'operand'; readonly expression: Expression }
  | { readonly kind: 'prefix'; readonly operator: UnaryOperator; readonly span: Span }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly span: Span };

type Pending = Extract<RowItem, { kind: 'prefix' | 'binary' }>;

const binaryPrecedence: Readonly<Record<BinaryOperator, number>> = {
  '|': 1,
  or: 2,
  and: 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  in: 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
  '^': 9,
};
const comparisonPrecedence = 5;

/** How tightly a binary operator binds; larger is tighter. */
export function precedenceOf(operator: BinaryOperator | UnaryOperator, prefix = false): number {
  if (operator === 'not') return 4;
  return prefix ? 8 : binaryPrecedence[operator];
}

/** The tree of a row, and the places of comparisons that follow a comparison (`a < b < c`). */
export function arrange(row: readonly RowItem[]): { tree: Expression; chained: readonly [Span, Span][] } {
  const operands: Expression[] = [];
  const pending: Pending[] = [];
  const chained: [Span, Span][] = [];
  for (const item of row) {
    if (item.kind === 'operand') operands.push(item.expression);
    else if (item.kind === 'prefix') pending.push(item);
    else {
      reduceBefore(item, operands, pending, chained);
      pending.push(item);
    }
  }
  while (pending.length > 0) reduce(operands, pending);
  const tree = operands[0];
  if (tree === undefined) throw new Error('internal: a row of an expression has no operand');
  return { tree, chained };
}

type BinaryItem = Extract<RowItem, { kind: 'binary' }>;

function reduceBefore(
  item: BinaryItem,
  operands: Expression[],
  pending: Pending[],
  chained: [Span, Span][],
): void {
  const precedence = precedenceOf(item.operator);
  for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
    const tighter = precedenceOf(top.operator, top.kind === 'prefix');
    if (tighter < precedence || (tighter === precedence && item.operator === '^')) return;
    if (tighter === precedence && precedence === comparisonPrecedence) chained.push([top.span, item.span]);
    reduce(operands, pending);
  }
}

function reduce(operands: Expression[], pending: Pending[]): void {
  const operator = pending.pop();
  const right = operands.pop();
  if (operator === undefined || right === undefined)
    throw new Error('internal: an operator lacks its operand');
  if (operator.kind === 'prefix') {
    const span = cover(operator.span, right.span);
    operands.push({ kind: 'unary', operator: operator.operator, operand: right, span });
    return;
  }
  const left = operands.pop();
  if (left === undefined) throw new Error('internal: an operator lacks its left operand');
  operands.push(binary(operator, left, right));
}

function binary(operator: BinaryItem, left: Expression, right: Expression): Binary {
  return {
    kind: 'binary',
    operator: operator.operator,
    operatorSpan: operator.span,
    left,
    right,
    span: cover(left.span, right.span),
  };
}
