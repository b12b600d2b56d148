// Starts the context in which one body is elaborated.
import type { Span } from '../../../grammar/source.ts';
import type { BodyContext, Occurrence, Program } from './context.ts';
import { graphBuilder } from './graph-builder.ts';

/** `from` gives the axes that the model itself has named, so that no body gives their names other sizes. */
export function newBody(
  program: Program,
  name: string,
  occurrences: readonly Occurrence[],
  layerCount: number,
  from?: BodyContext,
  origin?: Span,
): BodyContext {
  return {
    program,
    name,
    ...(origin === undefined ? {} : { origin }),
    graph: graphBuilder('body'),
    occurrences,
    layerCount,
    siteCount: occurrences.length,
    axisNames: new Map(from?.axisNames),
    lagAxes: new Map(from?.lagAxes),
    sums: new Map(from?.sums),
    slots: new Map(),
    declaredWeights: new Map(from?.declaredWeights),
    declaredParts: new Map(),
    exposed: new Map(),
    parameters: new Map(),
    reads: new Map(),
    places: new Map(),
  };
}
