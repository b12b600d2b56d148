// What one check of one model shares: the reports, the declarations, and the work that may still be done.
import type { Diagnostic, Source } from '../../grammar/source.ts';
import type { Callee, Declarations } from './declarations.ts';
import type { LetterExposes, ModelNorm, Positions, Program } from './elaborate/context.ts';
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
export function collectReports(source: Source): Reports {
  const found: Diagnostic[] = [];
  const seen = new Set<string>();
  return {
    report: (diagnostic) => {
      const keys = keysOf(diagnostic, source);
      const isKnown = keys.some((key) => seen.has(key));
      for (const key of keys) seen.add(key);
      if (!isKnown && found.length < mostReports) found.push(diagnostic);
    },
    all: () => found,
  };
}

/**
 * Two diagnostics with a key in common say the same: letters that use one mixer meet its mistakes again and again, and a mistake
 * in a letter's argument is met at each use of the argument in the mixer. `source` is the user's file.
 */
function keysOf({ code, message, primary, secondary = [] }: Diagnostic, source: Source): readonly string[] {
  const isElsewhere = primary !== undefined && primary.span.source !== source;
  const elsewhere = isElsewhere ? secondary.filter(({ span }) => span.source === source) : [];
  const places = [primary?.span, ...elsewhere.map(({ span }) => span)];
  return places.map((span) => `${code} ${span?.source.name} ${span?.start} ${span?.end} ${message}`);
}

export interface ModelAnswers {
  readonly scope: Scope;
  readonly norm: () => ModelNorm | undefined;
  readonly exposed: (letter: string) => LetterExposes;
  readonly positions: () => Positions;
  readonly meta: () => number | null;
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
      get meta() {
        return model.meta();
      },
      get positions() {
        return model.positions();
      },
      exposed: model.exposed,
    },
  };
}
