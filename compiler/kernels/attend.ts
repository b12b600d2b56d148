// What every attention kernel is told: shapes, which positions are seen, and where a position's key and value lie.
import type { Hook } from './template.ts';
import { float, LOG2_E } from './text.ts';
import type { Code } from './wgsl.ts';

/**
 * Query heads come in `groups`, one for each key-value head, of `per` heads. The query at position t sees the positions s ≤ t with
 * t − s < window (all of them without a window), and those with s < pinned; of all these only those of its own block of `chunk`
 * positions, where there are such. `ahead` makes later positions visible in the same way.
 */
export interface AttendShape {
  readonly groups: number;
  readonly per: number;
  /** Elements of a query and a key. */
  readonly key: number;
  /** Elements of a value. */
  readonly value: number;
  /** Positions that the cache has room for, see `slotOf`. */
  readonly slots: number;
  /** What scores are multiplied by. */
  readonly scale: number;
  /** Scores are bent to cap · tanh(score / cap). */
  readonly softcap?: number;
  readonly window?: number;
  readonly pinned?: number;
  readonly chunk?: number;
  readonly ahead?: boolean;
  /** Scores are divided by the number of positions seen. */
  readonly perVisible?: boolean;
  /** A WGSL function from a score to its value's weight, instead of the softmax. */
  readonly weigh?: string;
  /** Positions from the first one on that the cache never overwrites, because some reader pins them; `pinned` unless given. */
  readonly kept?: number;
}

/** How the cache is read. All results are f32. The quads are needed only for sizes that are multiples of 4, and used there. */
export interface CacheReader {
  readonly readKey: (code: Code, group: string, slot: string, d: string) => string;
  readonly readValue: (code: Code, group: string, slot: string, d: string) => string;
  /** Elements 4 · quad … 4 · quad + 3, as vec4<f32>. */
  readonly readKey4?: (code: Code, group: string, slot: string, quad: string) => string;
  readonly readValue4?: (code: Code, group: string, slot: string, quad: string) => string;
}

/**
 * The slot of a position, as an expression: a ring over the slots. Kept positions have the first slots for themselves and the
 * ring is over the others. Whatever appends to the cache must use it too.
 */
export function slotOf(shape: Pick<AttendShape, 'slots' | 'pinned' | 'kept'>, position: string): string {
  const pinned = shape.kept ?? shape.pinned ?? 0;
  if (pinned === 0) return `${position} % ${shape.slots}u`;
  const ring = shape.slots - pinned;
  return `select(${pinned}u + (${position} - ${pinned}u) % ${ring}u, ${position}, ${position} < ${pinned}u)`;
}

/** Throws where the shape makes no sense: the planner never asks for it. */
export function checkAttend(shape: AttendShape): void {
  for (const what of ['groups', 'per', 'key', 'value', 'slots'] as const)
    if (!Number.isInteger(shape[what]) || shape[what] < 1)
      throw new Error(`internal: an attend with ${shape[what]} for its ${what}`);
  const pinned = shape.kept ?? shape.pinned ?? 0;
  if (pinned > 0 && pinned >= shape.slots) throw new Error('internal: an attend pins all of its slots');
  if (shape.window !== undefined && shape.window < 1) throw new Error('internal: an attend sees no position');
}

/** What is added to the score of a head: of the query at one position, for the key at another; both are u32. */
export type BiasHook = Hook<[group: string, per: string, query: string, position: string]>;

/** The unit of scores: the softmax is taken with exp2, so there it is log 2. */
function scoreUnit(shape: AttendShape): number {
  return shape.weigh === undefined ? LOG2_E : 1;
}

/** What queries are multiplied by, so that `bend` of their products with keys gives scores in their unit. */
export function queryFactor(shape: AttendShape): string {
  return float(shape.softcap === undefined ? shape.scale * scoreUnit(shape) : shape.scale / shape.softcap);
}

/** The score from a product; the argument of tanh is bounded because some implementations overflow inside it. */
export function bend(shape: AttendShape, product: string, type: 'f32' | 'vec4<f32>' = 'f32'): string {
  if (shape.softcap === undefined) return product;
  return `${float(shape.softcap * scoreUnit(shape))} * tanh(clamp(${product}, ${type}(-15.0), ${type}(15.0)))`;
}

/** A bias in the unit of scores. */
export function inScoreUnit(shape: AttendShape, bias: string): string {
  return shape.weigh === undefined ? `${float(LOG2_E)} * ${bias}` : bias;
}

/** How far a position is into its block. */
export function inBlock({ chunk }: AttendShape, position: string): string {
  return chunk === undefined ? position : `${position} % ${chunk}u`;
}

/** How many positions a query sees that sees none ahead: its own is one of them, the pinned ones come on top of its window. */
export function countBehind(shape: AttendShape, position: string): string {
  const most = shape.window === undefined ? Infinity : shape.window + (shape.pinned ?? 0);
  const all = `${inBlock(shape, position)} + 1u`;
  return Number.isFinite(most) ? `min(${all}, ${most}u)` : all;
}

/** The first position that a query sees apart from the pinned ones, and the one behind its last in a sequence of `end`. */
export function sightOf(shape: AttendShape, position: string, end: string): { first: string; past: string } {
  const { window, chunk, ahead = false } = shape;
  const block = chunk === undefined ? '0u' : `${position} / ${chunk}u * ${chunk}u`;
  const first =
    window === undefined
      ? block
      : `max(${block}, select(0u, ${position} - ${window - 1}u, ${position} >= ${window}u))`;
  const ends = [
    ...(chunk === undefined ? [] : [`${block} + ${chunk}u`]),
    ...(window === undefined ? [] : [`${position} + ${window}u`]),
  ];
  return {
    first,
    past: ahead ? ends.reduce((least, each) => `min(${least}, ${each})`, end) : `${position} + 1u`,
  };
}

/** The softmax's whole weight: a sink's score, in natural units, adds its own; no value stands behind it. */
export function withSink(total: string, peak: string, sink: string | undefined): string {
  return sink === undefined ? total : `${total} + exp2(min(${float(LOG2_E)} * ${sink} - ${peak}, 126.0))`;
}

/** A row of a key or value as the kernel reads it: in quads where the cache can, else in single elements. */
export interface Row {
  readonly width: 1 | 4;
  readonly length: number;
  readonly type: string;
  readonly zero: string;
  readonly read: (code: Code, group: string, slot: string, at: string) => string;
}

export function keyRow(shape: AttendShape, cache: CacheReader): Row {
  return rowFor(shape.key, cache.readKey, cache.readKey4);
}

export function valueRow(shape: AttendShape, cache: CacheReader): Row {
  return rowFor(shape.value, cache.readValue, cache.readValue4);
}

function rowFor(size: number, read: CacheReader['readKey'], read4: CacheReader['readKey4']): Row {
  return size % 4 === 0 && read4 !== undefined
    ? { width: 4, length: size / 4, type: 'vec4<f32>', zero: 'vec4<f32>()', read: read4 }
    : { width: 1, length: size, type: 'f32', zero: '0.0', read };
}

/** The elements of entry `at` of a row, by a hook that gives one element. */
export function entryOf(code: Code, row: Row, at: string, element: (d: string) => string): string {
  if (row.width === 1) return element(at);
  return `vec4<f32>(${elementsOf(code, at).map(element).join(', ')})`;
}

/** The product of two entries of a row. */
export function timesEntry(row: Row, left: string, right: string): string {
  return row.width === 4 ? `dot(${left}, ${right})` : `${left} * ${right}`;
}

/** `use(d, element)` for every element of entry `at`, which has the value `entry`. */
export function eachElement(
  code: Code,
  row: Row,
  at: string,
  entry: string,
  use: (d: string, element: string) => void,
): void {
  if (row.width === 1) return use(at, entry);
  elementsOf(code, at).forEach((d, lane) => use(d, `${entry}.${'xyzw'.charAt(lane)}`));
}

function elementsOf(code: Code, at: string): readonly string[] {
  return [0, 1, 2, 3].map((lane) => code.let('d', lane === 0 ? `${at} * 4u` : `${at} * 4u + ${lane}u`));
}
