// Where a call's weights, constants and derived values lie, and how they get there.
import type { WeightPlan } from '../../runtime/plan.ts';
import { type BodyCall, type Graph, type NodeId } from '../ir/graph.ts';
import type { BodyLayout, WeightPlace } from '../kernels/body-layout.ts';
import { nodeIn } from '../kernels/elements.ts';
import { ENCODINGS } from '../kernels/encodings.ts';
import type { DerivedProgram } from './derive-program.ts';
import { type Memory, type Region } from './memory.ts';
import { otherReads, readsOf, weightOf } from './weight-reads.ts';

/** A call, and what is known of its body. */
export interface FixedParts {
  readonly graph: Graph;
  readonly call: BodyCall;
  readonly layout: BodyLayout;
  readonly program: DerivedProgram;
}

/** A block of weights of one call, loaded once however many calls share it; or one of its large derived values. */
export function blockRegion(memory: Memory, parts: FixedParts, index: number): Region {
  const { graph, call, layout } = parts;
  const block = layout.blocks[index];
  const body = graph.bodies[call.body];
  if (block === undefined || body === undefined) throw new Error(`internal: no block ${index}`);
  if (block.weights.some((id) => layout.derived.has(id))) return derivedRegions(memory, parts)(index);
  const places = block.weights.map((id) => ({
    weight: weightOf(graph, call, nodeIn(body, id).attrs['name']),
    place: layout.weights.get(id) as WeightPlace,
    axes: nodeIn(body, id).type.axes,
  })); // Blocks hold placed weights.
  const key = JSON.stringify([
    'block',
    block.encoding,
    block.elements,
    places.map(({ weight, place }) => [
      weight.id,
      place.offset,
      place.strides.map((stride) => stride.stride),
    ]),
  ]);
  return memory.region(key, () => {
    const encoding = ENCODINGS[block.encoding];
    const region = memory.take('weights', (block.elements / 4) * encoding.bytesPerQuad);
    for (const { weight, place, axes } of places)
      load(memory, { weight, axes, place }, region, block.encoding);
    return region;
  });
}

/** A call's small weights and constants, and the small values derived from them. */
export function vectorsRegion(memory: Memory, parts: FixedParts): Region {
  return derivedRegions(memory, parts)(undefined);
}

/**
 * Where the call's vectors lie, for no index, and each of its large derived values, by its block's. All are made at once, because one
 * program fills them; calls that have the same weights and constants share them.
 */
function derivedRegions(memory: Memory, parts: FixedParts): (block: number | undefined) => Region {
  const { graph, call, layout, program } = parts;
  const body = graph.bodies[call.body];
  if (body === undefined) throw new Error(`internal: no body ${call.body}`);
  const read = program.arrays.flatMap(({ source }) => (source === undefined ? [] : [source]));
  const vectors = [...layout.weights].filter(([, place]) => place.block === undefined).map(([id]) => id);
  const names = [...new Set([...vectors, ...read])].map((id) => String(nodeIn(body, id).attrs['name']));
  const own = names.map((name) => call.weights[name] ?? call.parameters[name]);
  const keyOf = (block: number | undefined): string => JSON.stringify(['vectors', call.body, own, block]);
  const vectorRegion = memory.region(keyOf(undefined), () => {
    const region = memory.take('constants', 4 * layout.vectorElements);
    loadVectors(memory, parts, region, vectors);
    const regions = new Map(
      [...layout.derived].map(([id, { block }]) => {
        if (block === undefined) return [id, region] as const;
        const bytes = 4 * (layout.blocks[block]?.elements ?? 0);
        return [id, memory.region(keyOf(block), () => memory.take('constants', bytes))] as const;
      }),
    );
    if (program.steps.length > 0) memory.derived.push({ call, regions });
    return region;
  });
  return (block) => (block === undefined ? vectorRegion : memory.known(keyOf(block)));
}

function loadVectors(
  memory: Memory,
  { graph, call, layout }: FixedParts,
  region: Region,
  vectors: readonly NodeId[],
): void {
  const body = graph.bodies[call.body];
  if (body === undefined) throw new Error(`internal: no body ${call.body}`);
  for (const id of vectors) {
    const node = nodeIn(body, id);
    const place = layout.weights.get(id) as WeightPlace; // Vectors are placed.
    const name = String(node.attrs['name']);
    if (node.op === 'parameter') {
      const values = call.parameters[name];
      if (values === undefined) throw new Error(`internal: call of ${call.body} lacks parameter ${name}`);
      const byteOffset = region.byteOffset + 4 * place.offset;
      memory.constants.push({ buffer: region.buffer, byteOffset, values });
    } else {
      load(memory, { weight: weightOf(graph, call, name), axes: node.type.axes, place }, region, 'f32');
    }
  }
}

function load(
  memory: Memory,
  read: Parameters<typeof readsOf>[0],
  region: Region,
  encoding: WeightPlan['encoding'],
): void {
  memory.weights.push(...readsOf(read, region, encoding));
  memory.otherwise.push(...otherReads(read, region, encoding));
}
