// From the weight nodes of the bodies to the model's weights: one request for each tensor that a live node reads.
import { elementCount, type AnyNode } from '../ir/graph.ts';
import { axesOfTerms } from './elaborate/axes.ts';
import { type ComplexPart, complexParts } from './elaborate/complex.ts';
import type { BodyContext, DeclaredPart, WeightSlot } from './elaborate/context.ts';
import type { Scope } from './elaborate/scope.ts';
import type { FindShared } from './shared-places.ts';
import type { CheckedAxis } from './elaborate/value.ts';
import type { WeightDeclaration } from './elaborate/weight.ts';
import { termName } from './elaborate/weight-node.ts';
import type { DeclaredWeight, WeightAxis, WeightRequest, WeightTerm } from './weight-request.ts';

/** Where a body runs, and where the weights are that it shares with others. */
export interface WeightPlace {
  readonly layer?: number;
  /** The letter that runs there. */
  readonly letter?: string;
  readonly site: number;
  readonly findShared: FindShared;
}

/** The names of the weight nodes that are left in a body. */
export function weightNames(nodes: readonly AnyNode[]): readonly string[] {
  return nodes.flatMap((node) => (node.op === 'weight' ? [String(node.attrs['name'])] : []));
}

export function requestOf(
  body: BodyContext,
  slot: WeightSlot,
  place: WeightPlace,
  template: RequestTemplate,
): WeightRequest {
  const { owner } = slot.weight;
  const { perSite } = slot.weight;
  const shared = owner.shared ? place.findShared(owner.letter ?? '', place) : undefined;
  const layer = owner.scope === 'model' ? undefined : perSite ? place.layer : (shared?.layer ?? place.layer);
  const prefix = owner.scope === 'model' ? '' : `layers.${layer ?? 0}.${owner.letter ?? body.name}.`;
  return {
    ...template,
    id: `${prefix}${template.id}`,
    ...(layer === undefined ? {} : { layer }),
    ...(perSite && shared !== undefined ? { sharedLayer: shared.layer } : {}),
    site: (perSite ? shared?.turn : shared?.set) ?? place.site,
  };
}

/** What the requests of one weight node have in common, whatever the layer; `id` lacks the layer. */
export type RequestTemplate = Omit<WeightRequest, 'layer' | 'site'>;

export function requestTemplate(
  body: BodyContext,
  { weight, term, bias, part }: WeightSlot,
): RequestTemplate {
  const { owner } = weight;
  const path = [...owner.path, weight.name];
  const which = termName(weight, term);
  const outputs = outputsOf(body, weight, term).filter((axis) => !bias || axis.kind === 'plain');
  const inputs = bias ? [] : weight.inputs;
  const axes = [...owner.per, ...weight.per, ...inputs, ...outputs];
  return {
    id: [
      ...(owner.apart === true ? [owner.scope] : []),
      ...path,
      ...(which === undefined ? [] : [which]),
      ...(bias ? ['bias'] : []),
      ...(part === undefined ? [] : [part]),
    ].join('.'),
    ...(owner.letter === undefined ? {} : { letter: owner.letter }),
    shared: owner.shared,
    scope: owner.scope,
    path,
    ...(part === undefined ? termOf(weight, term) : partOf(part)),
    ...(part === undefined ? {} : { part }),
    role: weight.role,
    bias,
    axes: axes.map((axis) => requestAxis(axis, weight)),
    inputs: inputs.length,
    outputs: outputs.length,
    known: knownAxes(weight.scope),
    span: weight.span,
  };
}

function outputsOf(body: BodyContext, weight: WeightDeclaration, term: number): readonly CheckedAxis[] {
  return weight.map ? (weight.terms[term]?.axes ?? []) : axesOfTerms(body, weight.terms);
}

function requestAxis({ label, size, kind, name }: CheckedAxis, weight: WeightDeclaration): WeightAxis {
  const of = weight.written.get(name);
  return { name: label, size, kind, ...(of === undefined ? {} : { of }) };
}

function termOf(weight: WeightDeclaration, index: number): Pick<WeightRequest, 'term'> {
  if (!weight.map || weight.terms.length === 1) return {};
  const all = weight.terms.map(({ label, axes }): WeightTerm => ({
    ...(label === undefined ? {} : { label }),
    axes: axes.map((axis) => axis.label),
    size: elementCount(axes),
  }));
  const label = weight.terms[index]?.label;
  return { term: { ...(label === undefined ? {} : { label }), index, all } };
}

/** The parts of a complex weight are two terms without axes of their own. */
function partOf(part: ComplexPart): Pick<WeightRequest, 'term'> {
  const all = complexParts.map((label) => ({ label, axes: [], size: 1 }));
  return { term: { label: part, index: complexParts.indexOf(part), all } };
}

/** Every name that stands for axes where the weight was declared. */
function knownAxes(declared: Scope): NonNullable<WeightRequest['known']> {
  const known = new Map<string, readonly { name: string; size: number }[]>();
  for (let scope: Scope | undefined = declared; scope !== undefined; scope = scope.outer) {
    for (const [name, axes] of scope.axes) {
      if (!known.has(name))
        known.set(
          name,
          axes.map(({ label, size }) => ({ name: label, size })),
        );
    }
    for (const [name, { value }] of scope.numbers) {
      const usable = typeof value === 'number' && Number.isInteger(value) && value >= 1;
      if (usable && !known.has(name)) known.set(name, [{ name, size: value }]);
    }
  }
  return known;
}

/** Every weight and part that the body's declarations name, whether anything reads it or not. */
export function declaredIn(body: BodyContext): readonly DeclaredWeight[] {
  const weights = [...body.declaredWeights.values()].map(namedOf);
  const parts = [...body.declaredParts.values()].map((part) => ({ ...namedOf(part), part: true as const }));
  return [...weights, ...parts];
}

function namedOf({ owner, name }: DeclaredPart): DeclaredWeight {
  return {
    ...(owner.letter === undefined ? {} : { letter: owner.letter }),
    scope: owner.scope,
    path: [...owner.path, name],
  };
}
