// A program before it has memory: the groups of each call in order, what each reads and writes, and until when that is needed.
import type { Grouping } from '../fuse/group.ts';
import type { BodyCall, Graph, ValueReference } from '../ir/graph.ts';
import { elementCount } from '../ir/graph.ts';
import { groupStorage } from '../kernels/kernel-draft.ts';
import type { MadeKernel } from '../kernels/make-kernel.ts';
import type { PlannedBodies, PlannedBody } from './bodies.ts';
import { valueOwner } from '../ir/memory.ts';

/** A block of activations: what one group of one call stores. */
export type BlockKey = string;

export interface Step {
  readonly call: number;
  readonly grouping: Grouping;
  readonly group: number;
  readonly kernels: readonly MadeKernel[];
  readonly reads: readonly BlockKey[];
  /** The block it writes, with its bytes. */
  readonly writes?: { readonly key: BlockKey; readonly bytes: number };
  /** Scratch bytes between its kernels. */
  readonly scratch: number;
}

/** A value that crosses calls: its block, where it starts there, and its size for one token. */
export interface CrossValue {
  readonly block: BlockKey;
  readonly byteOffset: number;
  readonly elements: number;
}

export function blockKey(call: number, group: number): BlockKey {
  return `${call}:${group}`;
}

export function plannedBody(planned: PlannedBodies, call: BodyCall): PlannedBody {
  const body = planned.bodies.get(call.body);
  if (body === undefined) throw new Error(`internal: body ${call.body} is not planned`);
  return body;
}

/** Every group of every call, in order. */
export function stepsOf(
  graph: Graph,
  planned: PlannedBodies,
  phase: 'one' | 'many',
  chunk: number,
): readonly Step[] {
  return graph.calls.flatMap((call, index) => {
    const body = plannedBody(planned, call);
    const grouping = body[phase];
    const kernels = body.kernels.get(grouping) ?? [];
    return grouping.groups.map((group): Step => {
      const made = kernels[group.index] ?? [];
      const { elements } = groupStorage({ grouping, chunk }, group);
      const scratch = made
        .flatMap((kernel) => kernel.bindings)
        .find((binding) => binding.slot.kind === 'scratch');
      return {
        call: index,
        grouping,
        group: group.index,
        kernels: made,
        reads: readsOf(graph, planned, phase, chunk, index, made, group.index),
        ...(elements === 0 ? {} : { writes: { key: blockKey(index, group.index), bytes: 4 * elements } }),
        scratch: scratch?.bytes ?? 0,
      };
    });
  });
}

function readsOf(
  graph: Graph,
  planned: PlannedBodies,
  phase: 'one' | 'many',
  chunk: number,
  call: number,
  kernels: readonly MadeKernel[],
  own: number,
): readonly BlockKey[] {
  const keys = new Set<BlockKey>();
  for (const { slot } of kernels.flatMap((kernel) => kernel.bindings)) {
    if (slot.kind === 'group' && slot.group !== own) keys.add(blockKey(call, slot.group));
    if (slot.kind === 'input') keys.add(crossValue(graph, planned, phase, chunk, call, slot.name).block);
  }
  return [...keys];
}

/** Where the value lies that a call is given under this name. */
export function crossValue(
  graph: Graph,
  planned: PlannedBodies,
  phase: 'one' | 'many',
  chunk: number,
  call: number,
  name: string,
): CrossValue {
  const reference = graph.calls[call]?.inputs[name];
  if (reference === undefined) throw new Error(`internal: call ${call} is not given ${name}`);
  return valueAt(graph, planned, phase, chunk, reference);
}

/** Where a value of a call lies for others. */
export function valueAt(
  graph: Graph,
  planned: PlannedBodies,
  phase: 'one' | 'many',
  chunk: number,
  reference: ValueReference,
): CrossValue {
  const producer = graph.calls[reference.call];
  const output = producer === undefined ? undefined : graph.bodies[producer.body]?.outputs[reference.output];
  if (output === undefined) throw new Error(`internal: call ${reference.call} gives no ${reference.output}`);
  const origin = valueOwner(graph, { call: reference.call, node: output });
  const body = plannedBody(planned, graph.calls[origin.call] as BodyCall); // Origins are calls of the graph.
  const grouping = body[phase];
  const storing = grouping.stored.get(origin.node);
  const group = storing === undefined ? undefined : grouping.groups[storing];
  const node = grouping.body.nodes[origin.node];
  if (group === undefined || node === undefined)
    throw new Error(`internal: ${reference.output} of call ${reference.call} is stored nowhere`);
  const offset = groupStorage({ grouping, chunk }, group).offsets.get(origin.node) ?? 0;
  return {
    block: blockKey(origin.call, group.index),
    byteOffset: 4 * offset,
    elements: elementCount(node.type.axes),
  };
}

/** The calls up to and including the last that writes state: what follows matters only for the positions whose logits are wanted. */
export function stateEnd(graph: Graph, planned: PlannedBodies): number {
  const writes = (call: BodyCall): boolean =>
    plannedBody(planned, call).many.groups.some(
      (group) => group.kind === 'append' || group.kind === 'carry' || group.kind === 'scan',
    );
  return graph.calls.findLastIndex(writes) + 1;
}
