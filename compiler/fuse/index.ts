// The rewriting of a whole graph before its nodes are grouped into kernels. Every rule keeps the meaning of each body.
import { type Body, type Graph } from '../ir/graph.ts';
import { chooseSlots } from './choose-slots.ts';
import { factorOut } from './factor-out.ts';
import { foldConstants } from './fold-constants.ts';
import type { FusionNote } from './group.ts';
import { joinResults } from './join-results.ts';
import { longFilters } from './long-filters.ts';
import { sinkIntoScan } from './sink-into-scan.ts';
import { splitResults } from './split-results.ts';
import { splitStates } from './split-states.ts';

export interface Rewritten {
  readonly graph: Graph;
  readonly notes: ReadonlyMap<string, readonly FusionNote[]>;
}

/** A rule by name, for the conformance suite that proves each of them. */
export const REWRITE_RULES: Readonly<Record<string, (body: Body, notes?: FusionNote[]) => Body>> = {
  'split results': splitResults,
  'fold constants': foldConstants,
  'long filters': longFilters,
  'choose slots': chooseSlots,
  'factor out': factorOut,
  'sink into scan': sinkIntoScan,
  'split states': splitStates,
  'join results': joinResults,
};

/** Rules without which some bodies have no kernels: they are applied even where nothing is fused. */
const NEEDED: readonly string[] = ['split results'];

/** Applies the rules to every body, in their order; without fusion only those that are needed. */
export function rewriteGraph(graph: Graph, fuse = true): Rewritten {
  const rules = Object.entries(REWRITE_RULES).filter(([name]) => fuse || NEEDED.includes(name));
  const notes = new Map<string, readonly FusionNote[]>();
  const bodies = Object.entries(graph.bodies).map(([name, body]) => {
    const found: FusionNote[] = [];
    const rewritten = rules.reduce((now, [, rule]) => rule(now, found), body);
    notes.set(name, found);
    return [name, rewritten] as const;
  });
  return { graph: { ...graph, bodies: Object.fromEntries(bodies) }, notes };
}
