// What is tried on a mutated source: every stage that it reaches.
import type { ConstantObject } from '../../compiler/check/constant.ts';
import { check, type Library } from '../../compiler/check/index.ts';
import { lower } from '../../compiler/lower/index.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { format, parse, type Diagnostic, type Source } from '../../grammar/index.ts';
import { hasErrors } from '../../grammar/source.ts';

/** How far a source came. */
export type Stage = 'refused' | 'parsed' | 'checked' | 'planned';

export interface Tried {
  readonly stage: Stage;
  /** What a user would read. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface Surroundings {
  readonly library: Library;
  /** Whether a valid model is planned as well, which takes most of the time. */
  readonly plan: boolean;
  readonly config?: ConstantObject;
}

/** Models of more layers than this are checked but not planned, to save time: plans grow with layers, not in kind. */
const mostCalls = 60;

export function parseOnly(source: Source): Tried {
  const { diagnostics } = parse(source);
  return { stage: hasErrors(diagnostics) ? 'refused' : 'parsed', diagnostics };
}

/** Parses; then prints, which must be a fixed point; then checks; then lowers, fuses and plans. */
export function tryAll(source: Source, { library, config, plan }: Surroundings): Tried {
  const isRead = requireFixedPoint(source);
  // What recovery leaves of a file that is refused is checked as well: it may say anything but must not throw.
  const { value: model, diagnostics } = check(checkInput(source, library, config));
  if (!isRead) return { stage: 'refused', diagnostics };
  if (model === undefined) {
    if (!hasErrors(diagnostics)) throw new Error('neither a model nor an error');
    return { stage: 'parsed', diagnostics };
  }
  const graph = lower(model);
  if (!plan || graph.calls.length > mostCalls) return { stage: 'checked', diagnostics };
  planGraph(graph, { chunk: 16, context: 64 });
  return { stage: 'planned', diagnostics };
}

function checkInput(source: Source, prelude: Library, config: ConstantObject | undefined) {
  return { source, prelude, resolve: () => undefined, ...(config === undefined ? {} : { config }) };
}

/** Printing what was printed must change nothing. False where the source cannot be read. */
export function requireFixedPoint(source: Source): boolean {
  const once = format(source).value;
  if (once === undefined) return false;
  const twice = format({ name: source.name, text: once });
  if (twice.value !== once) throw new Error(`not a fixed point:\n${once}\n---\n${twice.value}`);
  return true;
}
