// From a source to its graph: check, then lower.
import type { Checked } from '../../grammar/source.ts';
import { check, type CheckInput } from '../check/index.ts';
import type { Graph } from '../ir/graph.ts';
import { lower } from './index.ts';

export function compileToGraph(input: CheckInput): Checked<Graph> {
  const { value: model, diagnostics } = check(input);
  return model === undefined ? { diagnostics } : { value: lower(model), diagnostics };
}
