// Expressions, with their operators.
import type { Name, Node } from './ast-node.ts';
import type { Span } from './source.ts';

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NoneLiteral
  | Reference
  | ListLiteral
  | Unary
  | Binary
  | Comprehension
  | Conditional
  | Call
  | Member
  | Index;

export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
}
export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}
export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean;
}
export interface NoneLiteral extends Node {
  readonly kind: 'none';
}
/** A name: a value, an axis, a callable, a parameter, `config`, `layer`, `model`, `site`. */
export interface Reference extends Node {
  readonly kind: 'reference';
  readonly name: string;
}
export interface ListLiteral extends Node {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
/** `[value for name in list if condition]`: a list of constants, made from others. Each further `for` runs within the one before. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension';
  readonly value: Expression;
  readonly sources: readonly ComprehensionSource[];
  readonly condition?: Expression;
}
export interface ComprehensionSource extends Node {
  readonly kind: 'comprehensionSource';
  readonly name: Name;
  readonly list: Expression;
}
export type UnaryOperator = '-' | 'not';
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}
/** `|` takes the first side that is there. Precedence, loosest first: `|`, or, and, not, comparisons and in, + -, * / %, unary -, ^. */
export type BinaryOperator =
  '|' | 'or' | 'and' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%' | '^';
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
}
/** `if c then a else b`: chosen at compile time. */
export interface Conditional extends Node {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly else: Expression;
}
/** `f(x, over: part)`; `list.index(i)` is a call of a member. */
export interface Call extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}
export interface Argument extends Node {
  readonly kind: 'argument';
  readonly name?: Name;
  readonly value: Expression;
}
/** `config.hidden_size`, `layer.index`, `LAST.memory`. */
export interface Member extends Node {
  readonly kind: 'member';
  readonly of: Expression;
  readonly name: Name;
}
/** `z[stage = j, two = 0]`: one index of each named axis. */
export interface Index extends Node {
  readonly kind: 'index';
  readonly of: Expression;
  readonly indices: readonly IndexBinding[];
}
export interface IndexBinding extends Node {
  readonly kind: 'indexBinding';
  readonly axis: Name;
  readonly value: Expression;
}
