// The functions that constant expressions may call.
import type { Call } from '../../grammar/ast.ts';
import { describeKind, field, isList, isObject, type Constant, type Folded } from './constant.ts';

/** A function of constants: how many arguments it takes, and what it makes of them. */
export interface ConstantFunction {
  readonly least: number;
  readonly most: number;
  readonly apply: (...values: readonly Constant[]) => Folded;
}

/** A list longer than this is a mistake, not a model. */
const longestRange = 100_000;

/** The one function whose arguments are named: `fields(type: "linear", factor: 2)` is a group of constants. */
export const groupFunction = 'fields';

/** The group that a call of it makes, from the values of its arguments. */
export function groupOf({ arguments: given }: Call, values: readonly Constant[]): Constant {
  return Object.fromEntries(given.map(({ name }, index) => [name?.text ?? '', values[index] ?? null]));
}

/** By name: `ceil floor round min max abs sqrt exp log log2 sin cos tanh pow sum len range item`. */
export const constantFunctions: ReadonlyMap<string, ConstantFunction> = new Map<string, ConstantFunction>([
  ['ceil', unary(Math.ceil)],
  ['floor', unary(Math.floor)],
  ['round', unary(roundHalfUp)],
  ['abs', unary(Math.abs)],
  ['sqrt', unary(Math.sqrt)],
  ['rsqrt', unary((x) => 1 / Math.sqrt(x))],
  ['exp', unary(Math.exp)],
  ['log', unary(Math.log)],
  ['log2', unary(Math.log2)],
  ['sin', unary(Math.sin)],
  ['cos', unary(Math.cos)],
  ['tanh', unary(Math.tanh)],
  ['sigmoid', unary((x) => 1 / (1 + Math.exp(-x)))],
  [
    'pow',
    {
      least: 2,
      most: 2,
      apply: (base, exponent) => numeric(([a = 0, b = 0]) => a ** b, [base ?? null, exponent ?? null]),
    },
  ],
  ['min', extreme(Math.min)],
  ['max', extreme(Math.max)],
  ['minimum', extreme(Math.min)],
  ['maximum', extreme(Math.max)],
  ['sum', { least: 1, most: 1, apply: (list) => sumOf(list ?? null) }],
  ['len', { least: 1, most: 1, apply: (value) => lengthOf(value ?? null) }],
  ['item', { least: 2, most: 2, apply: (list, at) => itemOf(list ?? null, at ?? null) }],
  ['range', { least: 1, most: 2, apply: (...bounds) => rangeOf(bounds) }],
]);

function unary(compute: (x: number) => number): ConstantFunction {
  return { least: 1, most: 1, apply: (value) => numeric(([x = 0]) => compute(x), [value ?? null]) };
}

/** Halves go up, so that sizes such as `round(2.5)` do not depend on parity. */
function roundHalfUp(x: number): number {
  return Math.floor(x + 0.5);
}

/** Of its arguments, or of the one list it is given. */
function extreme(compute: (...values: number[]) => number): ConstantFunction {
  return {
    least: 1,
    most: 64,
    apply: (...values) => {
      const only = values.length === 1 ? values[0] : undefined;
      const items = only !== undefined && isList(only) ? only : values;
      if (items.length === 0) return { reason: 'the list is empty' };
      return numeric((numbers) => numbers.reduce((a, b) => compute(a, b)), items);
    },
  };
}

function numeric(compute: (numbers: readonly number[]) => number, values: readonly Constant[]): Folded {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) {
    const wrong = values.find((value) => typeof value !== 'number') ?? null;
    return { reason: `it takes numbers, and this is ${describeKind(wrong)}` };
  }
  const value = compute(numbers);
  return Number.isNaN(value) ? { reason: `of ${numbers.join(', ')} it is not a number` } : { value };
}

function sumOf(list: Constant): Folded {
  if (!isList(list)) return { reason: `it takes a list, and this is ${describeKind(list)}` };
  return numeric((numbers) => numbers.reduce((a, b) => a + b, 0), list);
}

function lengthOf(value: Constant): Folded {
  if (isList(value) || typeof value === 'string') return { value: value.length };
  return { reason: `it takes a list or a string, and this is ${describeKind(value)}` };
}

/** The item at a position from 0 (a negative position counts from the end), a character of a string, or a group's field of that name. */
function itemOf(list: Constant, at: Constant): Folded {
  if (isObject(list) && typeof at === 'string') {
    const value = field(list, at);
    return value === undefined ? { reason: `it has no field ${JSON.stringify(at)}` } : { value };
  }
  if (typeof list === 'string') return itemOf([...list], at);
  if (!isList(list)) return { reason: `it takes a list, and this is ${describeKind(list)}` };
  if (!isInteger(at)) return { reason: 'a position is a whole number' };
  const value = list[at < 0 ? list.length + at : at];
  return value === undefined ? { reason: `a list of ${list.length} has no item ${at}` } : { value };
}

/** `range(n)` is 0 … n − 1, `range(a, b)` is a … b − 1. */
function rangeOf(bounds: readonly Constant[]): Folded {
  const [first = null, second] = bounds;
  const from = second === undefined ? 0 : first;
  const to = second === undefined ? first : second;
  if (!isInteger(from) || !isInteger(to)) return { reason: 'it takes whole numbers' };
  if (to - from > longestRange) return { reason: `it would have ${to - from} items` };
  return { value: Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index) };
}

function isInteger(value: Constant): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}
