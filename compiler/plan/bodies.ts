// For each body: its groupings in both phases, its layout, and its printed kernels.
import { type FusionNote, type Grouping, type Phase } from '../fuse/group.ts';
import { groupBody } from '../fuse/grouping.ts';
import { isCausal } from '../ir/causality.ts';
import type { AnyNode, Graph, NodeId } from '../ir/graph.ts';
import type { BodyLayout } from '../kernels/body-layout.ts';
import { type KernelContext } from '../kernels/kernel-draft.ts';
import { makeKernels, type MadeKernel } from '../kernels/make-kernel.ts';
import { chooseForm } from '../kernels/longconv/choose.ts';
import { longConvShape } from '../kernels/longconv/shape.ts';
import { deriveProgram, type DerivedProgram } from './derive-program.ts';
import { fixedValues } from './derived.ts';
import { fitBuffers, type PrintedGrouping } from './fit-buffers.ts';
import { layoutBody } from './layout.ts';
import type { PlanOptions } from './options.ts';
import { settleGrouping } from './settle.ts';
import { type Slots, slotsOfGraph } from './slot-counts.ts';

export interface PlannedBody {
  readonly layout: BodyLayout;
  readonly one: Grouping;
  readonly many: Grouping;
  /** What is computed from weights at load. */
  readonly program: DerivedProgram;
  readonly settle: Grouping;
  /** By grouping, then group index. */
  readonly kernels: ReadonlyMap<Grouping, readonly (readonly MadeKernel[])[]>;
  readonly notes: readonly FusionNote[];
}

export interface PlannedBodies {
  readonly bodies: ReadonlyMap<string, PlannedBody>;
  readonly slots: Slots;
}

/** Where the model reads later positions there is no token by itself: what is made for one is that for many. */
export function planBodies(graph: Graph, options: PlanOptions): PlannedBodies {
  const causal = isCausal(graph);
  const slots = slotsOfGraph(graph, options);
  const bodies = new Map<string, PlannedBody>();
  for (const [name, body] of Object.entries(graph.bodies)) {
    const group = (phase: Phase, apart: ReadonlySet<NodeId>): Grouping =>
      groupBody(body, phase, { fuse: options.fuse, apart });
    const fixed = fixedValues(body);
    const program = deriveProgram(body, fixed.derived);
    // What is derived from a weight is derived from what is in the file, so what else is made of it shall be too.
    const read = new Set(program.arrays.map(({ source }) => source));
    const print = (grouping: Grouping, layout: BodyLayout): PrintedGrouping => {
      const { target, chunk, recurrences } = options;
      const context: KernelContext = { grouping, layout, target, chunk, recurrences };
      return { grouping, kernels: grouping.groups.map((each) => makeKernels(context, each)) };
    };
    const decode = fitBuffers((apart) => {
      const one = group(causal ? 'one' : 'many', apart);
      const layout = layoutBody(one, {
        encoding: (weight) => (read.has(weight.id) ? 'f32' : encodingOf(graph, name, weight, options)),
        slots: (node: NodeId) => slots.of(name, node),
        fixed,
        form: (node) => {
          const shape = longConvShape(body, node, options.chunk, slots.positions);
          return chooseForm(shape, options.target, options.convolutions);
        },
      });
      return { ...print(one, layout), layout };
    });
    const { layout, grouping: one } = decode;
    const prefill = causal ? fitBuffers((apart) => print(group('many', apart), layout)) : decode;
    const settled = print(settleGrouping(body, layout), layout);
    const [many, settle] = [prefill.grouping, settled.grouping];
    const kernels = new Map([decode, prefill, settled].map((each) => [each.grouping, each.kernels] as const));
    bodies.set(name, { layout, one, many, settle, program, kernels, notes: one.notes });
  }
  return { bodies, slots };
}

/** A weight that any call pins stays f32 for all calls of the body, since they share kernels. */
function encodingOf(graph: Graph, body: string, weight: AnyNode, options: PlanOptions): PlanOptions['dtype'] {
  const name = String(weight.attrs['name']);
  const pinned = graph.calls
    .filter((call) => call.body === body)
    .some((call) => graph.weights[call.weights[name] ?? '']?.pinned ?? false);
  return pinned ? 'f32' : options.dtype;
}
