// Leaves out what a config has made unnecessary: letters that no layer runs, and parameters that nothing reads.
import type { CheckpointEntry, File, ModelStatement } from '../../grammar/ast.ts';
import { forEachReference } from '../check/references.ts';
import { namesInPattern } from '../check/name-pattern.ts';

/** The statements without the letters that neither the layers nor the letters among them name, and without their lines in the checkpoint. */
export function withoutLetters(
  statements: readonly ModelStatement[],
  inLayers: ReadonlySet<string>,
): readonly ModelStatement[] {
  const bindings = statements.flatMap((statement) => (statement.kind === 'letters' ? statement.letters : []));
  const used = new Set(inLayers);
  const pending = [...used];
  while (pending.length > 0) {
    const name = pending.pop();
    const binding = bindings.find((each) => each.name.text === name);
    forEachReference(binding?.value, (reference) => {
      if (used.has(reference.name) || !bindings.some((each) => each.name.text === reference.name)) return;
      used.add(reference.name);
      pending.push(reference.name);
    });
  }
  const unused = new Set(bindings.map(({ name }) => name.text).filter((name) => !used.has(name)));
  return statements.flatMap((statement) => withoutUnused(statement, unused));
}

function withoutUnused(statement: ModelStatement, unused: ReadonlySet<string>): readonly ModelStatement[] {
  if (statement.kind === 'letters') {
    const letters = statement.letters.filter(({ name }) => !unused.has(name.text));
    return letters.length === 0 ? [] : [{ ...statement, letters }];
  }
  if (statement.kind !== 'checkpoint') return [statement];
  return [{ ...statement, entries: withoutLines(statement.entries, unused) }];
}

function withoutLines(
  entries: readonly CheckpointEntry[],
  unused: ReadonlySet<string>,
): readonly CheckpointEntry[] {
  return entries.flatMap((entry) => {
    if (entry.mode === 'layer') return [{ ...entry, entries: withoutLines(entry.entries, unused) }];
    const subjects = entry.subjects.filter(([first]) => first === undefined || !unused.has(first.text));
    return subjects.length === 0 && entry.subjects.length > 0 ? [] : [{ ...entry, subjects }];
  });
}

/** Without the params of the model that are named nowhere, nor in other such params. */
export function withoutUnusedParams(file: File): File {
  const said = new Map<string, number>();
  countNames(file.declarations, said);
  const isUnused = (statement: ModelStatement): boolean =>
    statement.kind === 'param' && said.get(statement.name.text) === 1;
  const declarations = file.declarations.map((declaration) =>
    declaration.kind === 'model'
      ? { ...declaration, statements: declaration.statements.filter((statement) => !isUnused(statement)) }
      : declaration,
  );
  const isSame = declarations.every((declaration, at) => {
    const before = file.declarations[at];
    return (
      declaration.kind !== 'model' ||
      before?.kind !== 'model' ||
      before.statements.length === declaration.statements.length
    );
  });
  return isSame ? file : withoutUnusedParams({ ...file, declarations });
}

/** How often each name is said: as a reference, a name, or in the braces of a tensor's name. */
function countNames(tree: unknown, said: Map<string, number>): void {
  if (typeof tree !== 'object' || tree === null) return;
  const count = (name: string): void => void said.set(name, (said.get(name) ?? 0) + 1);
  if ('kind' in tree && tree.kind === 'reference' && 'name' in tree) count(String(tree.name));
  if (!('kind' in tree) && 'text' in tree && typeof tree.text === 'string') count(tree.text);
  if ('kind' in tree && tree.kind === 'text' && 'value' in tree)
    for (const name of namesInPattern([{ text: String(tree.value) }])) count(name);
  for (const [key, part] of Object.entries(tree)) if (!key.endsWith('pan')) countNames(part, said);
}
