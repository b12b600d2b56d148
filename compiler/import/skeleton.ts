// The beginning of a model for a checkpoint that none fits: the nearest one's source, with what is to be changed above it.
import { print } from '../../grammar/index.ts';
import type { Declaration } from '../../grammar/ast.ts';
import type { KnownModel } from './choose.ts';

/** The text; each difference is a line of its comment. */
export function skeletonOf(
  { file, model }: KnownModel,
  checkpoint: string,
  differences: readonly string[],
): string {
  const statements = model.statements.filter(({ kind }) => kind !== 'fits');
  const declarations: readonly Declaration[] = file.declarations.map((declaration) =>
    declaration === model ? { ...model, statements } : declaration,
  );
  const header = [
    `No model of the library fits ${checkpoint}. This is the nearest, \`${model.name.text}\`.`,
    'What sets the checkpoint apart, each to be settled below:',
    ...differences.map((line) => `- ${line}`),
  ];
  return `${header.map((line) => `// ${line}\n`).join('')}\n${print({ ...file, declarations })}`;
}
