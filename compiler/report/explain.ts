// What a person wants to know of a compiled model: sizes, costs by layer and by length, fusions, dispatches, predicted times.
import type { Plan } from '../../runtime/plan.ts';
import { DEFAULT_CONTEXT } from '../plan/options.ts';
import type { FusionNote } from '../fuse/group.ts';
import { graphCost, type Cost, type GraphCost } from '../ir/cost.ts';
import type { Graph } from '../ir/graph.ts';
import { DEVICE_PROFILES, predict, type Prediction } from './device-profiles.ts';

export interface LayerCost extends Cost {
  /** Null for embedding and head. */
  readonly layer: number | null;
  readonly label: string;
}

export interface ContextCost {
  readonly context: number;
  /** Per decoded token at this length. */
  readonly flops: number;
  /** Of one sequence of this length. */
  readonly stateBytes: number;
}

/** Dispatches of one token, or of one prefill run. */
export interface DispatchCount {
  readonly program: string;
  readonly fused: number;
  readonly unfused: number;
}

export interface ExplainedFusion extends FusionNote {
  /** The body it happened in, and in how many layers. */
  readonly body: string;
  readonly calls: number;
}

export interface Explanation {
  readonly name: string;
  readonly vocab: number;
  readonly width: number;
  readonly dtype: 'f32' | 'f16';
  /** The length that the layers' costs are for. */
  readonly context: number;
  readonly total: Cost;
  readonly layers: readonly LayerCost[];
  readonly contexts: readonly ContextCost[];
  readonly dispatches: readonly DispatchCount[];
  readonly kernels: number;
  readonly fusions: readonly ExplainedFusion[];
  readonly predictions: readonly Prediction[];
}

export interface ExplainInput {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly notes: ReadonlyMap<string, readonly FusionNote[]>;
  /** The same model with one kernel for each op. */
  readonly unfused: Plan;
}

export function explain({ graph, plan, notes, unfused }: ExplainInput): Explanation {
  const dtype = plan.weights.some(({ encoding }) => encoding === 'f16') ? 'f16' : 'f32';
  const weightBytes = dtype === 'f16' ? 2 : 4;
  const context = plan.capacity ?? graph.context ?? DEFAULT_CONTEXT;
  const cost = graphCost(graph, { context, weightBytes });
  return {
    name: graph.name,
    vocab: graph.vocab,
    width: graph.width,
    dtype,
    context,
    total: totalOf(cost),
    layers: layersOf(graph, cost),
    contexts: lengths(context).map((length) => {
      const { flops, stateBytes } = graphCost(graph, { context: length, weightBytes });
      return { context: length, flops, stateBytes };
    }),
    dispatches: countDispatches(plan, unfused),
    kernels: plan.kernels.length,
    fusions: fusionsOf(graph, notes),
    predictions: DEVICE_PROFILES.map((profile) => predict(plan, profile)),
  };
}

function totalOf({ parameters, weightBytes, flops, stateBytes }: GraphCost): Cost {
  return { parameters, weightBytes, flops, stateBytes };
}

function layersOf(graph: Graph, cost: GraphCost): readonly LayerCost[] {
  return graph.calls.flatMap((call, index) => {
    const own = cost.calls[index];
    return own === undefined ? [] : [{ ...own, layer: call.layer ?? null, label: call.label }];
  });
}

/** Powers of four up to the context, and the context itself. */
function lengths(context: number): readonly number[] {
  const powers = [1, 64, 256, 1024, 4096, 16_384, 65_536, 262_144].filter((length) => length < context);
  return [...powers, context];
}

function countDispatches(plan: Plan, unfused: Plan): readonly DispatchCount[] {
  const count = (program: string, names: readonly (keyof Plan['programs'])[]): DispatchCount => {
    const of = ({ programs }: Plan): number => names.reduce((sum, name) => sum + programs[name].length, 0);
    return { program, fused: of(plan), unfused: of(unfused) };
  };
  return [
    count('decode, one token', ['decode', 'sample']),
    count(`prefill, up to ${plan.chunk} tokens`, ['prefill', 'last']),
    count('prepare, once', ['prepare']),
  ];
}

function fusionsOf(
  graph: Graph,
  notes: ReadonlyMap<string, readonly FusionNote[]>,
): readonly ExplainedFusion[] {
  return [...notes].flatMap(([body, found]) => {
    const calls = graph.calls.filter((call) => call.body === body).length;
    return found.map((note) => ({ ...note, body, calls }));
  });
}
