// The whole pipeline on one screen: source → syntax tree → model → graph → rewritten graph → plan.
import { type Checked, hasErrors } from '../grammar/source.ts';
import { check, type CheckInput, type Model } from './check/index.ts';
import { type GraphOptions, graphOf } from './lower/compile-to-graph.ts';
import { type CompileOptions, planGraph, type PlannedGraph } from './plan-graph.ts';

export interface Compiled extends PlannedGraph {
  readonly model: Model;
}

export type CompileInput = CheckInput & CompileOptions & GraphOptions;

/** Compiles one model. Everything that is wrong with the source comes back as diagnostics; `value` is there if nothing is. */
export function compile(input: CompileInput): Checked<Compiled> {
  const checked = check(input);
  if (checked.value === undefined || hasErrors(checked.diagnostics))
    return { diagnostics: checked.diagnostics };
  return { value: compileModel(checked.value, input), diagnostics: checked.diagnostics };
}

/** What follows the check, which cannot fail but by our own mistake. */
export function compileModel(model: Model, options: CompileOptions & GraphOptions): Compiled {
  return { model, ...planGraph(graphOf(model, options), options) };
}

export type { CompileOptions, PlannedGraph } from './plan-graph.ts';
