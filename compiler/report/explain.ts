// Explains a compiled model: sizes, costs by place and by length, dispatches, fusions and predicted times.
import type { FeaturesPlan, OutputPlan, Plan } from '../../runtime/plan.ts';
import { DEFAULT_CONTEXT } from '../ir/positions.ts';
import type { PlannedGraph } from '../plan-graph.ts';
import { deviceMemory } from './device-memory.ts';
import { DEFAULT_DEVICE, DEVICE_PROFILES, type DeviceProfile } from './devices.ts';
import type { DerivedWork, Explanation, Prediction } from './explanation.ts';
import { convolutionSummaries } from './convolutions.ts';
import { fusionSummaries } from './fusion-summary.ts';
import { kernelUses } from './kernel-uses.ts';
import { recurrenceSummaries } from './recurrences.ts';
import { letterCosts, siteCosts } from './sites.ts';
import { stateCost } from './state-cost.ts';
import { weightStorage } from './weight-storage.ts';
import { addWork, phaseDispatches, workOf } from './work.ts';

export interface ExplainOptions {
  /** The plan of the same graph with one kernel for each op, whose dispatches are shown beside. */
  readonly unfused?: Plan | undefined;
  /** The device that predictions are for. */
  readonly device?: DeviceProfile | undefined;
  /** Lengths, in positions, that the state's growth is shown for. */
  readonly contexts?: readonly number[] | undefined;
}

/** Costs per token are for the longest sequence that the plan has room for. */
export function explain(planned: PlannedGraph, options: ExplainOptions = {}): Explanation {
  const { graph, plan, notes } = planned;
  const { unfused, device = DEFAULT_DEVICE } = options;
  const context = plan.capacity ?? graph.context ?? DEFAULT_CONTEXT;
  const sites = siteCosts({ graph, plan, unfused, device, context });
  return {
    name: plan.name,
    vocab: plan.vocab,
    encoder: plan.readsAhead ?? null,
    takes: plan.features === undefined ? null : valueText(plan.features),
    gives: (plan.outputs ?? []).map(outputText),
    width: graph.width,
    layers: new Set(graph.calls.flatMap(({ layer }) => (layer === undefined ? [] : [layer]))).size,
    dtype: plan.weights.some(({ encoding }) => encoding === 'f16') ? 'f16' : 'f32',
    chunk: plan.chunk,
    capacity: plan.capacity,
    context,
    device,
    parameters: sites.reduce((sum, site) => sum + site.parameters, 0),
    flops: sites.reduce((sum, site) => sum + site.flops, 0),
    weights: weightStorage(plan),
    sites,
    letters: letterCosts(sites, plan.readsAhead === undefined ? 'decode' : 'prefill'),
    decode: addWork(sites.map((site) => site.decode)),
    prefill: addWork(sites.map((site) => site.prefill)),
    derived: derivedWork(plan),
    state: stateCost(graph, plan, context, options.contexts ?? lengths(plan.capacity)),
    memory: deviceMemory(plan),
    kernels: kernelUses(plan, device),
    recurrences: recurrenceSummaries(planned),
    convolutions: convolutionSummaries(planned),
    fusions: fusionSummaries(graph, notes),
    predictions: DEVICE_PROFILES.map((profile) => predict(plan, profile)),
  };
}

/** What loading computes from weights on the host. */
function derivedWork({ derived }: Plan): DerivedWork {
  const values = derived.flatMap(({ arrays }) => arrays.filter(({ target }) => target !== undefined));
  return {
    values: values.length,
    bytes: values.reduce((sum, { elements }) => sum + 4 * elements, 0),
    flops: derived.reduce((sum, { flops }) => sum + flops, 0),
  };
}

/** Powers of four (4 itself says little): up to the capacity and that itself, or up to 256 Ki positions where there is none. */
function lengths(capacity: number | null): readonly number[] {
  const last = capacity ?? 262_144;
  const powers = Array.from({ length: 16 }, (_, i) => 4 ** i).filter(
    (length) => length !== 4 && length < last,
  );
  return [...powers, last];
}

function predict(plan: Plan, device: DeviceProfile): Prediction {
  const decode = workOf(plan, phaseDispatches(plan, 'decode'), device, null);
  const prefill = workOf(plan, phaseDispatches(plan, 'prefill'), device, null);
  return { device, decodeMicroseconds: decode.microseconds, prefillMicroseconds: prefill.microseconds };
}

function valueText({ name, axes }: Pick<FeaturesPlan, 'name' | 'axes'>): string {
  return `${name} [${axes.map((axis) => `${axis.name} ${axis.size}`).join(', ')}]`;
}

function outputText(output: OutputPlan): string {
  return `${valueText(output)}${output.per === 'sequence' ? ' per sequence' : ''}`;
}
