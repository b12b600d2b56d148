// Buffers that outlive a program: weights with what is loaded into them, constants, derived values, states.
import type { BufferPlan, BufferUse, ConstantPlan, StatePlan, WeightPlan } from '../../runtime/plan.ts';
import {
  type Axis,
  type BodyCall,
  elementCount,
  type Graph,
  type GraphWeight,
  inOtherLayout,
  type NodeId,
  type TensorView,
} from '../ir/graph.ts';
import {
  type BodyLayout,
  memoryWith,
  roundUp,
  type StateLayout,
  type WeightPlace,
} from '../kernels/body-layout.ts';
import { SLOT_AXIS } from '../kernels/attend-kernel.ts';
import { ENCODINGS } from '../kernels/encodings.ts';
import { nodeIn } from '../kernels/elements.ts';
import { valueOwner } from '../ir/memory.ts';

/** A piece of a buffer. */
export interface Region {
  readonly buffer: number;
  readonly byteOffset: number;
  readonly bytes: number;
}

/** No buffer is made larger than WebGPU's default limit unless one region is. */
const LARGEST_BUFFER = 256 * 1024 * 1024;

export class Memory {
  readonly buffers: { name: string; use: BufferUse; bytes: number }[] = [];
  readonly weights: WeightPlan[] = [];
  readonly otherwise: WeightPlan[] = [];
  readonly constants: ConstantPlan[] = [];
  readonly states: StatePlan[] = [];
  readonly #regions = new Map<string, Region>();
  readonly #open = new Map<BufferUse, number>();

  plans(): readonly BufferPlan[] {
    return this.buffers.map((buffer) => ({ ...buffer, bytes: Math.max(256, roundUp(buffer.bytes, 16)) }));
  }

  /** A whole buffer. */
  buffer(name: string, use: BufferUse, bytes: number): number {
    return this.buffers.push({ name, use, bytes }) - 1;
  }

  /** Room in the open buffer of a use. */
  take(use: BufferUse, bytes: number): Region {
    const size = roundUp(bytes, 256);
    const open = this.#open.get(use);
    const last = open === undefined ? undefined : this.buffers[open];
    const index =
      open !== undefined && last !== undefined && last.bytes + size <= LARGEST_BUFFER
        ? open
        : this.#begin(use);
    const buffer = this.buffers[index];
    if (buffer === undefined) throw new Error('internal: no open buffer');
    const byteOffset = buffer.bytes;
    buffer.bytes += size;
    return { buffer: index, byteOffset, bytes };
  }

  #begin(use: BufferUse): number {
    const count = this.buffers.filter((buffer) => buffer.use === use).length;
    const index = this.buffer(count === 0 ? use : `${use}_${count + 1}`, use, 0);
    this.#open.set(use, index);
    return index;
  }

  /** The region of a key, made the first time it is asked for. */
  region(key: string, make: () => Region): Region {
    const known = this.#regions.get(key);
    if (known !== undefined) return known;
    const region = make();
    this.#regions.set(key, region);
    return region;
  }
}

/** The block of weights of one call, loaded once however many calls share it. */
export function blockRegion(
  memory: Memory,
  graph: Graph,
  call: BodyCall,
  layout: BodyLayout,
  index: number,
): Region {
  const block = layout.blocks[index];
  if (block === undefined) throw new Error(`internal: no block ${index}`);
  const body = graph.bodies[call.body];
  if (body === undefined) throw new Error(`internal: no body ${call.body}`);
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
    for (const { weight, place, axes } of places) load(memory, weight, axes, place, region, block.encoding);
    return region;
  });
}

/** A call's small weights and constants, and room for what is derived from them. */
export function vectorsRegion(memory: Memory, graph: Graph, call: BodyCall, layout: BodyLayout): Region {
  const body = graph.bodies[call.body];
  if (body === undefined) throw new Error(`internal: no body ${call.body}`);
  const vectors = [...layout.weights].filter(([, place]) => place.block === undefined);
  const names = vectors.map(([id]) => String(nodeIn(body, id).attrs['name']));
  const key = JSON.stringify([
    'vectors',
    call.body,
    names.map((name) => call.weights[name] ?? call.parameters[name]),
  ]);
  return memory.region(key, () => {
    // Apart from the big weights, because the prepare program reads those and writes here.
    const region = memory.take('constants', 4 * (layout.vectorElements + layout.derivedElements));
    for (const [id, place] of vectors) {
      const node = nodeIn(body, id);
      const name = String(node.attrs['name']);
      if (node.op === 'parameter') {
        const values = call.parameters[name];
        if (values === undefined) throw new Error(`internal: call of ${call.body} lacks parameter ${name}`);
        memory.constants.push({
          buffer: region.buffer,
          byteOffset: region.byteOffset + 4 * place.offset,
          values,
        });
      } else load(memory, weightOf(graph, call, name), node.type.axes, place, region, 'f32');
    }
    return region;
  });
}

function weightOf(graph: Graph, call: BodyCall, name: unknown): GraphWeight {
  const weight = graph.weights[call.weights[String(name)] ?? ''];
  if (weight === undefined) throw new Error(`internal: call of ${call.body} lacks weight ${String(name)}`);
  return weight;
}

function load(
  memory: Memory,
  weight: GraphWeight,
  axes: readonly Axis[],
  place: WeightPlace,
  region: Region,
  encoding: WeightPlan['encoding'],
): void {
  memory.weights.push(...loads(weight, axes, place, region, encoding));
  const other = inOtherLayout(weight);
  if (other !== undefined) memory.otherwise.push(...loads(other, axes, place, region, encoding));
}

/** How a weight gets from the file into its place: one strided copy, or one for each index of the axis `each`. */
function loads(
  weight: GraphWeight,
  axes: readonly Axis[],
  place: WeightPlace,
  region: Region,
  encoding: WeightPlan['encoding'],
): readonly WeightPlan[] {
  const eachAt = weight.each === undefined ? -1 : weight.axes.findIndex((axis) => axis.name === weight.each);
  return weight.views.map((view, index) => {
    const stride = eachAt < 0 ? 0 : strideOf(axes, place, eachAt);
    const bytes = encoding === 'f32' ? 4 : 2;
    return {
      name: weight.views.length === 1 ? weight.id : `${weight.id}[${index}]`,
      tensors: view.tensors,
      shape: view.shape,
      sourceOffset: view.offset,
      buffer: region.buffer,
      targetByteOffset: region.byteOffset + bytes * (place.offset + index * stride),
      encoding,
      dimensions: dimensions(weight, axes, place, view, eachAt),
      fold: weight.fold,
      optional: weight.optional,
    };
  });
}

/** The weight's axes and the node's are the same in the same order, whatever each calls them. */
function strideOf(axes: readonly Axis[], place: WeightPlace, at: number): number {
  const name = axes[at]?.name;
  return place.strides.find((stride) => stride.axis.name === name)?.stride ?? 0;
}

function dimensions(
  weight: GraphWeight,
  axes: readonly Axis[],
  place: WeightPlace,
  view: TensorView,
  eachAt: number,
): WeightPlan['dimensions'] {
  const all = weight.axes
    .map((axis, at) => ({ size: axis.size, target: strideOf(axes, place, at), at }))
    .filter(({ at }) => at !== eachAt)
    .map(({ size, target }, i) => ({ size, source: view.strides[i] ?? 0, target }));
  return all.toSorted((a, b) => b.target - a.target);
}

// ---------------------------------------------------------------------------------------------- states

/** The memory of a temporal node of a call, with what lies beside it; keys and values belong to the call that made them. */
export function stateRegion(
  memory: Memory,
  graph: Graph,
  layout: BodyLayout,
  call: number,
  { node, part }: { readonly node: NodeId; readonly part: string },
): Region {
  const origin = valueOwner(graph, { call, node });
  return memory.region(`state:${origin.call}:${origin.node}:${part}`, () => {
    const { parts, elements } = memoryWith(layout, node, part);
    const region = memory.take('state', 4 * elements);
    for (const { state, offset } of parts)
      memory.states.push({
        name: stateName(graph, origin.call, origin.node, state),
        kind: state.kind,
        buffer: region.buffer,
        byteOffset: region.byteOffset + 4 * offset,
        bytes: 4 * roundUp(elementCount(state.axes), 4),
        initial: state.initial,
        reach: state.reach,
        ...(state.remade === true ? { remade: true } : state.reach === null && { rows: rowsOf(state) }),
        axes: state.axes,
      });
    return region;
  });
}

/** The rows of a memory that has one for each position: the slots' axis says where they lie. */
function rowsOf({ axes }: StateLayout): NonNullable<StatePlan['rows']> {
  const slot = axes.findIndex(({ name }) => name === SLOT_AXIS);
  return { groups: elementCount(axes.slice(0, slot)), rowBytes: 4 * elementCount(axes.slice(slot + 1)) };
}

function stateName(graph: Graph, index: number, node: NodeId, layout: StateLayout): string {
  const call = graph.calls[index] as BodyCall; // Origins are calls of the graph.
  const named = graph.bodies[call.body]?.nodes[node];
  const layer = call.layer === undefined ? [] : ['layers', String(call.layer)];
  return [...layer, call.label, named?.name ?? named?.op ?? String(node), layout.part].join('.');
}
