// The graphs of every model in the repository, small or published, and the bodies of their letters.
import { isCausal } from '../../compiler/ir/causality.ts';
import type { Body, Graph } from '../../compiler/ir/graph.ts';
import { goldenGraph } from '../golden/golden-models.ts';
import { fixtures, graphOf, modelPath } from '../models/models.ts';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Each model of the tests that generates text, under its first config, and the example. */
export function modelGraphs(): readonly (readonly [name: string, graph: Graph])[] {
  const published = fixtures.map(
    ({ name, model, folder }) =>
      [`${model} ${name}`, graphOf(modelPath(model), `${folder}config.json`)] as const,
  );
  const example = graphOf(
    `${root}examples/samba-stories/samba.hyb`,
    `${root}examples/samba-stories/config.json`,
  );
  const generating = published.filter(([, graph]) => graph.features === undefined && isCausal(graph));
  return [...generating, ['samba-stories', example], ['mixers', goldenGraph('mixers')]];
}

export function modelBodies(): readonly (readonly [name: string, body: Body])[] {
  return modelGraphs().flatMap(([name, graph]) =>
    Object.entries(graph.bodies).map(([body, value]) => [`${name}: ${body}`, value] as const),
  );
}
