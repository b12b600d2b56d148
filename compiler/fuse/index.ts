// The rewriting of a whole graph before its nodes are grouped into kernels. Every rule keeps the meaning of each body.
import { type Body, type Graph } from '../ir/graph.ts';
import { factorOut } from './factor-out.ts';
import { foldConstants } from './fold-constants.ts';
import type { FusionNote } from './group.ts';
import { sinkIntoScan } from './sink-into-scan.ts';

export interface Rewritten {
  readonly graph: Graph;
  readonly notes: ReadonlyMap<string, readonly FusionNote[]>;
}

/** A rule by name, for the conformance suite that proves each of them. */
export const REWRITE_RULES: Readonly<Record<string, (body: Body, notes?: FusionNote[]) => Body>> = {
  'fold constants': foldConstants,
  'factor out': factorOut,
  'sink into scan': sinkIntoScan,
};

export function rewriteGraph(graph: Graph): Rewritten {
  const notes = new Map<string, readonly FusionNote[]>();
  const bodies = Object.entries(graph.bodies).map(([name, body]) => {
    const found: FusionNote[] = [];
    const rewritten = Object.values(REWRITE_RULES).reduce((now, rule) => rule(now, found), body);
    notes.set(name, found);
    return [name, rewritten] as const;
  });
  return { graph: { ...graph, bodies: Object.fromEntries(bodies) }, notes };
}
