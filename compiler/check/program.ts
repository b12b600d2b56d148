// What one check of one model shares: the reports, the declarations, and the work that may still be done.
import type { Diagnostic } from '../../grammar/source.ts';
import type { Callee, Declarations } from './declarations.ts';
import type { LetterExposes, ModelNorm, Program } from './elaborate/context.ts';
import { namesSaid } from './elaborate/recursion.ts';
import type { Scope } from './elaborate/scope.ts';

/** No model needs more evaluated expressions than this; it takes about a second. */
const mostSteps = 1_000_000;

/** More diagnostics than this help nobody. */
const mostReports = 100;

export interface Reports {
  readonly report: (diagnostic: Diagnostic) => void;
  readonly all: () => readonly Diagnostic[];
}

/** Keeps each diagnostic once: letters that use one mixer meet its mistakes again and again. */
export function collectReports(): Reports {
  const found = new Map<string, Diagnostic>();
  return {
    report: (diagnostic) => {
      const { code, message, primary } = diagnostic;
      const place =
        primary === undefined ? '' : `${primary.span.source.name} ${primary.span.start} ${primary.span.end}`;
      const key = `${code} ${place} ${message}`;
      if (!found.has(key) && found.size < mostReports) found.set(key, diagnostic);
    },
    all: () => [...found.values()],
  };
}

export interface ModelAnswers {
  readonly scope: Scope;
  readonly norm: () => ModelNorm | undefined;
  readonly exposed: (letter: string) => LetterExposes;
}

export function newProgram(
  declarations: Declarations,
  report: (diagnostic: Diagnostic) => void,
  model: ModelAnswers,
): Program {
  const references = new Map<Callee, readonly Callee[]>();
  return {
    report,
    declaration: declarations.find,
    declarationNames: declarations.names,
    usualBlock: declarations.usualBlock,
    references: (declaration) => {
      const known = references.get(declaration);
      if (known !== undefined) return known;
      const found = [...namesSaid(declaration)].flatMap((name) => declarations.find(name) ?? []);
      references.set(declaration, found);
      return found;
    },
    cycles: new Map(),
    budget: { left: mostSteps, exhausted: false },
    model: {
      scope: model.scope,
      get norm() {
        return model.norm();
      },
      meta: null,
      exposed: model.exposed,
    },
  };
}
