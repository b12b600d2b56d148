// What can be named: the declarations of the file, of the files it imports, and of the library.
import type { File, Import, Model } from '../../grammar/ast.ts';
import { parse } from '../../grammar/index.ts';
import type { Diagnostic, Source } from '../../grammar/source.ts';
import * as errors from './errors.ts';
import { openLibrary, type Callee, type Library } from './library.ts';

export type { Callee } from './library.ts';

export interface Declarations {
  /** False where a file could not be read as a whole: what else is wrong with it may follow from that. */
  readonly readable: boolean;
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
  prelude: readonly Source[] | Library,
  report: (diagnostic: Diagnostic) => void,
): Declarations {
  const own = new Map<string, Callee>();
  let readable = true;
  const reportUnreadable = (diagnostic: Diagnostic): void => {
    if (diagnostic.severity === 'error') readable = false;
    report(diagnostic);
  };
  const file = readFile(source, { resolve, report, reportUnreadable, own, seen: new Set() });
  const library = 'firstBlock' in prelude ? prelude : openLibrary(prelude);
  const models = file.declarations.filter((declaration) => declaration.kind === 'model');
  const [model, ...others] = models;
  for (const other of others) if (model) report(errors.severalModels(other.name.span, model.name.span));
  return {
    readable,
    ...(model === undefined ? {} : { model }),
    find: (name) => own.get(name) ?? library.find(name, report),
    names: () => [...own.keys(), ...library.names],
    usualBlock: () =>
      library.firstBlock === undefined ? undefined : library.find(library.firstBlock, report),
  };
}

interface Reading {
  readonly resolve: Resolve;
  readonly report: (diagnostic: Diagnostic) => void;
  /** For what keeps a file, or a part of it, from being read. */
  readonly reportUnreadable: (diagnostic: Diagnostic) => void;
  readonly own: Map<string, Callee>;
  readonly seen: Set<string>;
}

/** Reads a file and what it imports; a name of the importing file hides an imported one. */
function readFile(source: Source, reading: Reading): File {
  const { report, reportUnreadable, own, seen } = reading;
  seen.add(source.name);
  const { value: file, diagnostics } = parse(source);
  for (const diagnostic of diagnostics) reportUnreadable(diagnostic);
  const here = new Map<string, Callee>();
  for (const declaration of file.declarations) {
    if (declaration.kind === 'model') continue;
    const { text, span } = declaration.name;
    const before = here.get(text);
    if (before !== undefined) report(errors.declaredTwice(span, text, before.name.span));
    else here.set(text, declaration);
  }
  for (const [name, declaration] of here) if (!own.has(name)) own.set(name, declaration);
  for (const statement of file.imports) readImport(statement, source, reading);
  return file;
}

function readImport(statement: Import, from: Source, reading: Reading): void {
  const source = reading.resolve(statement.path, from);
  if (source === undefined)
    return reading.reportUnreadable(errors.importNotFound(statement.pathSpan, statement.path));
  if (reading.seen.has(source.name)) return;
  const file = readFile(source, reading);
  const names = file.declarations.map((declaration) => declaration.name.text);
  for (const { text, span } of statement.names ?? []) {
    if (!names.includes(text))
      reading.reportUnreadable(errors.importedNameMissing(span, text, statement.path, names));
  }
}
