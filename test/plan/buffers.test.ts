// Kernels bind no more buffers than WebGPU's default limits allow, whatever the body: groups that would are split.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Graph } from '../../compiler/ir/graph.ts';
import { planGraph } from '../../compiler/plan-graph.ts';
import { fusableBody } from '../fuse/fusable-body.ts';
import { modelGraphs } from '../fuse/model-bodies.ts';
import { arbitraryBody } from '../ir/arbitrary-body.ts';
import { graphOf } from '../check/graph-of.ts';
import { sourceOf, stdCases } from '../std/std-cases.ts';
import { bodyGraph } from './body-graph.ts';

function expectDefaultLimits(graph: Graph): void {
  const { plan } = planGraph(graph, { chunk: 16 });
  const full = plan.kernels.filter(({ bindings }) => bindings.length > 8).map(({ name }) => name);
  expect(full).toEqual([]);
  expect(plan.requires.limits['maxStorageBuffersPerShaderStage']).toBeUndefined();
}

it.each(stdCases)('$name', (each) => expectDefaultLimits(graphOf(sourceOf(each), each.config)));

it.each(modelGraphs().map(([name, graph]) => ({ name, graph })))('$name', ({ graph }) =>
  expectDefaultLimits(graph),
);

it.each([
  ['any ops', arbitraryBody, 30],
  ['what fusion looks for', fusableBody, 30],
] as const)('random bodies of %s', (_name, bodies, numRuns) => {
  fc.assert(
    fc.property(bodies, (body) => expectDefaultLimits(bodyGraph(body))),
    { numRuns },
  );
});
