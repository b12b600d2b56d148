// What is computed once at load: for each call one program, that of its derived values and of the spectra that its kernels ask for.
import type { DerivedPlan } from '../../runtime/plan.ts';
import { type Body, type BodyCall, type Graph, type NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { isOp, type NodeOf } from '../ir/ops/index.ts';
import { nodeIn } from '../kernels/elements.ts';
import type { PlannedBodies } from './bodies.ts';
import { deriveProgram } from './derive-program.ts';
import { derivedPlan } from './derived-plan.ts';
import type { DerivedPlace, Memory, Region, SpectraPlace } from './memory.ts';
import { addSpectra } from './derive-spectra.ts';
import { plannedBody } from './steps.ts';

/** In the order of the calls. */
export function derivedPlans(graph: Graph, planned: PlannedBodies, memory: Memory): readonly DerivedPlan[] {
  return graph.calls.flatMap((call, index) => {
    const values = memory.derived.find((place) => place.call === call);
    const spectra = memory.spectra.filter((place) => place.call === index);
    return values === undefined && spectra.length === 0
      ? []
      : [planOf(graph, planned, call, values, spectra)];
  });
}

function planOf(
  graph: Graph,
  planned: PlannedBodies,
  call: BodyCall,
  values: DerivedPlace | undefined,
  spectra: readonly SpectraPlace[],
): DerivedPlan {
  const body = graph.bodies[call.body] ?? internal(`no body ${call.body}`);
  const { layout, program } = plannedBody(planned, call);
  // Where a call has the same weights as one before, that one's program has made its values.
  const regions = values?.regions ?? new Map<NodeId, Region>();
  if (spectra.length === 0) return derivedPlan({ graph, call, layout, program }, regions);
  const nodes = [...new Set(spectra.map(({ node }) => node))].map((id) => longConvAt(body, id));
  const filters = nodes.flatMap(({ inputs }) => inputs.slice(1));
  // A filter is computed once, whether only its spectra are read or its taps as well.
  const both = deriveProgram(body, [...new Set([...regions.keys(), ...filters])]);
  const arrayOf = (id: NodeId): number => both.arrays.findIndex(({ output }) => output === id);
  const plan = derivedPlan({ graph, call, layout, program: both }, regions);
  return addSpectra(plan, { body, nodes, places: spectra, arrayOf });
}

function longConvAt(body: Body, id: NodeId): NodeOf<'longconv'> {
  const node = nodeIn(body, id);
  return isOp(node, 'longconv') ? node : internal(`%${id} has spectra and is no longconv`);
}
