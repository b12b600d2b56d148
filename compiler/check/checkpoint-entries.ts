// Finds, for one weight, the lines of a checkpoint section that speak of it, and the tensor names they give.
import type { CheckpointEntry, CheckpointStatement, Name, Shape, ShapeFactor } from '../../grammar/ast.ts';
import { joinPatterns, type Pattern, type PatternPart } from './name-pattern.ts';
import type { WeightRequest } from './weight-request.ts';

/** The line that says where a weight is, or, without a line, only the default name. */
export interface Found {
  readonly patterns: readonly Pattern[];
  /** Absent where nothing but the default applies. */
  readonly entry?: CheckpointEntry;
  /** Whether the line names the weight; otherwise one of its labels does. */
  readonly named: boolean;
  /** Whether the line is that of one term or part of the weight. */
  readonly ownTerm?: boolean;
  /** Whether the patterns are the bias's own and not the weight's. */
  readonly ownBias: boolean;
}

/** The checkpoint section, or what takes its place. */
export interface Section {
  readonly entries: readonly CheckpointEntry[];
  readonly layerName: string;
  readonly layerPrefixes: readonly Pattern[];
  readonly letters: ReadonlySet<string>;
  /** Layers of several letters: there, letters without a line get a prefix of their own. */
  readonly crowdedLayers: ReadonlySet<number>;
}

export function readSection(
  statement: CheckpointStatement | undefined,
  letters: readonly string[],
  requests: readonly WeightRequest[],
): Section {
  const entries = statement?.entries ?? [];
  const layer = entries.find((entry) => entry.mode === 'layer');
  const prefixes = layer === undefined ? [] : joinPatterns([[]], textParts(layer));
  return {
    entries: outermost(entries, new Set(letters)),
    layerName: layer?.subjects[0]?.[0]?.text ?? 'i',
    layerPrefixes:
      prefixes.length > 0 ? prefixes : [[{ text: `layers.{${layer?.subjects[0]?.[0]?.text ?? 'i'}}.` }]],
    letters: new Set(letters),
    crowdedLayers: crowded(requests),
  };
}

/** Lines on or beneath the line of the layers belong to the section itself. */
function outermost(
  entries: readonly CheckpointEntry[],
  letters: ReadonlySet<string>,
): readonly CheckpointEntry[] {
  return entries.flatMap((entry) => {
    if (entry.mode === 'layer') return [entry, ...outermost([...entry.also, ...entry.entries], letters)];
    const isLetter = letters.has(entry.subjects[0]?.[0]?.text ?? '');
    return isLetter ? [entry] : withNeighbours(entry);
  });
}

function crowded(requests: readonly WeightRequest[]): ReadonlySet<number> {
  const first = new Map<number, string>();
  const result = new Set<number>();
  for (const { layer, letter } of requests) {
    if (layer === undefined || letter === undefined) continue;
    if ((first.get(layer) ?? letter) !== letter) result.add(layer);
    first.set(layer, letter);
  }
  return result;
}

export function textParts(entry: CheckpointEntry): readonly PatternPart[] {
  return entry.patterns.map(({ value, span, and }) => ({
    text: value,
    span,
    ...(and !== undefined && { and: and.map((other) => ({ text: other.value, span: other.span })) }),
  }));
}

/** A line that may speak of what is looked for: the names of its subject that are still to be met, and the prefix it stands under. */
interface Claim {
  readonly entry: CheckpointEntry;
  readonly rest: readonly Name[];
  readonly prefixes: readonly Pattern[];
}

export function findEntry(request: WeightRequest, section: Section): Found {
  if (request.scope === 'model') {
    return findAlong(request, request.path, claimsOf(section.entries, [[]]), [[]]);
  }
  const { prefixes, claims } = letterContext(request, section);
  return findAlong(request, request.path, claims, prefixes);
}

function claimsOf(entries: readonly CheckpointEntry[], prefixes: readonly Pattern[]): readonly Claim[] {
  return entries.flatMap((entry) => {
    if (entry.mode !== 'plain' && entry.mode !== 'optional') return [];
    if (entry.subjects.length === 0) return [{ entry, rest: [], prefixes }];
    return entry.subjects.map((rest) => ({ entry, rest, prefixes }));
  });
}

/** On the line of a weight, `q "wq", k "wk"`, what follows stands beside it; on the line of a letter or part, beneath it. */
function withNeighbours(entry: CheckpointEntry): readonly CheckpointEntry[] {
  return holdsOthers(entry) ? [entry] : [entry, ...entry.also.flatMap(withNeighbours)];
}

function beneathLine(entry: CheckpointEntry): readonly CheckpointEntry[] {
  return [...entry.also, ...entry.entries].flatMap(withNeighbours);
}

/** Whether a line is about a letter or a part: it gives a prefix, or has lines beneath. */
function holdsOthers(entry: CheckpointEntry): boolean {
  return entry.entries.length > 0 || entry.patterns.some(({ value }) => value.endsWith('.'));
}

/** The lines under the letter, then those of the section that name no letter. A block's own weights do without the letter's prefix. */
function letterContext(
  request: WeightRequest,
  section: Section,
): { readonly prefixes: readonly Pattern[]; readonly claims: readonly Claim[] } {
  const letter = request.letter ?? '';
  const claims = claimsOf(section.entries, section.layerPrefixes);
  const said = descend(claims, letter, section.layerPrefixes, defaultLetterParts(request, section, claims));
  const general = claims.filter(({ rest }) => rest[0] === undefined || !section.letters.has(rest[0].text));
  const ownPrefix = request.scope === 'mixer' || !claims.some(({ rest }) => rest[0]?.text === letter);
  const prefixes = ownPrefix ? said.prefixes : section.layerPrefixes;
  const under = said.claims.map((claim) => ({ ...claim, prefixes }));
  return { prefixes, claims: [...under, ...general] };
}

/** Nothing, unless another letter of the same layer would be looked for under the same names. */
function defaultLetterParts(
  request: WeightRequest,
  section: Section,
  claims: readonly Claim[],
): readonly PatternPart[] {
  const said = claims.some(({ rest }) => rest[0]?.text === request.letter);
  const alone = request.layer === undefined || !section.crowdedLayers.has(request.layer);
  return [{ text: said || alone ? '' : `${request.letter}.` }];
}

/** Into a letter or a part: the lines beneath the lines that name it, under its prefix. */
function descend(
  claims: readonly Claim[],
  name: string,
  outer: readonly Pattern[],
  fallback: readonly PatternPart[],
): { readonly prefixes: readonly Pattern[]; readonly claims: readonly Claim[] } {
  const matching = claims.filter(({ rest }) => rest[0]?.text === name);
  const here = matching.filter(({ rest }) => rest.length === 1);
  const saying = here.find(({ entry }) => entry.patterns.length > 0);
  const prefixes =
    saying === undefined
      ? joinPatterns(outer, fallback)
      : joinPatterns(saying.prefixes, textParts(saying.entry));
  const further = matching
    .filter(({ rest }) => rest.length > 1)
    .map((claim) => ({ ...claim, rest: claim.rest.slice(1), prefixes }));
  const beneath = here.flatMap(({ entry }) => claimsOf(beneathLine(entry), prefixes));
  return { prefixes, claims: [...further, ...beneath] };
}

function findAlong(
  request: WeightRequest,
  path: readonly string[],
  claims: readonly Claim[],
  prefixes: readonly Pattern[],
): Found {
  const [name = '', ...rest] = path;
  if (rest.length === 0) return findLeaf(request, name, claims, prefixes);
  const inner = descend(claims, name, prefixes, [{ text: `${name}.` }]);
  return findAlong(request, rest, inner.claims, inner.prefixes);
}

/** The weight itself: by its name, by a label, or (a block's norms) by the word `norm`. */
function findLeaf(
  request: WeightRequest,
  name: string,
  claims: readonly Claim[],
  prefixes: readonly Pattern[],
): Found {
  const named = claims.filter(({ rest }) => rest[0]?.text === name);
  const own = ownLine(request, named);
  if (own !== undefined) return own;
  const fused = claims.find(({ entry, rest }) => rest.length === 0 && hasLabel(entry, name));
  if (fused !== undefined) return foundBy(request, fused, false);
  const isBlockNorm = request.scope === 'block' && request.role === 'norm';
  const byWord = isBlockNorm
    ? ownLine(
        request,
        claims.filter(({ rest }) => rest[0]?.text === 'norm'),
      )
    : undefined;
  return (
    byWord ?? { patterns: joinPatterns(prefixes, defaultNames(request, name)), named: true, ownBias: true }
  );
}

/** A line of the bias or of the term comes before the line of the whole weight. */
function ownLine(request: WeightRequest, named: readonly Claim[]): Found | undefined {
  const here = named.filter(({ rest }) => rest.length === 1);
  const beneath = here.flatMap(({ entry, prefixes }) => claimsOf(beneathLine(entry), prefixes));
  const further = named
    .filter(({ rest }) => rest.length === 2)
    .map((claim) => ({ ...claim, rest: claim.rest.slice(1) }));
  const inner = [...further, ...beneath].filter(({ rest }) => rest.length === 1);
  if (request.bias) {
    const bias = inner.find(({ rest, entry }) => rest[0]?.text === 'bias' && entry.patterns.length > 0);
    if (bias !== undefined) {
      return {
        patterns: joinPatterns(bias.prefixes, textParts(bias.entry)),
        entry: bias.entry,
        named: true,
        ownBias: true,
      };
    }
  }
  const label = request.term?.label;
  const term = inner.find(({ rest }) => label !== undefined && rest[0]?.text === label);
  const whole = term ?? here[0];
  if (whole === undefined) return undefined;
  return { ...foundBy(request, whole, true), ...(term === undefined ? {} : { ownTerm: true }) };
}

function foundBy(request: WeightRequest, { entry, prefixes }: Claim, named: boolean): Found {
  const said = textParts(entry);
  const name = request.path.at(-1) ?? '';
  const names =
    said.length === 0 ? defaultNames(request, name) : said.flatMap((part) => namesFrom(part, request));
  return { patterns: joinPatterns(prefixes, names), entry, named, ownBias: false };
}

/** What a line's text means for this weight: a full name, or a stem that `.weight` or `.bias` follows. */
function namesFrom(part: PatternPart, request: WeightRequest): readonly PatternPart[] {
  const { and = [], ...first } = part;
  const [names = [], ...others] = [first, ...and].map(({ text }) => fullNames(text, request));
  return names.map((text, at) => ({
    ...first,
    text,
    ...(and.length > 0 && {
      and: and.map((other, i) => ({ ...other, text: others[i]?.[at] ?? other.text })),
    }),
  }));
}

/** In the order in which they are looked for. */
function fullNames(text: string, request: WeightRequest): readonly string[] {
  if (request.bias) {
    const stem = text.slice(0, -'.weight'.length);
    if (text.endsWith('.weight')) return [`${stem}.bias`];
    if (text.endsWith('_weight')) return [`${stem}_bias`];
    return text.endsWith('.') ? [`${text}bias`] : [`${text}.bias`, `${text}_bias`];
  }
  if (text.endsWith('.')) return [`${text}weight`];
  if (text.endsWith('.weight')) return [text];
  return isBare(request) ? [text, `${text}.weight`] : [`${text}.weight`, text];
}

/**
 * Maps, filters and norms are modules with a `.weight`; any other weight is a tensor by itself. Files differ about the scales of
 * norms inside mixers, so for a bare name that is not there the other one is looked for too.
 */
function isBare(request: WeightRequest): boolean {
  const builtIn =
    request.scope === 'model' && ['embed', 'final_norm', 'head'].includes(request.path[0] ?? '');
  return request.role === 'plain' && !builtIn;
}

function defaultNames(request: WeightRequest, name: string): readonly PatternPart[] {
  if (request.bias) return [{ text: `${name}.bias` }];
  if (isBare(request)) return [{ text: name }, { text: `${name}.weight` }];
  // A filter is a convolution's weight, or a tensor by itself.
  const alone = request.role === 'filter' ? [{ text: name }] : [];
  return [{ text: `${name}.weight` }, ...alone];
}

function hasLabel(entry: CheckpointEntry, name: string): boolean {
  return entry.stored?.dimensions.some((dimension) => shapeHasLabel(dimension, name)) ?? false;
}

/** By a label, or by its bare name in `channel * (x + z)`. */
function shapeHasLabel(shape: Shape, name: string): boolean {
  return (
    labelsOf(shape).some((label) => label.text === name) ||
    shape.terms.some(({ factors }) => {
      const alone = shape.terms.length > 1 && factors.length === 1;
      return factors.some((factor) => isBareName(factor, alone, name));
    })
  );
}

/** A name beside others in a product is an axis. */
function isBareName(factor: ShapeFactor, alone: boolean, name: string): boolean {
  if (factor.kind === 'groupFactor') return shapeHasLabel(factor.shape, name);
  return factor.kind === 'axisFactor' && alone && factor.name.text === name;
}

/** Every label of a stored shape, outermost first. A label inside a labelled group belongs to that weight's terms. */
export function labelsOf(shape: Shape): readonly Name[] {
  return shape.terms.flatMap((term) =>
    term.label !== undefined
      ? [term.label]
      : term.factors.flatMap((factor) => (factor.kind === 'groupFactor' ? labelsOf(factor.shape) : [])),
  );
}
