// The library: the declarations of its files, which are parsed when one of their names is first asked for.
import type { Declaration, Model } from '../../grammar/ast.ts';
import { parse, type Parsed } from '../../grammar/index.ts';
import type { Diagnostic, Source } from '../../grammar/source.ts';

export type Callee = Exclude<Declaration, Model>;

/** Opened once, it serves any number of checks: an editor that checks at every key need not read it again. */
export interface Library {
  /** The declaration of this name; what is wrong with its file is reported. */
  find(name: string, report: (diagnostic: Diagnostic) => void): Callee | undefined;
  readonly names: readonly string[];
  /** The first block: what a model uses unless it says otherwise. */
  readonly firstBlock: string | undefined;
}

export function openLibrary(sources: readonly Source[]): Library {
  const places = new Map<string, Source>();
  for (const source of sources) {
    for (const [, name] of source.text.matchAll(/^(?:mixer|block|function)\s+(\w+)/gm)) {
      if (name !== undefined && !places.has(name)) places.set(name, source);
    }
  }
  const parsed = new Map<Source, Parsed>();
  const blocks = sources.flatMap(({ text }) =>
    [...text.matchAll(/^block\s+(\w+)/gm)].map(([, name]) => name),
  );
  return {
    find: (name, report) => {
      const source = places.get(name);
      if (source === undefined) return undefined;
      const { value, diagnostics } = parsed.get(source) ?? parse(source);
      parsed.set(source, { value, diagnostics });
      for (const diagnostic of diagnostics) report(diagnostic);
      return value.declarations.find(
        (declaration): declaration is Callee =>
          declaration.kind !== 'model' && declaration.name.text === name,
      );
    },
    names: [...places.keys()],
    firstBlock: blocks[0],
  };
}
