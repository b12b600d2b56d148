// Buffers that outlive a program: weights with what is loaded into them, constants, derived values, states.
import type {
  BufferPlan,
  BufferUse,
  ConstantPlan,
  SpectraPlan,
  SpectraStep,
  StatePlan,
  WeightPlan,
} from '../../runtime/plan.ts';
import { type BodyCall, elementCount, type Graph, type NodeId } from '../ir/graph.ts';
import { valueOwner } from '../ir/memory.ts';
import { SLOT_AXIS } from '../kernels/attend-kernel.ts';
import { type BodyLayout, memoryWith, roundUp, type StateLayout } from '../kernels/body-layout.ts';

/** A piece of a buffer. */
export interface Region {
  readonly buffer: number;
  readonly byteOffset: number;
  readonly bytes: number;
}

/** No buffer is made larger than WebGPU's default limit unless one region is. */
const LARGEST_BUFFER = 256 * 1024 * 1024;

/** Spectra of the filters of a call's long convolution, and where they lie. */
export interface SpectraPlace {
  readonly call: number;
  readonly node: NodeId;
  readonly plan: SpectraPlan;
  readonly turns: SpectraStep['turns'];
  readonly region: Region;
}

/** The derived values of a call, and where they lie. */
export interface DerivedPlace {
  readonly call: BodyCall;
  readonly regions: ReadonlyMap<NodeId, Region>;
}

export class Memory {
  readonly buffers: { name: string; use: BufferUse; bytes: number }[] = [];
  readonly weights: WeightPlan[] = [];
  readonly otherwise: WeightPlan[] = [];
  readonly constants: ConstantPlan[] = [];
  /** What is asked for of the values derived from weights. */
  readonly derived: DerivedPlace[] = [];
  readonly states: StatePlan[] = [];
  /** What is asked for of the spectra of filters. */
  readonly spectra: SpectraPlace[] = [];
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

  /** The region of a key that was made before. */
  known(key: string): Region {
    const region = this.#regions.get(key);
    if (region === undefined) throw new Error(`internal: no region for ${key}`);
    return region;
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
