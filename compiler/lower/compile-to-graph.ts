// From a source to its graph: check, lower, and put modes in place of filters where that is asked for.
import type { Checked } from '../../grammar/source.ts';
import { check, type CheckInput } from '../check/index.ts';
import type { Model } from '../check/index.ts';
import { modalGraph } from '../distill/modal-graph.ts';
import type { Graph } from '../ir/graph.ts';
import { lower } from './index.ts';

export interface GraphOptions {
  /** So many modes, fitted before, stand in for each causal filter given by taps. */
  readonly modes?: number | undefined;
}

export function compileToGraph(input: CheckInput & GraphOptions): Checked<Graph> {
  const { value: model, diagnostics } = check(input);
  return model === undefined ? { diagnostics } : { value: graphOf(model, input), diagnostics };
}

export function graphOf(model: Model, { modes }: GraphOptions): Graph {
  const lowered = lower(model);
  return modes === undefined ? lowered : modalGraph(lowered, modes);
}
