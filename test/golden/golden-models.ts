// The models whose every stage is kept as text.
import { fileURLToPath } from 'node:url';
import type { Graph } from '../../compiler/ir/graph.ts';
import { graphOf } from '../models/models.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const GOLDEN_MODELS = ['tiny-samba', 'full-attention', 'parallel-block'] as const;

/** A model of this folder; none of them asks for a config. */
export function goldenGraph(name: string): Graph {
  return graphOf(`${root}test/golden/${name}.hyb`, `${root}test/golden/config.json`);
}
