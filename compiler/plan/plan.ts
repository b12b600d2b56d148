// From a graph to the plan: groups become dispatches, values get memory. The plan is plain JSON.
import {
  CONTROL,
  type Dispatch,
  type FeaturesPlan,
  type OutputPlan,
  type Plan,
  PLAN_SCHEMA,
  type Programs,
  type StoredValue,
} from '../../runtime/plan.ts';
import { valueName } from '../fuse/facts.ts';
import type { FusionNote } from '../fuse/group.ts';
import { readsAhead } from '../ir/causality.ts';
import { describeAhead } from '../ir/describe-ahead.ts';
import { type BodyCall, elementCount, type Graph, type GraphFeatures, hasLogits } from '../ir/graph.ts';
import { type BodyLayout, roundUp } from '../kernels/body-layout.ts';
import { sourceLines } from '../kernels/describe.ts';
import { nodeIn } from '../kernels/elements.ts';
import { groupStorage, type SlotBinding } from '../kernels/kernel-draft.ts';
import type { MadeKernel } from '../kernels/make-kernel.ts';
import { type Activations, allocateActivations } from './activations.ts';
import { planBodies, type PlannedBodies } from './bodies.ts';
import { KernelTable } from './kernel-table.ts';
import { blockRegion, vectorsRegion } from './fixed-memory.ts';
import { Memory, type Region, stateRegion } from './memory.ts';
import type { PlanOptions } from './options.ts';
import { planOutputs } from './outputs.ts';
import { derivedPlans } from './derived-plans.ts';
import { spectraRegion } from './spectra.ts';
import { requirementsOf } from './requirements.ts';
import { planSample } from './sample.ts';
import { crossValue, plannedBody, stateEnd, type Step, stepsOf } from './steps.ts';
import { takeLastKernel } from './take-last.ts';

export interface PlanResult {
  readonly plan: Plan;
  /** What was fused and what was not, by body. */
  readonly notes: ReadonlyMap<string, readonly FusionNote[]>;
  /** The forms of long convolutions, by body. */
  readonly forms: ReadonlyMap<string, BodyLayout['forms']>;
}

/** Everything the making of dispatches needs. */
interface Making {
  readonly graph: Graph;
  readonly options: PlanOptions;
  readonly planned: PlannedBodies;
  readonly memory: Memory;
  readonly kernels: KernelTable;
  readonly io: { readonly control: number; readonly tokens: number; readonly features?: number };
}

const SAMPLED_RING = 64;

/** `identity` is that of the model, see Plan. */
export function makePlan(graph: Graph, options: PlanOptions, identity: string): PlanResult {
  const planned = planBodies(graph, options);
  const memory = new Memory();
  const io = {
    control: memory.buffer('control', 'control', 4 * CONTROL.words),
    tokens: memory.buffer('tokens', 'tokens', 4 * options.chunk),
    ...featuresBuffer(graph, options, memory),
    sampled: memory.buffer('sampled', 'tokens', 4 * SAMPLED_RING),
    sampledRing: SAMPLED_RING,
    seen: memory.buffer('seen', 'tokens', 4 * Math.ceil(graph.vocab / 32)),
    logits: memory.buffer('logits', 'logits', 4 * roundUp(graph.vocab, 64)),
    allLogits: memory.buffer('all_logits', 'logits', 4 * roundUp(graph.vocab * options.chunk, 64)),
  };
  const making: Making = { graph, options, planned, memory, kernels: new KernelTable(), io };
  const ahead = readsAhead(graph);
  const { programs, outputs } = planPrograms(making, io, ahead === undefined);
  const buffers = memory.plans();
  const kernels = making.kernels.plans;
  return {
    plan: {
      schema: PLAN_SCHEMA,
      name: graph.name,
      identity,
      vocab: graph.vocab,
      ...(graph.features === undefined ? {} : { features: featuresPlan(graph.features) }),
      ...(graph.outputs === undefined ? {} : { outputs }),
      chunk: options.chunk,
      capacity: ahead === undefined ? planned.slots.capacity : options.chunk,
      ...(ahead === undefined ? {} : { readsAhead: describeAhead(ahead) }),
      ...(graph.prefix === undefined ? {} : { prefix: graph.prefix }),
      requires: requirementsOf(kernels, buffers),
      buffers,
      weights: memory.weights,
      ...(memory.otherwise.length > 0 && { otherwise: memory.otherwise }),
      constants: memory.constants,
      derived: derivedPlans(graph, planned, memory),
      states: memory.states,
      kernels,
      programs,
      io,
      ignored: graph.ignored,
    },
    notes: new Map([...planned.bodies].map(([name, body]) => [name, body.notes] as const)),
    forms: new Map([...planned.bodies].map(([name, { layout }]) => [name, layout.forms] as const)),
  };
}

function featuresPlan({ name, axes }: GraphFeatures): FeaturesPlan {
  return { name, axes, elements: elementCount(axes) };
}

function featuresBuffer(
  { features }: Graph,
  { chunk }: PlanOptions,
  memory: Memory,
): { readonly features?: number } {
  if (features === undefined) return {};
  const elements = roundUp(elementCount(features.axes) * chunk, 64);
  return { features: memory.buffer('features', 'tokens', 4 * elements) };
}

interface PlannedPrograms {
  readonly programs: Programs;
  readonly outputs: readonly OutputPlan[];
}

/** Where the model reads later positions, the whole sequence is one run; tokens are drawn only from logits. */
function planPrograms(making: Making, io: Plan['io'], causal: boolean): PlannedPrograms {
  const { graph, planned, options } = making;
  const draws = causal && hasLogits(graph);
  const end = stateEnd(graph, planned);
  const one = causal ? stepsOf(graph, planned, 'one', options.chunk) : [];
  const many = stepsOf(graph, planned, 'many', options.chunk);
  const place = (steps: readonly Step[], phase: 'one' | 'many', logits: number): Activations =>
    allocateActivations(graph, planned, making.memory, steps, phase, options.chunk, logits);
  const oneMemory = causal ? place(one, 'one', io.logits) : undefined;
  const manyMemory = place(many, 'many', io.allLogits);
  const run = (steps: readonly Step[], memory: Activations | undefined): readonly Dispatch[] =>
    steps.flatMap((step) => stepDispatches(making, step, memory));
  const programs = {
    settle: graph.calls.flatMap((call, index) => settleDispatches(making, call, index)),
    prefill: run(
      many.filter((step) => step.call < end),
      manyMemory,
    ),
    last: [
      ...(draws ? takeLast(making, end, oneMemory, manyMemory) : []),
      ...run(
        one.filter((step) => draws && step.call >= end),
        oneMemory,
      ),
    ],
    all: run(
      many.filter((step) => step.call >= end),
      manyMemory,
    ),
    decode: run(one, oneMemory),
    sample: draws ? [sampleDispatch(making, io)] : [],
  };
  return { programs, outputs: planOutputs(graph, manyMemory, oneMemory) };
}

function sampleDispatch({ graph, options, kernels }: Making, io: Plan['io']): Dispatch {
  const { dispatch, kernel } = planSample(graph.vocab, SAMPLED_RING, options, io);
  return { ...dispatch, kernel: kernels.add(kernel, []) };
}

/** What reads and writes no activations. */
function settleDispatches(making: Making, call: BodyCall, index: number): readonly Dispatch[] {
  const { kernels, settle } = plannedBody(making.planned, call);
  const made = kernels.get(settle)?.flat() ?? [];
  return made.map((kernel) =>
    dispatchOf(
      making,
      { call: index, grouping: settle, group: kernel.group, kernels: made, reads: [], scratch: 0 },
      kernel,
      undefined,
    ),
  );
}

function stepDispatches(making: Making, step: Step, memory: Activations | undefined): readonly Dispatch[] {
  const last = step.kernels.length - 1;
  return step.kernels.map((kernel, i) => ({
    ...dispatchOf(making, step, kernel, memory),
    ...(i === last ? { stores: storesOf(making, step, memory) } : {}),
  }));
}

/** What is in memory when the step is done. */
function storesOf(making: Making, step: Step, memory: Activations | undefined): readonly StoredValue[] {
  const { grouping } = step;
  const group = grouping.groups[step.group];
  if (group === undefined || step.writes === undefined || memory === undefined) return [];
  const { offsets } = groupStorage({ grouping, chunk: making.options.chunk }, group);
  const place = memory.resolve(step.call, { kind: 'group', group: step.group });
  return [...offsets].map(([node, offset]) => {
    const { type } = nodeIn(grouping.body, node);
    const elements = elementCount(type.axes);
    return {
      name: valueName(grouping.body, node),
      call: step.call,
      node,
      buffer: place.buffer,
      byteOffset: place.byteOffset + 4 * offset,
      elements,
    };
  });
}

function dispatchOf(
  making: Making,
  step: Step,
  kernel: MadeKernel,
  memory: Activations | undefined,
): Dispatch {
  const call = making.graph.calls[step.call] as BodyCall; // Steps are made from calls.
  const body = plannedBody(making.planned, call);
  const context = {
    grouping: step.grouping,
    layout: body.layout,
    target: making.options.target,
    chunk: making.options.chunk,
  };
  const group = step.grouping.groups[kernel.group];
  const index = making.kernels.add(kernel, group === undefined ? [] : sourceLines(context, group));
  return {
    kernel: index,
    bindings: kernel.bindings.map((binding) => ({
      ...resolve(making, step, binding, memory),
      bytes: binding.bytes,
    })),
    grid: kernel.grid,
    layer: call.layer ?? null,
    label: call.label,
  };
}

/** Where a kernel's binding lies for this call. */
function resolve(
  making: Making,
  step: Step,
  binding: SlotBinding,
  memory: Activations | undefined,
): Pick<Region, 'buffer' | 'byteOffset'> {
  const { graph, planned, io } = making;
  const call = graph.calls[step.call] as BodyCall; // Steps are made from calls.
  const { layout, program } = plannedBody(planned, call);
  const fixed = { graph, call, layout, program };
  const { slot } = binding;
  switch (slot.kind) {
    case 'control':
      return { buffer: io.control, byteOffset: 0 };
    case 'tokens':
      return { buffer: io.tokens, byteOffset: 0 };
    case 'features':
      if (io.features === undefined) throw new Error('internal: a model of tokens reads features');
      return { buffer: io.features, byteOffset: 0 };
    case 'vectors':
      return vectorsRegion(making.memory, fixed);
    case 'matrix':
      return blockRegion(making.memory, fixed, slot.block);
    case 'state':
      return stateRegion(making.memory, graph, layout, step.call, slot);
    case 'spectra':
      return spectraRegion(making.memory, step.call, slot, binding.bytes);
    case 'scratch':
      if (memory === undefined) return { buffer: settleScratch(making), byteOffset: 0 };
      return memory.resolve(step.call, slot);
    case 'group':
    case 'input':
      if (memory === undefined) throw new Error('internal: the program has no activations');
      return memory.resolve(step.call, slot);
  }
}

/** Scratch memory that all dispatches of `settle` share. */
function settleScratch({ memory, planned }: Making): number {
  const own = [...planned.bodies.values()].flatMap(({ settle, kernels }) =>
    (kernels.get(settle) ?? []).flat(),
  );
  const bindings = own.flatMap((kernel) => kernel.bindings).filter(({ slot }) => slot.kind === 'scratch');
  const bytes = Math.max(...bindings.map((binding) => binding.bytes));
  const make = (): Region => ({
    buffer: memory.buffer('activations_settle', 'activations', bytes),
    byteOffset: 0,
    bytes,
  });
  return memory.region('settle', make).buffer;
}

/** Copies what the calls from `end` on read of earlier calls from the run's memory to the single token's. */
function takeLast(
  making: Making,
  end: number,
  one: Activations | undefined,
  many: Activations,
): readonly Dispatch[] {
  if (one === undefined) return [];
  const { graph, planned, options, io } = making;
  const done = new Set<string>();
  const dispatches: Dispatch[] = [];
  graph.calls.slice(end).forEach((call, offset) => {
    for (const [name, reference] of Object.entries(call.inputs)) {
      if (reference.call >= end || !one.reads(end + offset, name)) continue;
      const value = crossValue(graph, planned, 'one', options.chunk, end + offset, name);
      if (done.has(`${value.block}:${value.byteOffset}`)) continue;
      done.add(`${value.block}:${value.byteOffset}`);
      const kernel = takeLastKernel(value.elements, options.chunk);
      const slot = { kind: 'input', name } as const;
      const places = [
        { buffer: io.control, byteOffset: 0 },
        many.resolve(end + offset, slot),
        one.resolve(end + offset, slot),
      ];
      dispatches.push({
        kernel: making.kernels.add(kernel, []),
        bindings: kernel.bindings.map((binding, i) => ({ ...(places[i] as Region), bytes: binding.bytes })), // Three bindings, three places.
        grid: kernel.grid,
        layer: call.layer ?? null,
        label: 'take last',
      });
    }
  });
  return dispatches;
}
