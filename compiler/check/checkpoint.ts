// Maps the weights of a model to views of the tensors of its checkpoint.
import type { CheckpointEntry, CheckpointStatement, Shape, ShapeFactor } from '../../grammar/ast.ts';
import type { Checked, Diagnostic, Span } from '../../grammar/source.ts';
import type { TensorView } from '../ir/graph.ts';
import { findEntry, readSection, type Found, type Section } from './checkpoint-entries.ts';
import * as errors from './checkpoint-errors.ts';
import type { CheckpointMap, CheckpointOptions } from './checkpoint-options.ts';
import { findSharedPlaces } from './checkpoint-overlaps.ts';
import { groupByTensor, groupOf, surroundingsOf, type Groups } from './checkpoint-groups.ts';
import { checkSubjects } from './checkpoint-subjects.ts';
import { defaultShape } from './default-shape.ts';
import { ignoredNames } from './ignored-tensors.ts';
import { readFold } from './load-fold.ts';
import { expandPattern, namesInPattern } from './name-pattern.ts';
import { layOut, layOutBias, type Layout } from './stored-shape.ts';
import type { MappedWeight, WeightRequest } from './weight-request.ts';

/** Where every weight is; weights whose line is wrong are left out of the map and reported. */
export function mapCheckpoint(
  statement: CheckpointStatement | undefined,
  asked: readonly WeightRequest[],
  options: CheckpointOptions,
): Checked<CheckpointMap> {
  const diagnostics: Diagnostic[] = checkSubjects(statement, asked, options);
  const requests = asked.map(withoutPrimes);
  const section = readSection(statement, options.letters, requests);
  const groups = groupByTensor(requests);
  const weights = new Map<string, MappedWeight>();
  const places = new Map<string, Span>();
  const used = new Set<CheckpointEntry>();
  for (const request of requests) {
    const found = findEntry(request, section);
    if (found.entry !== undefined) used.add(found.entry);
    places.set(request.id, placeOf(found, request));
    const mapped = mapWeight({
      request,
      found,
      section,
      groups,
      options,
      report: (d) => diagnostics.push(d),
    });
    if (mapped !== undefined) weights.set(request.id, mapped);
  }
  const ignored = ignoredNames(section, used);
  const unique = uniqueDiagnostics(diagnostics);
  const overlaps = unique.length > 0 ? [] : findSharedPlaces(requests, weights, places);
  return { value: { weights, ignored }, diagnostics: [...unique, ...overlaps] };
}

/** The line of the checkpoint section, or, where there is none, the weight's declaration. */
function placeOf({ entry }: Found, request: WeightRequest): Span {
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
    const key = `${code} ${primary?.span.start} ${primary?.span.end}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** One weight in more tensors than this is a slip of the keyboard. */
const mostTensors = 16_384;

interface Job {
  readonly request: WeightRequest;
  readonly found: Found;
  readonly section: Section;
  readonly groups: Groups;
  readonly options: CheckpointOptions;
  readonly report: (diagnostic: Diagnostic) => void;
}

function mapWeight(job: Job): MappedWeight | undefined {
  const { request, found, report } = job;
  const place = placeOf(found, request);
  const each = indexedAxis(job, place);
  if (each === 'several') return undefined;
  const tensors = request.axes.find((axis) => axis.name === each)?.size ?? 1;
  if (tensors > mostTensors) return void report(errors.tooManyTensors(place, tensors, mostTensors));
  const layout = layoutOf(job, each, place);
  if ('kind' in layout) return void report(errors.layoutProblem(layout, request.path.join('.')));
  const views = viewsOf(job, each, layout, place);
  const fold = foldOf(found, report);
  if (views === undefined || fold === undefined) return undefined;
  const optional = found.entry?.mode === 'optional';
  return { views, ...(each !== undefined && { each }), fold, optional };
}

function foldOf(found: Found, report: (diagnostic: Diagnostic) => void): readonly string[] | undefined {
  if (found.entry?.fold === undefined) return [];
  const read = readFold(found.entry.fold);
  return 'fold' in read ? read.fold : void report(errors.foldNotUnary(read.wrong.span));
}

/** The axis of the weight that stands in braces in its name, if any. */
function indexedAxis(job: Job, place: Span): string | undefined | 'several' {
  const { request, found, section } = job;
  const names = new Set(found.patterns.flatMap((pattern) => [...namesInPattern(pattern)]));
  const axes = request.axes.map((axis) => axis.name);
  const indexed = axes.filter((name) => names.has(name) && name !== section.layerName && name !== 'site');
  if (indexed.length > 1) {
    job.report(errors.severalIndexedAxes(place, indexed));
    return 'several';
  }
  return indexed[0];
}

function layoutOf(job: Job, each: string | undefined, place: Span): ReturnType<typeof layOut> {
  const { request, found } = job;
  const group = groupOf(job.groups, request);
  const outside = new Set(each === undefined ? [] : [each]);
  const stored = found.entry?.stored;
  const whole =
    request.bias && !(found.ownBias && stored !== undefined) ? weightOfBias(request, group) : undefined;
  const dimensions = stored?.dimensions ?? withoutAxis(defaultShape(whole ?? request), each);
  const named = found.named || stored === undefined;
  const surroundings = surroundingsOf(request, group, named, outside);
  const span = stored?.span ?? place;
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
  each: string | undefined,
  layout: Layout,
  place: Span,
): readonly TensorView[] | undefined {
  const { request } = job;
  const count = each === undefined ? 1 : (request.axes.find((axis) => axis.name === each)?.size ?? 1);
  const strides = layout.strides.filter((_, at) => request.axes[at]?.name !== each);
  const views: TensorView[] = [];
  for (let index = 0; index < count; index += 1) {
    const tensors = tensorNames(job, (name) => (name === each ? index : undefined), place);
    if (tensors === undefined) return undefined;
    views.push({ tensors, shape: layout.shape, offset: layout.offset, strides });
  }
  return views;
}

function tensorNames(
  job: Job,
  ofAxis: (name: string) => number | undefined,
  place: Span,
): readonly string[] | undefined {
  const lookup = (name: string) => ofAxis(name) ?? numberInBraces(job, name);
  const names = new Set<string>();
  for (const pattern of job.found.patterns) {
    const name = expandPattern(pattern, lookup);
    if (typeof name !== 'string') {
      return void job.report(errors.patternProblem(name, place, knownInBraces(job)));
    }
    names.add(name);
  }
  return [...names];
}

function numberInBraces({ request, section, options }: Job, name: string): number | undefined {
  if (name === section.layerName && request.layer !== undefined) return request.layer;
  if (name === 'site' && request.layer !== undefined) return request.site;
  const value = options.scope.lookup(name);
  return typeof value === 'number' ? value : undefined;
}

function knownInBraces({ request, section, options }: Job): readonly string[] {
  const ofLayer = request.layer === undefined ? [] : [section.layerName, 'site'];
  const constants = options.scope.names().filter((name) => typeof options.scope.lookup(name) === 'number');
  return [...ofLayer, ...request.axes.map((axis) => axis.name), ...constants];
}
