// The model's stripe, expanded into its layers.
import type { Model } from '../../grammar/ast.ts';
import type { Diagnostic } from '../../grammar/source.ts';
import * as errors from './errors.ts';
import type { Letter } from './letters.ts';
import type { ModelScope } from './model-scope.ts';
import { expandStripe, type ExpandedLayer } from './stripe.ts';

/** The layers, or undefined after a reported mistake. */
export function readStripe(
  model: Model,
  scope: ModelScope,
  letters: ReadonlyMap<string, Letter>,
  report: (diagnostic: Diagnostic) => void,
): readonly ExpandedLayer[] | undefined {
  const statements = model.statements.filter((statement) => statement.kind === 'stripe');
  const [statement, second] = statements;
  if (statement === undefined) {
    report(errors.stripeMissing(model.name.span, model.name.text));
    return undefined;
  }
  if (second !== undefined) report(errors.statementTwice(second.span, 'stripe', statement.span));
  // Constants that could not be computed have been reported; the stripe's complaints about them would say it again.
  const failed = new Set(
    [scope.shared, scope.own].flatMap(({ values }) =>
      [...values].flatMap(([name, value]) => (value.kind === 'failed' ? [name] : [])),
    ),
  );
  const { value, diagnostics } = expandStripe(statement.stripe, scope.constants, new Set(letters.keys()));
  const echoes = (diagnostic: Diagnostic) => {
    const { primary } = diagnostic;
    const text = primary?.span.source.text.slice(primary.span.start, primary.span.end) ?? '';
    return diagnostic.code === 'not_a_constant' && failed.has(text);
  };
  for (const diagnostic of diagnostics) if (!echoes(diagnostic)) report(diagnostic);
  return value;
}
