// What is done to each element of a weight when it is loaded: `= -exp(it)` as a list of unary ops.
import type { Expression } from '../../grammar/ast.ts';

/** Functions of the language that are unary map ops of the graph under the same name. */
const foldable: ReadonlySet<string> = new Set([
  'abs',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'silu',
  'gelu',
  'gelu_tanh',
  'relu',
  'softplus',
  'log_sigmoid',
  'square',
  'recip',
  'erf',
]);

/** The ops in the order they are applied, or the part of the expression that is no unary op of `it`. */
export function readFold(
  expression: Expression,
  depth = 0,
): { readonly fold: readonly string[] } | { readonly wrong: Expression } {
  const step = outermost(expression);
  if (step === 'it') return { fold: [] };
  if (step === undefined || depth > 50) return { wrong: expression };
  const inner = readFold(step.of, depth + 1);
  return 'fold' in inner ? { fold: [...inner.fold, step.op] } : inner;
}

function outermost(expression: Expression): 'it' | { op: string; of: Expression } | undefined {
  switch (expression.kind) {
    case 'reference':
      return expression.name === 'it' ? 'it' : undefined;
    case 'unary':
      return expression.operator === '-' ? { op: 'neg', of: expression.operand } : undefined;
    case 'binary':
      if (expression.operator === '^' && isNumber(expression.right, 2))
        return { op: 'square', of: expression.left };
      if (expression.operator === '/' && isNumber(expression.left, 1))
        return { op: 'recip', of: expression.right };
      return undefined;
    case 'call': {
      const [argument, ...rest] = expression.arguments;
      if (expression.callee.kind !== 'reference' || !foldable.has(expression.callee.name)) return undefined;
      if (argument === undefined || argument.name !== undefined || rest.length > 0) return undefined;
      return { op: expression.callee.name, of: argument.value };
    }
    default:
      return undefined;
  }
}

function isNumber(expression: Expression, value: number): boolean {
  return expression.kind === 'number' && expression.value === value;
}
