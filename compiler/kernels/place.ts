// Where an element is: WGSL index expressions by axis name, and how a place becomes a flat index into a stored value.
import { type Axis, elementCount } from '../ir/graph.ts';

/** A u32 WGSL expression, with what is known about it. */
export interface Index {
  readonly text: string;
  /** Known to be 4 · `index` + `lane`, so that four neighbours can be read in one load. */
  readonly quad?: { readonly index: string; readonly lane: number };
  /** Known to be the index of `axes[at]` in a row-major flattening of `axes`, whose flat index is `whole`. */
  readonly split?: { readonly whole: Index; readonly axes: readonly Axis[]; readonly at: number };
}

/** An element of a value: one index for each axis it has (others may be present), and the token's index in the run. */
export interface Place {
  readonly axes: ReadonlyMap<string, Index>;
  readonly token: string;
}

/** One axis of a stored value with its stride in elements. */
export interface Stride {
  readonly axis: Axis;
  readonly stride: number;
}

export function plainIndex(text: string): Index {
  return { text };
}

export function constantIndex(value: number): Index {
  return { text: `${value}u` };
}

/** 4 · quad + lane. */
export function quadIndex(quad: string, lane: number): Index {
  return {
    text: lane === 0 ? `4u * ${wrap(quad)}` : `4u * ${wrap(quad)} + ${lane}u`,
    quad: { index: quad, lane },
  };
}

/** The indices of each of `axes` when `whole` counts their row-major flattening. */
export function splitIndex(whole: Index, axes: readonly Axis[]): readonly (readonly [string, Index])[] {
  const only = axes.length === 1;
  return axes.map((axis, at) => {
    const index: Index = only ? whole : { text: splitText(whole, axes, at), split: { whole, axes, at } };
    return [axis.name, index] as const;
  });
}

function splitText(whole: Index, axes: readonly Axis[], at: number): string {
  const stride = elementCount(axes.slice(at + 1));
  const divided = stride === 1 ? wrap(whole.text) : `${wrap(whole.text)} / ${stride}u`;
  if (at === 0) return divided;
  const size = axes[at]?.size ?? 1;
  return size === 1 ? '0u' : `(${divided}) % ${size}u`;
}

/** A place with each of `axes` taken from the flat index `whole`. */
export function placeOf(whole: Index, axes: readonly Axis[], token: string): Place {
  return { axes: new Map(splitIndex(whole, axes)), token };
}

export function withAxes(place: Place, entries: readonly (readonly [string, Index])[]): Place {
  return { axes: new Map([...place.axes, ...entries]), token: place.token };
}

/** The place with the indices of `from` also under the names of `to`, axis by axis. */
export function renamed(place: Place, from: readonly Axis[], to: readonly Axis[]): Place {
  const entries = to.flatMap((axis, i) => {
    const index = place.axes.get(from[i]?.name ?? '');
    return index === undefined ? [] : [[axis.name, index] as const];
  });
  return withAxes(place, entries);
}

/** Row-major strides of `axes`, last fastest, in units of `unit` elements. */
export function rowMajor(axes: readonly Axis[], unit = 1): readonly Stride[] {
  return axes.map((axis, at) => ({ axis, stride: unit * elementCount(axes.slice(at + 1)) }));
}

interface Term {
  readonly index: Index;
  readonly stride: number;
}

/** The flat index of a place in a value stored with these strides, plus a constant `offset` (elements). */
export function flatten(
  strides: readonly Stride[],
  place: Place,
  offset = 0,
  extra: readonly Term[] = [],
): Index {
  const terms = [...extra, ...collectTerms(strides, place)];
  const constant = terms.reduce((sum, term) => sum + (literal(term.index) ?? 0) * term.stride, offset);
  return sumTerms(
    terms.filter((term) => literal(term.index) === undefined),
    constant,
  );
}

/** Joins indices that came from one flat index back into it where the layout allows. */
function collectTerms(strides: readonly Stride[], place: Place): Term[] {
  const terms: Term[] = [];
  for (let at = 0; at < strides.length;) {
    const first = strides[at] as Stride; // `at` is within bounds by the loop's condition.
    const index = place.axes.get(first.axis.name);
    if (index === undefined) throw new Error(`internal: no index for axis ${first.axis.name}`);
    const joined = joinRun(strides, at, place);
    if (joined !== undefined) {
      terms.push(joined.term);
      at += joined.length;
    } else {
      if (first.axis.size !== 1) terms.push({ index, stride: first.stride });
      at += 1;
    }
  }
  return terms;
}

/** A run of axes whose indices are, one after the other, those of one flat index; whatever names they have by now. */
function joinRun(
  strides: readonly Stride[],
  at: number,
  place: Place,
): { term: Term; length: number } | undefined {
  const split = indexOf(strides[at], place)?.split;
  if (split === undefined || split.at !== 0) return undefined;
  const run = strides.slice(at, at + split.axes.length);
  const last = run.at(-1)?.stride ?? 1;
  const fits =
    run.length === split.axes.length &&
    run.every((entry, i) => {
      const own = indexOf(entry, place)?.split;
      const step = last * elementCount(split.axes.slice(i + 1));
      return own?.whole === split.whole && own.at === i && entry.stride === step;
    });
  return fits ? { term: { index: split.whole, stride: last }, length: run.length } : undefined;
}

function indexOf(entry: Stride | undefined, place: Place): Index | undefined {
  return entry === undefined ? undefined : place.axes.get(entry.axis.name);
}

function literal(index: Index): number | undefined {
  return /^\d+u$/.test(index.text) ? Number.parseInt(index.text, 10) : undefined;
}

function sumTerms(terms: readonly Term[], constant: number): Index {
  const texts = terms.map((term) =>
    term.stride === 1 ? term.index.text : `${wrap(term.index.text)} * ${term.stride}u`,
  );
  const text = [...texts, ...(constant !== 0 || texts.length === 0 ? [`${constant}u`] : [])].join(' + ');
  const quad = sumQuad(terms, constant);
  return quad === undefined ? { text } : { text, quad };
}

/** A sum is a quad when one term of stride 1 is, and all the rest are multiples of four. */
function sumQuad(terms: readonly Term[], constant: number): { index: string; lane: number } | undefined {
  const unit = terms.find((term) => term.stride === 1 && term.index.quad !== undefined);
  const others = terms.filter((term) => term !== unit);
  if (unit?.index.quad === undefined || constant % 4 !== 0) return undefined;
  if (others.some((term) => term.stride % 4 !== 0)) return undefined;
  const parts = others.map((term) => scaled(term.index.text, term.stride / 4));
  const all = [...parts, unit.index.quad.index, ...(constant === 0 ? [] : [`${constant / 4}u`])];
  return { index: all.join(' + '), lane: unit.index.quad.lane };
}

function scaled(text: string, by: number): string {
  return by === 1 ? text : `${wrap(text)} * ${by}u`;
}

/** Parentheses around everything that is not one token or one call. */
export function wrap(text: string): string {
  return /^[\w.]+$/.test(text) || /^\w+\([^()]*\)$/.test(text) ? text : `(${text})`;
}
