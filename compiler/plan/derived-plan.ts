// A body's derived program for one call: which weights and constants go into its arrays, and where its results go.
import type { DerivedArray, DerivedPlan, WeightPlan } from '../../runtime/plan.ts';
import type { BodyCall, NodeId } from '../ir/graph.ts';
import { nodeIn } from '../kernels/elements.ts';
import { rowMajor } from '../kernels/place.ts';
import type { ProgramArray } from './derive-draft.ts';
import type { FixedParts } from './fixed-memory.ts';
import type { Region } from './memory.ts';
import { otherReads, readsOf, weightOf } from './weight-reads.ts';

/** `regions` are where derived values have their places; one that has none is only read by the program itself. */
export function derivedPlan(parts: FixedParts, regions: ReadonlyMap<NodeId, Region>): DerivedPlan {
  const { graph, call, program } = parts;
  const body = graph.bodies[call.body];
  if (body === undefined) throw new Error(`internal: no body ${call.body}`);
  const weights: WeightPlan<'f64'>[] = [];
  const otherwise: WeightPlan<'f64'>[] = [];
  program.arrays.forEach(({ source }, buffer) => {
    const node = source === undefined ? undefined : nodeIn(body, source);
    if (node?.op !== 'weight') return;
    const { axes } = node.type;
    const weight = weightOf(graph, call, node.attrs['name']);
    const read = { weight, axes, place: { offset: 0, strides: rowMajor(axes) } };
    weights.push(...readsOf(read, { buffer, byteOffset: 0 }, 'f64'));
    otherwise.push(...otherReads(read, { buffer, byteOffset: 0 }, 'f64'));
  });
  return {
    name: nameOf(call),
    flops: program.flops,
    arrays: program.arrays.map((array) => arrayOf(array, parts, regions)),
    weights,
    ...(otherwise.length > 0 && { otherwise }),
    steps: program.steps,
  };
}

function nameOf({ layer, label }: BodyCall): string {
  return layer === undefined ? label : `layers.${layer}.${label}`;
}

function arrayOf(
  { elements, source, output }: ProgramArray,
  { graph, call, layout }: FixedParts,
  regions: ReadonlyMap<NodeId, Region>,
): DerivedArray {
  const name = source === undefined ? '' : String(graph.bodies[call.body]?.nodes[source]?.attrs['name']);
  const values = call.parameters[name];
  if (source !== undefined && values !== undefined) return { elements, values };
  const region = output === undefined ? undefined : regions.get(output);
  if (output === undefined || region === undefined) return { elements };
  const { buffer, byteOffset } = region;
  const offset = layout.derived.get(output)?.offset ?? 0;
  return { elements, target: { buffer, byteOffset: byteOffset + 4 * offset } };
}
