// What a model is given at each position where that is no token: `input features : width`.
import type { InputBinding, Model } from '../../grammar/ast.ts';
import type { GraphFeatures } from '../ir/graph.ts';
import { axesOfTerms, resolveShape } from './elaborate/axes.ts';
import type { Frame, Program } from './elaborate/context.ts';
import { emit } from './elaborate/emit.ts';
import { failed, type Value } from './elaborate/value.ts';
import * as errors from './errors.ts';

/** The model's input; undefined for a model of tokens. Reports a second one, a default, and a vocabulary beside it. */
export function readInput(model: Model, program: Program): InputBinding | undefined {
  const bindings = model.statements.flatMap((statement) =>
    statement.kind === 'input' ? statement.inputs : [],
  );
  const [first, second] = bindings;
  if (first === undefined) return undefined;
  if (second !== undefined) program.report(errors.statementTwice(second.span, 'input', first.span));
  if (first.default !== undefined) program.report(errors.inputDefault(first.default.span, first.name.text));
  const vocab = model.statements.find(
    (statement) => statement.kind === 'setting' && statement.name.text === 'vocab',
  );
  if (vocab !== undefined) program.report(errors.tokensOrFeatures(first.span, vocab.span));
  return first;
}

/** The features, in a body of one of the model's ends. */
export function featuresTensor(frame: Frame, { name, shape, span }: InputBinding): Value {
  const terms = resolveShape(frame, shape);
  if (terms === undefined) return failed;
  const axes = axesOfTerms(frame.body, terms).map((axis) => ({ name: axis.name, size: axis.size }));
  return emit(frame, { op: 'features', inputs: [], attrs: { name: name.text, axes }, name: name.text, span });
}

/** The features as a graph names them; undefined where a body reads none. */
export function featuresOf(
  nodes: readonly { readonly op: string; readonly attrs: object }[],
): GraphFeatures | undefined {
  const node = nodes.find(({ op }) => op === 'features');
  return node?.attrs as GraphFeatures | undefined; // The op's attributes are these.
}
