// What fills the spectra that the kernels of long convolutions ask for: a derived program for each call that has such.
import type { DerivedPlan, DerivedStep, LoopStep } from '../../runtime/plan.ts';
import { rowMajorStrides } from '../ir/axes.ts';
import { type Axis, type Body, type BodyCall, elementCount, type Graph } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { isOp, type NodeOf } from '../ir/ops/index.ts';
import { nodeIn } from '../kernels/elements.ts';
import { groupAxes } from '../kernels/longconv/roles.ts';
import type { PlannedBodies } from './bodies.ts';
import { type DerivedProgram, deriveProgram } from './derive-program.ts';
import { derivedPlan } from './derived-plan.ts';
import type { Memory, SpectraPlace } from './memory.ts';
import { plannedBody } from './steps.ts';

/** In the order of the calls. */
export function spectraPlans(graph: Graph, planned: PlannedBodies, memory: Memory): readonly DerivedPlan[] {
  return graph.calls.flatMap((call, index) => {
    const places = memory.spectra.filter((place) => place.call === index);
    return places.length === 0 ? [] : [planOf(graph, planned, call, places)];
  });
}

function planOf(
  graph: Graph,
  planned: PlannedBodies,
  call: BodyCall,
  places: readonly SpectraPlace[],
): DerivedPlan {
  const body = graph.bodies[call.body] ?? internal(`no body ${call.body}`);
  const nodes = [...new Set(places.map(({ node }) => node))].map((id) => longConvAt(body, id));
  const filters = [...new Set(nodes.flatMap(({ inputs }) => inputs.slice(1)))];
  const program = deriveProgram(body, filters);
  const arrayOf = (id: number): number => program.arrays.findIndex(({ output }) => output === id);
  // The filters themselves go nowhere: what is read of them has its place elsewhere.
  const parts = { graph, call, layout: plannedBody(planned, call).layout, program: withoutOutputs(program) };
  const made = derivedPlan(parts, () => internal('a filter without a place'));
  const arrays = [...made.arrays];
  const steps: DerivedStep[] = [...made.steps];
  for (const node of nodes) {
    const groups = groupAxes(body, node);
    const taps = node.attrs.filters.map(({ axis, ahead, first, oldestFirst = false }, i) => {
      const id = node.inputs[i + 1] ?? internal('a longconv lacks a filter');
      const { axes } = nodeIn(body, id).type;
      const lag = axes.find(({ name }) => name === axis) ?? internal(`a filter lacks its axis '${axis}'`);
      const array = arrays.push({ elements: elementCount([...groups, lag]) }) - 1;
      steps.push(copied(arrayOf(id), axes, array, [...groups, lag]));
      return { array, lags: lag.size, first, ahead, oldestFirst };
    });
    for (const { plan, turns, region, node: id } of places) {
      if (id !== node.id) continue;
      const { buffer, byteOffset, bytes } = region;
      const out = arrays.push({ elements: bytes / 4, target: { buffer, byteOffset } }) - 1;
      steps.push({ kind: 'spectra', filters: taps, count: elementCount(groups), turns, plan, out });
    }
  }
  return { ...made, name: `${made.name}.spectra`, arrays, steps };
}

function longConvAt(body: Body, id: number): NodeOf<'longconv'> {
  const node = nodeIn(body, id);
  return isOp(node, 'longconv') ? node : internal(`%${id} has spectra and is no longconv`);
}

function withoutOutputs(program: DerivedProgram): DerivedProgram {
  return {
    ...program,
    arrays: program.arrays.map(({ elements, source }) => ({
      elements,
      ...(source !== undefined && { source }),
    })),
  };
}

/** The filter along the axes wanted, the lags last; it is the same along those that it lacks. */
function copied(array: number, axes: readonly Axis[], out: number, wanted: readonly Axis[]): LoopStep {
  const strides = rowMajorStrides(axes);
  const own = rowMajorStrides(wanted);
  return {
    kind: 'loop',
    function: 'copy',
    sizes: wanted.map(({ size }) => size),
    operands: [{ array, offset: 0, strides: wanted.map(({ name }) => strides.get(name) ?? 0) }],
    out: { array: out, offset: 0, strides: wanted.map(({ name }) => own.get(name) ?? 0) },
  };
}
