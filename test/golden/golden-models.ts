// The models whose every stage is kept as text.
import type { Graph } from '../../compiler/ir/graph.ts';
import { graphOf } from '../models/models.ts';

export const GOLDEN_MODELS = ['tiny-samba', 'full-attention', 'parallel-block'] as const;

/** A model of this folder; none of them asks for a config. Tests run in the project's root, so its texts name the file from there. */
export function goldenGraph(name: string): Graph {
  return graphOf(`test/golden/${name}.hyb`, 'test/golden/config.json');
}
