// Whether a model is causal: whether each position depends on no later one, so that it can go on token by token.
import type { AnyNode, Body, BodyCall, Graph } from './graph.ts';
import { recordOf } from './ops/index.ts';

/** A node that reads later positions, and the call that runs it. */
export interface ReadsAhead {
  readonly call: BodyCall;
  readonly node: AnyNode;
}

/** Whether no position reads a later one. Where one does, the whole sequence must be one run, and nothing is decoded. */
export function isCausal(graph: Graph): boolean {
  return readsAhead(graph) === undefined;
}

/** The first node, in the order in which the model runs, that reads later positions; undefined where the model is causal. */
export function readsAhead({ bodies, calls }: Pick<Graph, 'bodies' | 'calls'>): ReadsAhead | undefined {
  for (const call of calls) {
    const body = bodies[call.body];
    const node = body === undefined ? undefined : nodeReadingAhead(body);
    if (node !== undefined) return { call, node };
  }
  return undefined;
}

/** The body's first node that reads later positions. */
export function nodeReadingAhead({ nodes }: Body): AnyNode | undefined {
  return nodes.find(({ op, attrs }) => {
    const record = recordOf(op);
    return record.kind === 'temporal' && !record.causal(attrs);
  });
}
