// Costs by place: each letter of each layer, and all places of one letter together.
import type { Dispatch, Plan } from '../../runtime/plan.ts';
import { type Cost, graphCost } from '../ir/cost.ts';
import type { Graph } from '../ir/graph.ts';
import type { DeviceProfile } from './devices.ts';
import type { LetterCost, SiteCost } from './explanation.ts';
import { bytesByWeight } from './weight-storage.ts';
import { addWork, phaseDispatches, type Phase, workOf } from './work.ts';

export interface SiteInput {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly unfused: Plan | undefined;
  readonly device: DeviceProfile;
  readonly context: number;
}

interface Place {
  readonly layer: number | null;
  readonly label: string;
}

type Static = Pick<SiteCost, 'parameters' | 'weightBytes' | 'flops' | 'stateBytes'>;

const NOTHING: Static = { parameters: 0, weightBytes: 0, flops: 0, stateBytes: 0 };

/** Places in the order of the calls, then those that only the plan has. Two calls of one name in one layer are one place. */
export function siteCosts(input: SiteInput): readonly SiteCost[] {
  const costs = staticCosts(input);
  const lists = dispatchesByPlace(input.plan);
  const unfused = input.unfused === undefined ? undefined : dispatchesByPlace(input.unfused);
  const places = new Map<string, Place>();
  for (const call of input.graph.calls) addPlace(places, { layer: call.layer ?? null, label: call.label });
  for (const list of [...lists.values(), ...(unfused?.values() ?? [])])
    for (const dispatch of list.all) addPlace(places, dispatch);
  return [...places].map(([key, { layer, label }]) => {
    const work = (phase: Phase): SiteCost['decode'] =>
      workOf(
        input.plan,
        lists.get(key)?.[phase] ?? [],
        input.device,
        unfused === undefined ? null : (unfused.get(key)?.[phase].length ?? 0),
      );
    const fixed = costs.get(key) ?? NOTHING;
    return { layer, label, ...fixed, decode: work('decode'), prefill: work('prefill') };
  });
}

function placeKey({ layer, label }: Place): string {
  return `${layer ?? ''}:${label}`;
}

function addPlace(places: Map<string, Place>, place: Place): void {
  if (!places.has(placeKey(place))) places.set(placeKey(place), place);
}

/** What does not depend on dispatches, by place. */
function staticCosts({ graph, plan, context }: SiteInput): ReadonlyMap<string, Static> {
  const { calls } = graphCost(graph, { context });
  const bytes = bytesByWeight(plan);
  const seen = new Set<string>();
  const found = new Map<string, Static>();
  graph.calls.forEach((call, index) => {
    const own = [...new Set(Object.values(call.weights))].filter((id) => !seen.has(id));
    own.forEach((id) => seen.add(id));
    const weightBytes = own.reduce((sum, id) => sum + (bytes.get(id) ?? 0), 0);
    const key = placeKey({ layer: call.layer ?? null, label: call.label });
    found.set(key, added(found.get(key) ?? NOTHING, calls[index], weightBytes));
  });
  return found;
}

function added(known: Static, cost: Cost | undefined, weightBytes: number): Static {
  return {
    parameters: known.parameters + (cost?.parameters ?? 0),
    weightBytes: known.weightBytes + weightBytes,
    flops: known.flops + (cost?.flops ?? 0),
    stateBytes: known.stateBytes + (cost?.stateBytes ?? 0),
  };
}

interface PlaceDispatches {
  readonly all: Dispatch[];
  readonly decode: Dispatch[];
  readonly prefill: Dispatch[];
}

function dispatchesByPlace(plan: Plan): ReadonlyMap<string, PlaceDispatches> {
  const found = new Map<string, PlaceDispatches>();
  for (const phase of ['decode', 'prefill'] as const)
    for (const dispatch of phaseDispatches(plan, phase)) {
      const key = placeKey(dispatch);
      const known = found.get(key) ?? { all: [], decode: [], prefill: [] };
      known.all.push(dispatch);
      known[phase].push(dispatch);
      found.set(key, known);
    }
  return found;
}

/** The places of each letter together, in the order of their first. */
export function letterCosts(sites: readonly SiteCost[], main: 'decode' | 'prefill'): readonly LetterCost[] {
  const labels = [...new Set(sites.map(({ label }) => label))];
  return labels.map((label) => {
    const own = sites.filter((site) => site.label === label);
    const total = (of: (site: SiteCost) => number): number => own.reduce((sum, site) => sum + of(site), 0);
    const most = (of: (site: SiteCost) => number | null): number =>
      Math.max(...own.map((site) => of(site) ?? 0));
    const known = own.every((site) => site[main].unfused !== null);
    return {
      label,
      inLayers: own.some((site) => site.layer !== null),
      sites: own.length,
      parameters: total((site) => site.parameters),
      weightBytes: total((site) => site.weightBytes),
      flops: total((site) => site.flops),
      stateBytes: total((site) => site.stateBytes),
      decode: addWork(own.map((site) => site.decode)),
      prefill: addWork(own.map((site) => site.prefill)),
      perSite: {
        fused: most((site) => site[main].dispatches),
        unfused: known ? most((site) => site[main].unfused) : null,
      },
    };
  });
}
