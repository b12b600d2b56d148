// Maps the weights of a model to views of the tensors of its checkpoint.
import type { CheckpointEntry, CheckpointStatement, Shape, ShapeFactor } from '../../grammar/ast.ts';
import type { Checked, Diagnostic, Span } from '../../grammar/source.ts';
import type { TensorView } from '../ir/graph.ts';
import { findEntry, readSection, type Found, type Section } from './checkpoint-entries.ts';
import * as errors from './checkpoint-errors.ts';
import { sectionsOf } from './checkpoint-instead.ts';
import type { CheckpointMap, CheckpointOptions } from './checkpoint-options.ts';
import { findSharedPlaces } from './checkpoint-overlaps.ts';
import { groupByTensor, groupOf, surroundingsOf, type Groups } from './checkpoint-groups.ts';
import { checkSubjects } from './checkpoint-subjects.ts';
import { defaultShape } from './default-shape.ts';
import { ignoredNames } from './ignored-tensors.ts';
import { readFold } from './load-fold.ts';
import { expandPattern, namesInPattern, type Pattern } from './name-pattern.ts';
import { layOut, layOutBias, type Layout } from './stored-shape.ts';
import type { MappedWeight, WeightRequest } from './weight-request.ts';

/** Where every weight is; weights whose line is wrong are left out of the map and reported. */
export function mapCheckpoint(
  statement: CheckpointStatement | undefined,
  asked: readonly WeightRequest[],
  options: CheckpointOptions,
): Checked<CheckpointMap> {
  const [usual, other] = sectionsOf(statement);
  const mapped = mapSection(usual, asked, options);
  if (other === undefined || mapped.value === undefined) return mapped;
  const instead = mapSection(other, asked, options);
  const weights = new Map(
    [...mapped.value.weights].map(([id, weight]) => [id, withLayout(weight, instead.value?.weights.get(id))]),
  );
  const diagnostics = uniqueDiagnostics([...mapped.diagnostics, ...instead.diagnostics]);
  return { value: { ...mapped.value, weights }, diagnostics };
}

/** The weight, and how it lies in files with the tensors of `instead` lines, where that is elsewhere. */
function withLayout(weight: MappedWeight, other: MappedWeight | undefined): MappedWeight {
  if (other === undefined || namesIn(other) === namesIn(weight)) return weight;
  const { views, each, fold } = other;
  return { ...weight, otherwise: { views, ...(each !== undefined && { each }), fold } };
}

function namesIn({ views }: MappedWeight): string {
  return views.map((view) => view.tensors.join()).join();
}

function mapSection(
  statement: CheckpointStatement | undefined,
  asked: readonly WeightRequest[],
  options: CheckpointOptions,
): Checked<CheckpointMap> {
  const diagnostics: Diagnostic[] = checkSubjects(statement, asked, options);
  const requests = asked.map(withoutPrimes);
  const section = readSection(statement, options.letters, requests);
  const groups = groupByTensor(requests);
  const weights = new Map<string, MappedWeight>();
  const lines = new Map<string, Span>();
  const used = new Set<CheckpointEntry>();
  const placements = new Map<string, Placement>();
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic);
  for (const request of requests) {
    const key = placementKey(request, section);
    const placement = placements.get(key) ?? place({ request, section, groups, options, report });
    placements.set(key, placement);
    const { entry } = placement.found;
    if (entry !== undefined) used.add(entry);
    lines.set(request.id, lineOf(placement.found, request));
    const mapped = mapWeight({ request, section, groups, options, report }, placement);
    if (mapped !== undefined) weights.set(request.id, mapped);
  }
  const ignored = ignoredNames(section, used, (name) => constantIn(options, name));
  const unique = withoutFollowUps(uniqueDiagnostics(diagnostics));
  const overlaps = unique.length > 0 ? [] : findSharedPlaces(requests, weights, lines);
  return { value: { weights, ignored }, diagnostics: [...unique, ...overlaps] };
}

/** A misspelt axis is missing as well, which need not be said. */
function withoutFollowUps(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const misspelt = diagnostics.filter(({ code }) => code === 'stored_axis_unknown');
  return diagnostics.filter(
    ({ code, primary }) =>
      code !== 'stored_axis_missing' ||
      !misspelt.some((other) => contains(primary?.span, other.primary?.span)),
  );
}

function contains(outer: Span | undefined, inner: Span | undefined): boolean {
  if (outer === undefined || inner === undefined) return false;
  return outer.source === inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

/** The line of the checkpoint section, or, where there is none, the weight's declaration. */
function lineOf({ entry }: Found, request: WeightRequest): Span {
  return entry?.patterns[0]?.span ?? entry?.subjects[0]?.[0]?.span ?? entry?.span ?? request.span;
}

/** Elaboration tells `width'`, an output, from `width`, an input of the same map; a stored shape calls both `width`. */
function withoutPrimes(request: WeightRequest): WeightRequest {
  const axes = request.axes.map((axis) => ({ ...axis, name: withoutPrime(axis.name) }));
  const { term } = request;
  if (term === undefined) return { ...request, axes };
  const all = term.all.map((each) => ({ ...each, axes: each.axes.map(withoutPrime) }));
  return { ...request, axes, term: { ...term, all } };
}

function withoutPrime(name: string): string {
  return name.replace(/'+$/, '');
}

/** The same line is met by every layer. */
function uniqueDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, primary }) => {
    const key = `${code} ${primary?.span.source.name} ${primary?.span.start} ${primary?.span.end}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** One weight in more tensors than this is a slip of the keyboard. */
const mostTensors = 16_384;

interface Job {
  readonly request: WeightRequest;
  readonly section: Section;
  readonly groups: Groups;
  readonly options: CheckpointOptions;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** What the layers of one letter have in common: the line that speaks of the weight, and its place in the tensor. */
interface Placement {
  readonly found: Found;
  /** Absent after a mistake, which was reported. */
  readonly inTensor?: {
    readonly layout: Layout;
    readonly each: string | undefined;
    readonly fold: readonly string[];
  };
}

/** All layers of a letter have one body, so that one of them tells the places of all. */
function placementKey(request: WeightRequest, { crowdedLayers }: Section): string {
  const { scope, letter, path, term, bias, layer, axes } = request;
  const crowded = layer !== undefined && crowdedLayers.has(layer);
  const sizes = axes.map((axis) => axis.size);
  return `${scope} ${letter} ${path.join('.')} ${term?.index} ${bias} ${crowded} ${sizes.join(' ')}`;
}

function place(job: Job): Placement {
  const { request, report } = job;
  const found = findEntry(request, job.section);
  const line = lineOf(found, request);
  const each = indexedAxis(job, found, line);
  if (each === 'several') return { found };
  const tensors = request.axes.find((axis) => axis.name === each)?.size ?? 1;
  if (tensors > mostTensors) {
    report(errors.tooManyTensors(line, tensors, mostTensors));
    return { found };
  }
  const layout = layoutOf(job, found, each, line);
  if ('kind' in layout) {
    report(errors.layoutProblem(layout, request.path.join('.')));
    return { found };
  }
  const fold = foldOf(found, report);
  return fold === undefined ? { found } : { found, inTensor: { layout, each, fold } };
}

function mapWeight(job: Job, { found, inTensor }: Placement): MappedWeight | undefined {
  if (inTensor === undefined) return undefined;
  const { layout, each, fold } = inTensor;
  const views = viewsOf(job, found, each, layout);
  if (views === undefined) return undefined;
  return { views, ...(each !== undefined && { each }), fold, optional: found.entry?.mode === 'optional' };
}

function foldOf(found: Found, report: (diagnostic: Diagnostic) => void): readonly string[] | undefined {
  if (found.entry?.fold === undefined) return [];
  const read = readFold(found.entry.fold);
  return 'fold' in read ? read.fold : void report(errors.foldNotUnary(read.wrong.span));
}

/** The axis of the weight that stands in braces in its name, if any. */
function indexedAxis(job: Job, found: Found, line: Span): string | undefined | 'several' {
  const { request, section } = job;
  const names = new Set(found.patterns.flatMap((pattern) => [...namesInPattern(pattern)]));
  const axes = request.axes.map((axis) => axis.name);
  const indexed = axes.filter((name) => names.has(name) && name !== section.layerName && name !== 'site');
  if (indexed.length > 1) {
    job.report(errors.severalIndexedAxes(line, indexed));
    return 'several';
  }
  return indexed[0];
}

function layoutOf(job: Job, found: Found, each: string | undefined, line: Span): ReturnType<typeof layOut> {
  const { request } = job;
  const group = groupOf(job.groups, request);
  const outside = new Set(each === undefined ? [] : [each]);
  const stored = found.entry?.stored;
  const whole =
    request.bias && !(found.ownBias && stored !== undefined) ? weightOfBias(request, group) : undefined;
  const dimensions = stored?.dimensions ?? withoutAxis(defaultShape(whole ?? request, found.ownTerm), each);
  const named = found.named || stored === undefined;
  const surroundings = surroundingsOf(request, group, named, outside);
  const span = stored?.span ?? line;
  return whole === undefined
    ? layOut(request, dimensions, surroundings, span)
    : layOutBias(whole, dimensions, surroundings, span);
}

function weightOfBias(bias: WeightRequest, group: readonly WeightRequest[]): WeightRequest | undefined {
  const name = bias.path.at(-1);
  return group.find(
    (other) => !other.bias && other.path.at(-1) === name && other.term?.index === bias.term?.index,
  );
}

function withoutAxis(dimensions: readonly Shape[], axis: string | undefined): readonly Shape[] {
  const isAxis = (factor: ShapeFactor) => factor.kind === 'axisFactor' && factor.name.text === axis;
  return dimensions.flatMap((dimension) => {
    const terms = dimension.terms.map((term) => ({
      ...term,
      factors: term.factors.filter((factor) => !isAxis(factor)),
    }));
    const empty = terms.every(
      (term, at) => term.factors.length === 0 && dimension.terms[at]?.factors.length !== 0,
    );
    return empty ? [] : [{ ...dimension, terms }];
  });
}

/** One view, or one for each index of the axis in braces. */
function viewsOf(
  job: Job,
  found: Found,
  each: string | undefined,
  layout: Layout,
): readonly TensorView[] | undefined {
  const { request } = job;
  const count = each === undefined ? 1 : (request.axes.find((axis) => axis.name === each)?.size ?? 1);
  const strides = layout.strides.filter((_, at) => request.axes[at]?.name !== each);
  const views: TensorView[] = [];
  for (let index = 0; index < count; index += 1) {
    const tensors = tensorNames(job, found, (name) => (name === each ? index : undefined));
    if (tensors === undefined) return undefined;
    views.push({ tensors, shape: layout.shape, offset: layout.offset, strides });
  }
  return views;
}

function tensorNames(
  job: Job,
  found: Found,
  ofAxis: (name: string) => number | undefined,
): readonly string[] | undefined {
  const names = new Set<string>();
  for (const pattern of found.patterns) {
    const layer = layerInBraces(job.request, pattern);
    const lookup = (name: string) => ofAxis(name) ?? numberInBraces(job, name, layer);
    const name = expandPattern(pattern, lookup);
    if (typeof name !== 'string') {
      return void job.report(errors.patternProblem(name, lineOf(found, job.request), knownInBraces(job)));
    }
    names.add(name);
  }
  return [...names];
}

/** The weights of all sites of a shared letter lie together where `{site}` tells them apart, otherwise each at its own layer. */
function layerInBraces({ layer, sharedLayer }: WeightRequest, pattern: Pattern): number | undefined {
  return sharedLayer !== undefined && namesInPattern(pattern).has('site') ? sharedLayer : layer;
}

function numberInBraces(
  { request, section, options }: Job,
  name: string,
  layer: number | undefined,
): number | undefined {
  if (name === section.layerName && layer !== undefined) return layer;
  if (name === 'site' && request.layer !== undefined) return request.site;
  return constantIn(options, name);
}

function constantIn({ scope }: CheckpointOptions, name: string): number | undefined {
  const value = scope.lookup(name);
  return typeof value === 'number' ? value : undefined;
}

function knownInBraces({ request, section, options }: Job): readonly string[] {
  const ofLayer = request.layer === undefined ? [] : [section.layerName, 'site'];
  const constants = options.scope.names().filter((name) => Number.isFinite(options.scope.lookup(name)));
  return [...ofLayer, ...request.axes.map((axis) => axis.name), ...constants];
}
