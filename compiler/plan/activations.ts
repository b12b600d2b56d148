// Gives each block of activations its place in the arenas for one phase.
import { type Graph, hasLogits, outputsOf, type ValueReference } from '../ir/graph.ts';
import type { Slot } from '../kernels/slots.ts';
import { Arenas, type ArenaBlock } from './arenas.ts';
import type { PlannedBodies } from './bodies.ts';
import type { Memory, Region } from './memory.ts';
import { valueOwner } from '../ir/memory.ts';
import {
  blockKey,
  type BlockKey,
  type CrossValue,
  crossValue,
  plannedBody,
  type Step,
  valueAt,
} from './steps.ts';

export interface Activations {
  /** Where a group's block, its scratch, or a value of another call lies. */
  readonly resolve: (
    call: number,
    slot: Extract<Slot, { kind: 'group' | 'scratch' | 'input' }>,
  ) => Pick<Region, 'buffer' | 'byteOffset'>;
  /** Where a value of a call lies that the model gives. */
  readonly value: (reference: ValueReference) => Pick<Region, 'buffer' | 'byteOffset'>;
  /** Whether any kernel of the call reads the input from memory. */
  readonly reads: (call: number, input: string) => boolean;
}

/** Logits go to a buffer of their own, which the runtime reads; what else the model gives stays where it is until the program ends. */
export function allocateActivations(
  graph: Graph,
  planned: PlannedBodies,
  memory: Memory,
  steps: readonly Step[],
  phase: 'one' | 'many',
  chunk: number,
  logits: number,
): Activations {
  const lastRead = lastReads(steps);
  const logitsBlock = hasLogits(graph) ? blockOfLogits(graph, planned, phase) : undefined;
  const placed = (reference: ValueReference): CrossValue => valueAt(graph, planned, phase, chunk, reference);
  for (const { from } of outputsOf(graph)) lastRead.set(placed(from).block, steps.length);
  const arenas = new Arenas();
  const blocks = new Map<BlockKey, ArenaBlock>();
  const scratch = new Map<BlockKey, ArenaBlock>();
  steps.forEach((step, at) => {
    const avoid = new Set(
      step.reads.map((key) => blocks.get(key)?.arena).filter((arena) => arena !== undefined),
    );
    const own = blockKey(step.call, step.group);
    if (step.scratch > 0) scratch.set(own, arenas.allocate(step.scratch, at, at, avoid));
    if (step.writes !== undefined && own !== logitsBlock)
      blocks.set(own, arenas.allocate(step.writes.bytes, at, Math.max(at, lastRead.get(own) ?? at), avoid));
  });
  const buffers = arenas.bytes.map((bytes, i) =>
    memory.buffer(`activations_${phase}_${i}`, 'activations', bytes),
  );
  const region = (block: ArenaBlock | undefined): Pick<Region, 'buffer' | 'byteOffset'> => {
    const buffer = block === undefined ? undefined : buffers[block.arena];
    if (block === undefined || buffer === undefined) throw new Error('internal: a value without memory');
    return { buffer, byteOffset: block.byteOffset };
  };
  return {
    value: (reference) => {
      const value = placed(reference);
      if (value.block === logitsBlock) return { buffer: logits, byteOffset: value.byteOffset };
      const { buffer, byteOffset } = region(blocks.get(value.block));
      return { buffer, byteOffset: byteOffset + value.byteOffset };
    },
    reads: (call, input) =>
      steps.some(
        (step) =>
          step.call === call &&
          step.kernels.some((kernel) =>
            kernel.bindings.some(({ slot }) => slot.kind === 'input' && slot.name === input),
          ),
      ),
    resolve: (call, slot) => {
      if (slot.kind === 'input') {
        const value = crossValue(graph, planned, phase, chunk, call, slot.name);
        const { buffer, byteOffset } = region(blocks.get(value.block));
        return { buffer, byteOffset: byteOffset + value.byteOffset };
      }
      const key = blockKey(call, slot.group);
      if (slot.kind === 'scratch') return region(scratch.get(key));
      return key === logitsBlock ? { buffer: logits, byteOffset: 0 } : region(blocks.get(key));
    },
  };
}

function lastReads(steps: readonly Step[]): Map<BlockKey, number> {
  const last = new Map<BlockKey, number>();
  steps.forEach((step, at) => step.reads.forEach((key) => last.set(key, at)));
  return last;
}

function blockOfLogits(graph: Graph, planned: PlannedBodies, phase: 'one' | 'many'): BlockKey {
  const call = graph.calls.length - 1;
  const head = graph.calls[call];
  const output = head === undefined ? undefined : graph.bodies[head.body]?.outputs['logits'];
  if (head === undefined || output === undefined) throw new Error('internal: the last call gives no logits');
  const origin = valueOwner(graph, { call, node: output });
  const grouping = plannedBody(planned, head)[phase];
  const storing = grouping.stored.get(origin.node);
  const outputs =
    storing === undefined
      ? []
      : (grouping.groups[storing]?.segments.flatMap((segment) => segment.outputs) ?? []);
  if (storing === undefined || origin.call !== call || outputs.length !== 1)
    throw new Error('internal: the logits are not a value of their own');
  return blockKey(call, storing);
}
