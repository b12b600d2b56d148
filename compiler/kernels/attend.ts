// What every attention kernel is told: shapes, which positions are seen, and where a position's key and value lie.
import { float, LOG2_E } from './text.ts';
import type { Code } from './wgsl.ts';

/**
 * Query heads come in `groups`, one for each key-value head, of `per` heads. The query at position t sees the positions s ≤ t with
 * t − s < window (all of them without a window), and those with s < pinned.
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

/** What queries are multiplied by, so that `bend` of their products with keys gives scores in units of log 2. */
export function queryFactor(shape: AttendShape): string {
  return float(shape.softcap === undefined ? shape.scale * LOG2_E : shape.scale / shape.softcap);
}

/** The score from a product; the argument of tanh is bounded because some implementations overflow inside it. */
export function bend(shape: AttendShape, product: string, type: 'f32' | 'vec4<f32>' = 'f32'): string {
  if (shape.softcap === undefined) return product;
  return `${float(shape.softcap * LOG2_E)} * tanh(clamp(${product}, ${type}(-15.0), ${type}(15.0)))`;
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
