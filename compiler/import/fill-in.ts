// Fills a config's values into the syntax tree of a model: what only the config decides becomes a literal, the rest stays as written.
import type { Argument, Binary, Conditional, Expression } from '../../grammar/ast.ts';
import { groupFunction } from '../check/constant-functions.ts';
import { constantScope, isList, isObject, type Constant, type ConstantObject } from '../check/constant.ts';
import { evaluateConstant } from '../check/evaluate.ts';
import type { Diagnostic, Span } from '../../grammar/source.ts';

/** Rewrites every expression of a tree in which `config` occurs. */
export function fillIn<T>(tree: T, config: ConstantObject): T {
  const scope = constantScope({ config, infinity: Number.POSITIVE_INFINITY });
  const settle = (expression: Expression): Settled => {
    const diagnostics: Diagnostic[] = [];
    const value = evaluateConstant(expression, scope, (diagnostic) => void diagnostics.push(diagnostic));
    return value === undefined ? { missing: diagnostics.every(isMissing) } : { value };
  };
  return rewrite(tree, settle);
}

type Settled = { readonly value: Constant } | { readonly missing: boolean };
type Settle = (expression: Expression) => Settled;

function isMissing({ code }: Diagnostic): boolean {
  return code === 'missing_field' || code === 'field_of_none';
}

function rewrite<T>(tree: T, settle: Settle): T {
  if (Array.isArray(tree)) {
    // A list of the same type, item by item.
    return tree.map((item: unknown) => rewrite(item, settle)) as T;
  }
  if (typeof tree !== 'object' || tree === null || !mentionsConfig(tree)) return tree;
  // An expression is rewritten to an expression, which every place of one takes.
  if (isExpression(tree)) return rewriteExpression(tree, settle) as T;
  return rewriteParts(tree, settle);
}

/** The same node with each part rewritten; places stay, so that comments find theirs. */
function rewriteParts<T extends object>(node: T, settle: Settle): T {
  const parts = Object.entries(node).map(([key, part]: [string, unknown]) =>
    key.endsWith('pan') ? [key, part] : [key, rewrite(part, settle)],
  );
  // The same keys with parts of the same types.
  return Object.fromEntries(parts) as T;
}

function rewriteExpression(expression: Expression, settle: Settle): Expression {
  // Left by itself, it is part of a field that is not there: the reader is to see which.
  if (expression.kind === 'reference') return expression;
  const settled = settle(expression);
  if ('value' in settled) return literal(settled.value, expression.span);
  if (expression.kind === 'conditional') return rewriteConditional(expression, settle);
  if (expression.kind === 'binary' && expression.operator === '|') return rewriteDefault(expression, settle);
  return rewriteParts(expression, settle);
}

/** Where the config decides the condition, the chosen side alone. */
function rewriteConditional(expression: Conditional, settle: Settle): Expression {
  const condition = settle(expression.condition);
  if (!('value' in condition)) return rewriteParts(expression, settle);
  return rewrite(condition.value === true ? expression.then : expression.else, settle);
}

/** `config.a | width / heads`: the right side where the field is not there. */
function rewriteDefault(expression: Binary, settle: Settle): Expression {
  const left = settle(expression.left);
  const isThere = 'value' in left ? left.value !== null : !left.missing;
  if (isThere) return rewriteParts(expression, settle);
  return rewrite(expression.right, settle);
}

/** Whether the name `config` stands anywhere in the tree. */
export function mentionsConfig(tree: object): boolean {
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const at = pending.pop();
    if (typeof at !== 'object' || at === null) continue;
    if ('kind' in at && at.kind === 'reference' && 'name' in at && at.name === 'config') return true;
    for (const [key, part] of Object.entries(at)) if (!key.endsWith('pan')) pending.push(part);
  }
  return false;
}

const expressionKinds: ReadonlySet<unknown> = new Set<Expression['kind']>([
  'number',
  'string',
  'boolean',
  'none',
  'reference',
  'list',
  'comprehension',
  'unary',
  'binary',
  'conditional',
  'call',
  'member',
  'index',
]);

function isExpression(node: object): node is Expression {
  return 'kind' in node && expressionKinds.has(node.kind);
}

/** The expression that is written for a constant. */
export function literal(value: Constant, span: Span): Expression {
  if (value === null) return { kind: 'none', span };
  if (typeof value === 'boolean') return { kind: 'boolean', value, span };
  if (typeof value === 'string') return { kind: 'string', value, span };
  if (typeof value === 'number') return numberLiteral(value, span);
  if (isList(value)) return { kind: 'list', items: value.map((item) => literal(item, span)), span };
  return groupLiteral(value, span);
}

function numberLiteral(value: number, span: Span): Expression {
  if (value < 0) return { kind: 'unary', operator: '-', operand: numberLiteral(-value, span), span };
  if (!Number.isFinite(value)) return { kind: 'reference', name: 'infinity', span };
  return { kind: 'number', value, span };
}

/** `fields(type: "linear", factor: 2)`; a field whose name is no name of the language can be asked for by nobody. */
function groupLiteral(value: Constant, span: Span): Expression {
  const fields = isObject(value) ? Object.entries(value) : [];
  return {
    kind: 'call',
    callee: { kind: 'reference', name: groupFunction, span },
    arguments: fields
      .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
      .map(([name, part]): Argument => ({
        kind: 'argument',
        name: { text: name, span },
        value: literal(part, span),
        span,
      })),
    span,
  };
}
