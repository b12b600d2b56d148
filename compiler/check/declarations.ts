// What can be named: the declarations of the file, of the files it imports, and of the library.
import type { Declaration, File, Import, Model } from '../../grammar/ast.ts';
import { parse } from '../../grammar/index.ts';
import type { Diagnostic, Source } from '../../grammar/source.ts';
import * as errors from './errors.ts';

export type Callee = Exclude<Declaration, Model>;

export interface Declarations {
  readonly model?: Model;
  find(name: string): Callee | undefined;
  names(): readonly string[];
  /** The first block of the library: what a model uses unless it says otherwise. */
  usualBlock(): Callee | undefined;
}

/** Gives the source of an imported file, or undefined where there is none. */
export type Resolve = (path: string, from: Source) => Source | undefined;

export function readDeclarations(
  source: Source,
  resolve: Resolve,
  prelude: readonly Source[],
  report: (diagnostic: Diagnostic) => void,
): Declarations {
  const own = new Map<string, Callee>();
  const file = readFile(source, resolve, report, own, new Set());
  const library = readPrelude(prelude, report);
  const models = file.declarations.filter((declaration) => declaration.kind === 'model');
  const [model, ...others] = models;
  for (const other of others) if (model) report(errors.severalModels(other.name.span, model.name.span));
  return {
    ...(model === undefined ? {} : { model }),
    find: (name) => own.get(name) ?? library.find(name),
    names: () => [...own.keys(), ...library.names],
    usualBlock: () => (library.firstBlock === undefined ? undefined : library.find(library.firstBlock)),
  };
}

/** Reads a file and what it imports; a name of the importing file hides an imported one. */
function readFile(
  source: Source,
  resolve: Resolve,
  report: (diagnostic: Diagnostic) => void,
  into: Map<string, Callee>,
  seen: Set<string>,
): File {
  seen.add(source.name);
  const { value: file, diagnostics } = parse(source);
  for (const diagnostic of diagnostics) report(diagnostic);
  const here = new Map<string, Callee>();
  for (const declaration of file.declarations) {
    if (declaration.kind === 'model') continue;
    const { text, span } = declaration.name;
    const before = here.get(text);
    if (before !== undefined) report(errors.declaredTwice(span, text, before.name.span));
    else here.set(text, declaration);
  }
  for (const [name, declaration] of here) if (!into.has(name)) into.set(name, declaration);
  for (const statement of file.imports) readImport(statement, source, resolve, report, into, seen);
  return file;
}

function readImport(
  statement: Import,
  from: Source,
  resolve: Resolve,
  report: (diagnostic: Diagnostic) => void,
  into: Map<string, Callee>,
  seen: Set<string>,
): void {
  const source = resolve(statement.path, from);
  if (source === undefined) return report(errors.importNotFound(statement.pathSpan, statement.path));
  if (seen.has(source.name)) return;
  const file = readFile(source, resolve, report, into, seen);
  const names = file.declarations.map((declaration) => declaration.name.text);
  for (const { text, span } of statement.names ?? []) {
    if (!names.includes(text)) report(errors.importedNameMissing(span, text, statement.path, names));
  }
}

interface Library {
  find(name: string): Callee | undefined;
  readonly names: readonly string[];
  readonly firstBlock: string | undefined;
}

/** The library's files are parsed when one of their names is first asked for. */
function readPrelude(prelude: readonly Source[], report: (diagnostic: Diagnostic) => void): Library {
  const places = new Map<string, Source>();
  for (const source of prelude) {
    for (const [, name] of source.text.matchAll(/^(?:mixer|block|function)\s+(\w+)/gm)) {
      if (name !== undefined && !places.has(name)) places.set(name, source);
    }
  }
  const parsed = new Map<Source, File>();
  const find = (name: string): Callee | undefined => {
    const source = places.get(name);
    if (source === undefined) return undefined;
    const file = parsed.get(source) ?? parsePrelude(source, report);
    parsed.set(source, file);
    return file.declarations.find(
      (declaration): declaration is Callee => declaration.kind !== 'model' && declaration.name.text === name,
    );
  };
  const blocks = prelude.flatMap(({ text }) =>
    [...text.matchAll(/^block\s+(\w+)/gm)].map(([, name]) => name),
  );
  return { find, names: [...places.keys()], firstBlock: blocks[0] };
}

function parsePrelude(source: Source, report: (diagnostic: Diagnostic) => void): File {
  const { value, diagnostics } = parse(source);
  for (const diagnostic of diagnostics) report(diagnostic);
  return value;
}
