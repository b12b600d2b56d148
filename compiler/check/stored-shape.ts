// Lays a weight out in its stored tensor: from the notation of a checkpoint line to one strided view.
import type { Shape, ShapeFactor, ShapeTerm } from '../../grammar/ast.ts';
import type { Span } from '../../grammar/source.ts';
import type { WeightAxis, WeightRequest } from './weight-request.ts';

/** Where a weight's elements are: the tensor's shape, the first element, and for each axis of the weight its stride. */
export interface Layout {
  readonly shape: readonly number[];
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Why a stored shape does not fit a weight, with the place. */
export type LayoutProblem = { readonly span: Span } & (
  | { readonly kind: 'axisNotThere'; readonly axis: string; readonly axes: readonly string[] }
  | { readonly kind: 'axisTwice'; readonly axis: string }
  | { readonly kind: 'sizeNotOne'; readonly size: number }
  | { readonly kind: 'axesMissing'; readonly axes: readonly string[] }
  | { readonly kind: 'unknownTerm'; readonly label: string; readonly labels: readonly string[] }
  | { readonly kind: 'termCount'; readonly stored: number; readonly declared: number }
  | { readonly kind: 'noLabel'; readonly name: string }
);

/** What the stored shape may speak of beside the weight's own axes. */
export interface LayoutSurroundings {
  /** The size of an axis of this or another weight of the same tensor. */
  readonly sizeOf: (axis: string) => number | undefined;
  /** The axes that a product's name stands for. */
  readonly expand: (axis: string) => readonly string[] | undefined;
  /** False for a label whose weight the layer lacks: it takes no rows. */
  readonly present: (label: string) => boolean;
  /** Whether the line names the weight; otherwise a label does. */
  readonly named: boolean;
  /** Axes with one tensor for each index: they are not in the shape. */
  readonly outside: ReadonlySet<string>;
}

type LaidOutWeight = Pick<WeightRequest, 'path' | 'term' | 'axes' | 'inputs' | 'outputs'>;

/** The view of the whole weight. */
export function layOut(
  weight: LaidOutWeight,
  dimensions: readonly Shape[],
  surroundings: LayoutSurroundings,
  span: Span,
): Layout | LayoutProblem {
  const walk = beginWalk(weight, surroundings, new Set());
  const pieces = dimensions.map((dimension) => measureSum(dimension, walk, true, surroundings.named));
  return finish(walk, pieces, span);
}

/**
 * The view of the weight's bias: its stored shape is the weight's without the input axes and without taps; dimensions of which
 * nothing is left (and those of size 1) go.
 */
export function layOutBias(
  weight: LaidOutWeight,
  dimensions: readonly Shape[],
  surroundings: LayoutSurroundings,
  span: Span,
): Layout | LayoutProblem {
  const left = new Set([...weight.axes.keys()].filter((axis) => !isBiasAxis(weight, axis)));
  const first = beginWalk(weight, surroundings, new Set());
  const kept = dimensions.filter((dimension) => {
    const { strides, size } = measureSum(dimension, first, true, surroundings.named);
    return strides.length > 0 ? strides.some(([axis]) => !left.has(axis)) : size !== 1;
  });
  const walk = beginWalk(weight, surroundings, left);
  const layout = finish(
    walk,
    kept.map((dimension) => measureSum(dimension, walk, true, surroundings.named)),
    span,
  );
  if ('kind' in layout) return layout;
  return { ...layout, strides: layout.strides.filter((_, axis) => !left.has(axis)) };
}

function isBiasAxis(weight: LaidOutWeight, at: number): boolean {
  const per = weight.axes.length - weight.inputs - weight.outputs;
  return (at < per || at >= per + weight.inputs) && weight.axes[at]?.kind === 'plain';
}

interface Walk {
  readonly weight: LaidOutWeight;
  readonly surroundings: LayoutSurroundings;
  /** Axes that count as size 1: the inputs, when a bias is laid out. */
  readonly collapsed: ReadonlySet<number>;
  /** Axes of the weight that were met already. */
  readonly claimed: Set<number>;
  /** The first problem; what is measured after it does not matter. */
  problem?: LayoutProblem;
}

/** A part of a dimension: its size, and where in it the weight lies. */
interface Piece {
  readonly size: number;
  readonly offset: number;
  readonly strides: readonly (readonly [axis: number, stride: number])[];
}

const unit: Piece = { size: 1, offset: 0, strides: [] };

function beginWalk(
  weight: LaidOutWeight,
  surroundings: LayoutSurroundings,
  collapsed: ReadonlySet<number>,
): Walk {
  return { weight, surroundings, collapsed, claimed: new Set() };
}

/** Row-major: the last dimension is the fastest. */
function finish(walk: Walk, pieces: readonly Piece[], span: Span): Layout | LayoutProblem {
  if (walk.problem !== undefined) return walk.problem;
  const { axes } = walk.weight;
  const missing = axes.filter((axis, at) => needsPlace(walk, axis, at));
  if (missing.length > 0) return { kind: 'axesMissing', axes: missing.map((axis) => axis.name), span };
  const whole = multiply(pieces);
  const strides = new Map(whole.strides);
  return {
    shape: pieces.map((piece) => piece.size),
    offset: whole.offset,
    strides: axes.map((_, at) => strides.get(at) ?? 0),
  };
}

function needsPlace(walk: Walk, axis: WeightAxis, at: number): boolean {
  return !walk.claimed.has(at) && !walk.collapsed.has(at) && !walk.surroundings.outside.has(axis.name);
}

/** Nested pieces as one: each counts in units of all that follow it. */
function multiply(pieces: readonly Piece[]): Piece {
  let size = 1;
  let offset = 0;
  const strides: [number, number][] = [];
  for (const piece of pieces.toReversed()) {
    offset += piece.offset * size;
    for (const [axis, stride] of piece.strides) strides.push([axis, stride * size]);
    size *= piece.size;
  }
  return { size, offset, strides };
}

/** A sum of terms: the weight lies in one of them, after the rows of those before it. */
function measureSum(sum: Shape, walk: Walk, mine: boolean, byName: boolean): Piece {
  const [only] = sum.terms;
  const named = byName || hasOwnTerms(sum, walk);
  const plain = sum.terms.length === 1 && only !== undefined && only.label === undefined;
  const own = plain ? 0 : mine ? ownTerm(sum, walk, named) : -1;
  let size = 0;
  let place: Piece = unit;
  sum.terms.forEach((term, at) => {
    if (at !== own && !takesRows(sum, term, walk, named)) return;
    const factors = bareLabel(sum, term, walk) === undefined ? term.factors : [];
    const piece = multiply(
      factors.flatMap((factor) => measureFactor(factor, walk, mine && at === own, named || !plain)),
    );
    if (at === own) place = { ...piece, offset: size + piece.offset };
    size += piece.size;
  });
  return { ...place, size };
}

/** Whether the sum is of the weight's own terms, as real and imaginary parts are, beside another sum whose labels are weights. */
function hasOwnTerms(sum: Shape, walk: Walk): boolean {
  const own = walk.weight.term?.all.map(({ label }) => label) ?? [];
  const labels = sum.terms.map((term) => labelOf(sum, term, walk));
  return labels.every((label) => label !== undefined && own.includes(label));
}

/** In `channel * (x + z)` the terms are labels alone, one row each: names that are no axes. */
function bareLabel(sum: Shape, term: ShapeTerm, { surroundings, weight }: Walk): string | undefined {
  const [factor, ...rest] = term.factors;
  if (sum.terms.length < 2 || term.label !== undefined || rest.length > 0) return undefined;
  if (factor?.kind !== 'axisFactor') return undefined;
  const { text } = factor.name;
  const isAxis = weight.axes.some((axis) => axis.name === text) || surroundings.sizeOf(text) !== undefined;
  return isAxis || surroundings.expand(text) !== undefined ? undefined : text;
}

function labelOf(sum: Shape, term: ShapeTerm, walk: Walk): string | undefined {
  return term.label?.text ?? bareLabel(sum, term, walk);
}

function takesRows(sum: Shape, term: ShapeTerm, walk: Walk, named: boolean): boolean {
  const label = labelOf(sum, term, walk);
  return named || label === undefined || walk.surroundings.present(label);
}

/** Which term of the sum holds the weight: by the weight's name, or, where the line names it, by its own terms. */
function ownTerm(sum: Shape, walk: Walk, named: boolean): number {
  const name = walk.weight.path.at(-1) ?? '';
  const byName = sum.terms.findIndex((each) => labelOf(sum, each, walk) === name);
  const { term } = walk.weight;
  if (!named || term === undefined) {
    if (byName >= 0 || (named && sum.terms.length === 1)) return Math.max(byName, 0);
    return problem(walk, { kind: 'noLabel', name, span: sum.span });
  }
  return ownTermOfSum(sum, term, walk);
}

function ownTermOfSum(sum: Shape, term: NonNullable<WeightRequest['term']>, walk: Walk): number {
  if (sum.terms.length !== term.all.length) {
    return problem(walk, {
      kind: 'termCount',
      stored: sum.terms.length,
      declared: term.all.length,
      span: sum.span,
    });
  }
  const labels = term.all.flatMap(({ label }) => label ?? []);
  if (term.label === undefined || labels.length < term.all.length) return term.index;
  for (const each of sum.terms) {
    const label = labelOf(sum, each, walk);
    if (label !== undefined && !labels.includes(label)) {
      return problem(walk, { kind: 'unknownTerm', label, labels, span: each.label?.span ?? each.span });
    }
  }
  const byLabel = sum.terms.findIndex((each) => labelOf(sum, each, walk) === term.label);
  return byLabel < 0 ? term.index : byLabel;
}

function problem(walk: Walk, found: LayoutProblem): -1 {
  walk.problem ??= found;
  return -1;
}

function measureFactor(factor: ShapeFactor, walk: Walk, mine: boolean, named: boolean): readonly Piece[] {
  switch (factor.kind) {
    case 'axisFactor':
      return measureAxis(factor.name.text, factor.span, walk, mine);
    case 'filterFactor':
      return [measureFilter(factor.orientation, factor.span, walk, mine)];
    case 'groupFactor':
      return [measureSum(factor.shape, walk, mine, named)];
    case 'sizeFactor':
      if (mine && factor.size !== 1)
        problem(walk, { kind: 'sizeNotOne', size: factor.size, span: factor.span });
      return [{ ...unit, size: factor.size }];
  }
}

/** One axis, or, for the name of a product, its axes. */
function measureAxis(name: string, span: Span, walk: Walk, mine: boolean): readonly Piece[] {
  const { expand, sizeOf } = walk.surroundings;
  if (mine) {
    const at = unclaimed(walk, name);
    if (at !== undefined) return [claim(walk, at)];
    if (isFilterWord(name) && filterAxis(walk) !== undefined) return [measureFilter(name, span, walk, mine)];
  }
  const parts = expand(name);
  if (parts !== undefined && (parts.length !== 1 || parts[0] !== name)) {
    return parts.flatMap((part) => measureAxis(part, span, walk, mine));
  }
  const size = sizeOf(name);
  if (mine || size === undefined) {
    const axes = walk.weight.axes.map((axis) => axis.name);
    const kind = axes.includes(name) ? 'axisTwice' : 'axisNotThere';
    problem(walk, { kind, axis: name, axes, span });
  }
  return [{ ...unit, size: size ?? 1 }];
}

/** The axis of that name that has no place yet; of two, the output first, as maps are stored. */
function unclaimed(walk: Walk, name: string): number | undefined {
  const { axes, inputs, outputs } = walk.weight;
  const isInput = (at: number) => at >= axes.length - inputs - outputs && at < axes.length - outputs;
  const free = [...axes.keys()].filter((at) => axes[at]?.name === name && !walk.claimed.has(at));
  return free.find((at) => !isInput(at)) ?? free[0];
}

function claim(walk: Walk, at: number, reversed = false): Piece {
  walk.claimed.add(at);
  const size = walk.weight.axes[at]?.size ?? 1;
  if (walk.collapsed.has(at)) return unit;
  return reversed ? { size, offset: size - 1, strides: [[at, -1]] } : { size, offset: 0, strides: [[at, 1]] };
}

function isFilterWord(name: string): name is 'taps' | 'lag' {
  return name === 'taps' || name === 'lag';
}

function filterAxis(walk: Walk): number | undefined {
  const at = walk.weight.axes.findIndex((axis, index) => axis.kind !== 'plain' && !walk.claimed.has(index));
  return at < 0 ? undefined : at;
}

/** A filter stored in the other direction is read backwards. */
function measureFilter(orientation: 'taps' | 'lag', span: Span, walk: Walk, mine: boolean): Piece {
  const at = filterAxis(walk);
  if (at !== undefined && mine) return claim(walk, at, walk.weight.axes[at]?.kind !== orientation);
  const size = walk.surroundings.sizeOf(orientation);
  if (mine || size === undefined) {
    const axes = walk.weight.axes.map((axis) => axis.name);
    problem(walk, { kind: 'axisNotThere', axis: orientation, axes, span });
  }
  return { ...unit, size: size ?? 1 };
}
