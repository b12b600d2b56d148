// Constants: the values that are known before anything runs, and what the operators do to them.
import type { BinaryOperator, UnaryOperator } from '../../grammar/ast.ts';

/** A value known at compile time, numbers in f64; `null` is the language's `none`. */
export type Constant = number | string | boolean | null | readonly Constant[] | ConstantObject;

/** A group of named constants, such as a config file. Only its own properties count. */
export interface ConstantObject {
  readonly [name: string]: Constant;
}

/** The names that an expression may use; `undefined` means that there is no such constant. */
export interface ConstantScope {
  lookup(name: string): Constant | undefined;
  /** Every name that can be looked up, for suggestions. */
  names(): readonly string[];
}

/** A value, or the reason in the user's terms why there is none (a clause without a full stop). */
export type Folded = { readonly value: Constant } | { readonly reason: string };

/** A scope of the given constants, inside `outer`. */
export function constantScope(
  constants: Readonly<Record<string, Constant>> | ReadonlyMap<string, Constant>,
  outer?: ConstantScope,
): ConstantScope {
  const own: ReadonlyMap<string, Constant> =
    constants instanceof Map ? constants : new Map(Object.entries(constants));
  return {
    lookup: (name) => (own.has(name) ? own.get(name) : outer?.lookup(name)),
    names: () => [...own.keys(), ...(outer?.names() ?? [])],
  };
}

/** Whether the constant is a group of named constants. */
export function isObject(value: Constant): value is ConstantObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the constant is a list. */
export function isList(value: Constant): value is readonly Constant[] {
  return Array.isArray(value);
}

/** The field of a group, or undefined where it has no such field. */
export function field(group: ConstantObject, name: string): Constant | undefined {
  return Object.hasOwn(group, name) ? group[name] : undefined;
}

/** What kind of constant it is, with its article: `a number`, `a list`. */
export function describeKind(value: Constant): string {
  if (value === null) return 'none';
  if (isList(value)) return 'a list';
  if (isObject(value)) return 'a group of fields';
  return `a ${typeof value}`;
}

/** How the constant is shown to a person; long ones are cut. */
export function showConstant(value: Constant): string {
  if (value === null) return 'none';
  if (isObject(value)) return '{ … }';
  if (isList(value)) return shorten(`[${value.slice(0, 12).map(showConstant).join(', ')}]`);
  return typeof value === 'string' ? shorten(JSON.stringify(value)) : String(value);
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

export function foldUnary(operator: UnaryOperator, operand: Constant): Folded {
  if (operator === '-') {
    return typeof operand === 'number'
      ? { value: -operand }
      : { reason: `${describeKind(operand)} has no negative` };
  }
  return typeof operand === 'boolean'
    ? { value: !operand }
    : { reason: `\`not\` takes true or false, and this is ${describeKind(operand)}` };
}

/** Both sides are evaluated already: `|`, `and` and `or` are decided here only by their values. */
export function foldBinary(operator: BinaryOperator, left: Constant, right: Constant): Folded {
  switch (operator) {
    case '|':
      return { value: left ?? right };
    case 'and':
    case 'or':
      return foldLogic(operator, left, right);
    case '==':
      return { value: equalConstants(left, right) };
    case '!=':
      return { value: !equalConstants(left, right) };
    case 'in':
      return foldIn(left, right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return foldComparison(operator, left, right);
    default:
      return foldArithmetic(operator, left, right);
  }
}

/** Equal values of one kind; lists and groups item by item. */
export function equalConstants(left: Constant, right: Constant): boolean {
  if (isList(left)) {
    return (
      isList(right) &&
      left.length === right.length &&
      left.every((item, index) => equalConstants(item, right[index] ?? null))
    );
  }
  if (isObject(left)) return isObject(right) && equalGroups(left, right);
  return left === right;
}

function equalGroups(left: ConstantObject, right: ConstantObject): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every(
      (name) => Object.hasOwn(right, name) && equalConstants(left[name] ?? null, right[name] ?? null),
    )
  );
}

function foldLogic(operator: 'and' | 'or', left: Constant, right: Constant): Folded {
  if (typeof left !== 'boolean' || typeof right !== 'boolean') {
    const other = typeof left === 'boolean' ? right : left;
    return { reason: `\`${operator}\` joins true and false, and this is ${describeKind(other)}` };
  }
  return { value: operator === 'and' ? left && right : left || right };
}

function foldIn(left: Constant, right: Constant): Folded {
  if (isList(right)) return { value: right.some((item) => equalConstants(item, left)) };
  if (typeof left === 'string' && typeof right === 'string') return { value: right.includes(left) };
  if (typeof left === 'string' && isObject(right)) return { value: Object.hasOwn(right, left) };
  return { reason: `\`in\` looks into a list, and this is ${describeKind(right)}` };
}

function foldComparison(operator: '<' | '<=' | '>' | '>=', left: Constant, right: Constant): Folded {
  if (typeof left !== 'number' || typeof right !== 'number') {
    return { reason: `${describeKind(left)} and ${describeKind(right)} cannot be compared by size` };
  }
  switch (operator) {
    case '<':
      return { value: left < right };
    case '<=':
      return { value: left <= right };
    case '>':
      return { value: left > right };
    case '>=':
      return { value: left >= right };
  }
}

type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^';

function foldArithmetic(operator: ArithmeticOperator, left: Constant, right: Constant): Folded {
  if (operator === '+' && isList(left) && isList(right)) return { value: [...left, ...right] };
  if (operator === '+' && typeof left === 'string' && typeof right === 'string')
    return { value: left + right };
  if (typeof left !== 'number' || typeof right !== 'number') {
    return { reason: `\`${operator}\` cannot take ${describeKind(left)} and ${describeKind(right)}` };
  }
  if (right === 0 && (operator === '/' || operator === '%')) {
    return { reason: `${showConstant(left)} ${operator} 0 has no value` };
  }
  const value = arithmetic(operator, left, right);
  return Number.isNaN(value)
    ? { reason: `${showConstant(left)} ${operator} ${showConstant(right)} is not a number` }
    : { value };
}

/** The remainder has the sign of the divisor, as in Python, so that `(i - 1) % n` counts backwards. */
function arithmetic(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left - right * Math.floor(left / right);
    case '^':
      return left ** right;
  }
}
