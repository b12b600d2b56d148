// The steps that make spectra of filters which a derived program has computed.
import type { DerivedArray, DerivedPlan, DerivedStep, SpectraPlan } from '../../runtime/plan.ts';
import { requireAxis, rowMajorStrides } from '../ir/axes.ts';
import type { Body, NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import type { NodeOf } from '../ir/ops/index.ts';
import { nodeIn } from '../kernels/elements.ts';
import { groupAxes } from '../kernels/longconv/roles.ts';
import type { SpectraPlace } from './memory.ts';

export interface SpectraOf {
  readonly body: Body;
  readonly nodes: readonly NodeOf<'longconv'>[];
  readonly places: readonly SpectraPlace[];
  /** The program's array that holds a filter. */
  readonly arrayOf: (filter: NodeId) => number;
}

/** The program, and then the spectra. */
export function addSpectra(program: DerivedPlan, { body, nodes, places, arrayOf }: SpectraOf): DerivedPlan {
  const arrays: DerivedArray[] = [...program.arrays];
  const steps: DerivedStep[] = [...program.steps];
  let { flops } = program;
  for (const node of nodes) {
    const groups = groupAxes(body, node);
    const sizes = groups.map(({ size }) => size);
    const filters = node.attrs.filters.map(({ axis, ahead, first, oldestFirst = false }, i) => {
      const id = node.inputs[i + 1] ?? internal('a longconv lacks a filter');
      const { axes } = nodeIn(body, id).type;
      // A filter is the same along the axes that it lacks.
      const own = rowMajorStrides(axes);
      const strides = [...groups.map(({ name }) => name), axis].map((name) => own.get(name) ?? 0);
      return { array: arrayOf(id), strides, lags: requireAxis(axes, axis).size, first, ahead, oldestFirst };
    });
    for (const { plan, turns, region } of places.filter((place) => place.node === node.id)) {
      const { buffer, byteOffset, bytes } = region;
      const out = arrays.push({ elements: bytes / 4, target: { buffer, byteOffset } }) - 1;
      steps.push({ kind: 'spectra', sizes, filters, turns, plan, out });
      flops += flopsOf(plan);
    }
  }
  return { ...program, flops, arrays, steps };
}

/** Of transforms by halves. */
function flopsOf({ radices, rows, segments }: SpectraPlan): number {
  const points = radices.reduce((all, radix) => all * radix, 1);
  return 5 * points * Math.log2(points) * rows.length * segments.length;
}
