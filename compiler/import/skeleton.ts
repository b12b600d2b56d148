// The beginning of a model for a checkpoint that none fits: the nearest one's source, with what is to be changed above it.
import { print } from '../../grammar/index.ts';
import type { Declaration, ModelStatement } from '../../grammar/ast.ts';
import type { ConstantObject } from '../check/constant.ts';
import type { KnownModel } from './choose.ts';
import { fillIn, mentionsConfig } from './fill-in.ts';

/**
 * The text; each difference is a line of its comment. What the config says is filled in; `config.…` is left where it lacks a field.
 */
export function skeletonOf(
  { file, model }: KnownModel,
  checkpoint: string,
  config: ConstantObject,
  differences: readonly string[],
): string {
  const statements = fillIn(model.statements, config).filter((each) => each.kind !== 'fits' && !isMet(each));
  const fromConfig = mentionsConfig(statements);
  const declarations: readonly Declaration[] = file.declarations.map((declaration) =>
    declaration === model ? { ...model, fromConfig, statements } : fillIn(declaration, config),
  );
  const header = [
    `No model of the library fits ${checkpoint}. This is the nearest, \`${model.name.text}\`.`,
    'What sets the checkpoint apart, each to be settled below:',
    ...differences.map((line) => `- ${line}`),
  ];
  return `${header.map((line) => `// ${line}\n`).join('')}\n${print({ ...file, declarations })}`;
}

/** A requirement that the config meets. */
function isMet(statement: ModelStatement): boolean {
  if (statement.kind !== 'require') return false;
  return statement.condition.kind === 'boolean' && statement.condition.value;
}
