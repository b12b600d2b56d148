// The second half of the pipeline: from a graph to its plan.
import type { Plan } from '../runtime/plan.ts';
import type { FusionNote } from './fuse/group.ts';
import { rewriteGraph } from './fuse/index.ts';
import { isCausal } from './ir/causality.ts';
import type { Graph } from './ir/graph.ts';
import { plannedPositions } from './ir/positions.ts';
import { verifyGraph } from './ir/verify.ts';
import type { ConvolutionPrefill } from './kernels/longconv/choose.ts';
import type { RecurrencePrefill } from './kernels/kernel-draft.ts';
import { DEFAULT_TARGET, type Target } from './kernels/template.ts';
import { graphIdentity } from './plan/identity.ts';
import { usualChunk } from './plan/usual-chunk.ts';
import { makePlan, type PlanResult } from './plan/plan.ts';

export interface CompileOptions {
  /** How matrices are stored on the GPU. */
  readonly dtype?: 'f32' | 'f16' | undefined;
  /** Positions that full attention has room for. */
  readonly context?: number | undefined;
  /** Most tokens of one prefill run; a model that reads later positions takes all that the context has room for. */
  readonly chunk?: number | undefined;
  readonly target?: Target | undefined;
  /** False: one kernel for each op, for comparison. */
  readonly fuse?: boolean | undefined;
  /** How prefill goes through recurrences; `auto` unless given. */
  readonly recurrences?: RecurrencePrefill | undefined;
  /** How prefill does long convolutions; `auto` unless given. */
  readonly convolutions?: ConvolutionPrefill | undefined;
}

export interface PlannedGraph {
  /** As lowered: what the reference executor runs. */
  readonly graph: Graph;
  /** After the rewriting rules: what the plan is made of. */
  readonly fused: Graph;
  readonly plan: Plan;
  /** What was fused and what was declined, by body. */
  readonly notes: ReadonlyMap<string, readonly FusionNote[]>;
  /** What the plan was made for. */
  readonly target: Target;
  readonly recurrences: RecurrencePrefill;
  /** The forms of long convolutions, by body. */
  readonly forms: PlanResult['forms'];
}

/** Rewrites, groups, prints and places a graph. */
export function planGraph(graph: Graph, options: CompileOptions): PlannedGraph {
  verifyGraph(graph);
  const rewritten = rewriteGraph(graph, options.fuse ?? true);
  verifyGraph(rewritten.graph);
  const { plan, notes, forms } = makePlan(
    rewritten.graph,
    {
      dtype: options.dtype ?? 'f32',
      ...(options.context === undefined ? {} : { context: options.context }),
      chunk: chunkOf(rewritten.graph, options),
      target: options.target ?? DEFAULT_TARGET,
      fuse: options.fuse ?? true,
      recurrences: options.recurrences,
      convolutions: options.convolutions,
    },
    graphIdentity(graph),
  );
  const all = [...notes].map(
    ([body, found]) => [body, [...(rewritten.notes.get(body) ?? []), ...found]] as const,
  );
  const { target = DEFAULT_TARGET, recurrences = 'auto' } = options;
  return { graph, fused: rewritten.graph, plan, notes: new Map(all), target, recurrences, forms };
}

/** What reads later positions runs whole. */
function chunkOf(graph: Graph, { chunk, context }: CompileOptions): number {
  if (!isCausal(graph)) return plannedPositions(graph.context, context);
  return chunk ?? usualChunk(graph, context);
}
