// The model's norm: a library function, with the arguments that every instance passes on.
import type { Model } from '../../grammar/ast.ts';
import { bindArguments } from './elaborate/arguments.ts';
import type { Frame, ModelNorm, Program } from './elaborate/context.ts';
import * as errors from './errors.ts';
import { modelOwner, type ModelScope } from './model-scope.ts';

/** The norm of a model that says none. */
const usualNorm = 'rms';

export function readModelNorm(model: Model, program: Program, scope: ModelScope): ModelNorm | undefined {
  const statements = model.statements.filter((statement) => statement.kind === 'modelNorm');
  const [statement, second] = statements;
  if (statement !== undefined && second !== undefined)
    program.report(errors.statementTwice(second.span, 'norm', statement.span));
  const name = statement === undefined ? usualNorm : nameOf(statement.value);
  const span = statement?.span ?? model.name.span;
  const declaration = name === undefined ? undefined : program.declaration(name);
  if (declaration?.kind !== 'function' || name === undefined) {
    program.report(problem(statement === undefined, name, declaration !== undefined, span, program));
    return undefined;
  }
  const frame: Frame = { body: scope.scratch, scope: scope.own, owner: modelOwner, depth: 0, model: true };
  const args = statement?.value.kind === 'call' ? bindArguments(frame, statement.value.arguments) : [];
  return {
    callable: { kind: 'function', declaration },
    arguments: args,
    bias: statement?.bias ?? false,
    span,
  };
}

function nameOf(value: { readonly kind: string }): string | undefined {
  const callee = value.kind === 'call' && 'callee' in value ? value.callee : value;
  return isReference(callee) ? callee.name : undefined;
}

function isReference(node: unknown): node is { readonly name: string } {
  return (
    typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'reference' && 'name' in node
  );
}

function problem(
  usual: boolean,
  name: string | undefined,
  known: boolean,
  span: ModelNorm['span'],
  program: Program,
) {
  if (usual) return errors.defaultMissing(span, 'norm', usualNorm);
  if (name === undefined || known) return errors.normNotFunction(span);
  return errors.unknownFunction(span, name, program.declarationNames());
}
