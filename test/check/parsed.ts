// Expressions and stripes for tests, taken from parsed models.
import { parse } from '../../grammar/index.ts';
import type { Expression, Model, ModelStatement, Stripe } from '../../grammar/ast.ts';

/** The statements of a model with the given body; a syntax error fails the test. */
export function parseModel(body: string): Model {
  const { value, diagnostics } = parse({ name: 'model.hyb', text: `model m {\n${body}\n}\n` });
  if (diagnostics.length > 0) throw new Error(diagnostics.map((each) => each.message).join('\n'));
  const [model] = value.declarations;
  if (model?.kind !== 'model') throw new Error('no model');
  return model;
}

export function statementOf<K extends ModelStatement['kind']>(
  body: string,
  kind: K,
): Extract<ModelStatement, { readonly kind: K }> {
  const isKind = (each: ModelStatement): each is Extract<ModelStatement, { readonly kind: K }> =>
    each.kind === kind;
  const found = parseModel(body).statements.find(isKind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}

export function parseExpression(text: string): Expression {
  return statementOf(`param x = ${text}`, 'param').value;
}

export function parseStripe(text: string): Stripe {
  return statementOf(`stripe ${text}`, 'stripe').stripe;
}
