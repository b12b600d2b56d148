// Attention for tests: random inputs, the f64 reference, and hooks over plain buffers.
import { slotOf, type AttendShape, type BiasHook, type CacheReader } from '../../compiler/kernels/attend.ts';
import type { Binding } from '../../compiler/kernels/wgsl.ts';

export interface AttendCase extends AttendShape {
  /** The first token's position. */
  readonly position: number;
  readonly tokens: number;
  /** Whether the cache is read in quads. */
  readonly quads: boolean;
  /** The score of every head's sink: head / 2 − 1, or far above all others. */
  readonly sinks?: 'near' | 'far';
  /** Whether a head's scores have a bias that falls with the lag and rises ahead. */
  readonly biased?: boolean;
}

/** What a case with a `weigh` makes of scores: the square of what is positive. */
export const WEIGH_TEXT = 'fn op_weigh(score: f32) -> f32 { return max(score, 0.0) * max(score, 0.0); }';

/** The hook of a biased case; `biasOf` is the same in f64. */
export function biasHook(test: AttendCase): { readonly bias?: BiasHook } {
  if (test.biased !== true) return {};
  return {
    bias: (_, group, per, query, position) =>
      `(f32(${group} * ${test.per}u + ${per} + 1u) * 0.25 - 0.125 * f32(i32(${query}) - i32(${position})))`,
  };
}

function biasOf(test: AttendCase, head: number, lag: number): number {
  return test.biased === true ? (head + 1) * 0.25 - lag * 0.125 : 0;
}

/** A head's sink, in f64 and as WGSL. */
export function sinkOf(test: AttendCase, head: number): number {
  if (test.sinks === undefined) return -Infinity;
  return test.sinks === 'far' ? 500 : head / 2 - 1;
}

export function sinkText(test: AttendCase, head: string): string {
  return test.sinks === 'far' ? '500.0' : `(f32(${head}) * 0.5 - 1.0)`;
}

export interface AttendInputs {
  /** [tokens][groups][per][key] */
  readonly query: Float32Array<ArrayBuffer>;
  /** [position][groups][key], from position 0 */
  readonly keys: Float32Array<ArrayBuffer>;
  /** [position][groups][value] */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Numbers in −1 … 1, the same ones for the same seed. */
export function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

export function attendInputs(test: AttendCase, seed: number): AttendInputs {
  const positions = test.position + test.tokens;
  return {
    query: noise(test.tokens * test.groups * test.per * test.key, seed).map((value) => 2 * value),
    keys: noise(positions * test.groups * test.key, seed + 1),
    values: noise(positions * test.groups * test.value, seed + 2),
  };
}

/** [tokens][groups][per][value] in f64. */
export function attendReference(test: AttendCase, inputs: AttendInputs): Float64Array {
  const { groups, per, key, value, tokens } = test;
  const result = new Float64Array(tokens * groups * per * value);
  for (let token = 0; token < tokens; token++)
    for (let head = 0; head < groups * per; head++) {
      const seen = seenPositions(test, test.position + token);
      const row = (token * groups * per + head) * key;
      const scores = seen.map((position) => {
        const other = (position * groups + Math.floor(head / per)) * key;
        let sum = 0;
        for (let d = 0; d < key; d++) sum += (inputs.query[row + d] ?? 0) * (inputs.keys[other + d] ?? 0);
        const scaled = (sum * test.scale) / (test.perVisible === true ? seen.length : 1);
        const bent = test.softcap === undefined ? scaled : test.softcap * Math.tanh(scaled / test.softcap);
        return bent + biasOf(test, head, test.position + token - position);
      });
      const sink = sinkOf(test, head);
      const peak = Math.max(sink, ...scores);
      const weigh = (score: number): number =>
        test.weigh === undefined ? Math.exp(score - peak) : Math.max(score, 0) ** 2;
      const weights = scores.map(weigh);
      const total =
        test.weigh === undefined ? weights.reduce((left, right) => left + right, Math.exp(sink - peak)) : 1;
      seen.forEach((position, index) => {
        const other = (position * groups + Math.floor(head / per)) * value;
        for (let d = 0; d < value; d++) {
          const at = (token * groups * per + head) * value + d;
          result[at] = (result[at] ?? 0) + ((weights[index] ?? 0) / total) * (inputs.values[other + d] ?? 0);
        }
      });
    }
  return result;
}

function seenPositions(test: AttendCase, current: number): readonly number[] {
  const { window = Infinity, chunk = Infinity, pinned = 0 } = test;
  const end = test.ahead === true ? test.position + test.tokens : current + 1;
  return Array.from({ length: end }, (_, position) => position).filter(
    (position) =>
      (Math.abs(current - position) < window || position < pinned) &&
      Math.floor(position / chunk) === Math.floor(current / chunk),
  );
}

function slotNumber(test: AttendShape, position: number): number {
  const pinned = test.pinned ?? 0;
  if (position < pinned) return position;
  return pinned + ((position - pinned) % (test.slots - pinned));
}

/** What the cache holds after the first `positions` positions; slots never written hold a value that spoils any sum. */
export function fillCache(
  test: AttendShape,
  rows: Float32Array,
  size: number,
  positions: number,
): Float32Array<ArrayBuffer> {
  const width = test.groups * size;
  const cache = new Float32Array(test.slots * width).fill(1e30);
  for (let position = 0; position < positions; position++)
    cache.set(rows.subarray(position * width, (position + 1) * width), slotNumber(test, position) * width);
  return cache;
}

/** Cache bindings `cache_k` and `cache_v`, [slot][groups][size], and hooks that read them. */
export function cacheBindings(test: AttendCase, access: 'read' | 'read_write'): readonly Binding[] {
  const of = (name: string, size: number): Binding => {
    const count = test.slots * test.groups * size;
    const quads = test.quads && size % 4 === 0;
    const type = quads ? `array<vec4<f32>, ${count / 4}>` : `array<f32, ${count}>`;
    return { name, access, type, bytes: 4 * count };
  };
  return [of('cache_k', test.key), of('cache_v', test.value)];
}

export function cacheReader(test: AttendCase): CacheReader {
  const index = (size: number, group: string, slot: string, d: string): string =>
    `((${slot}) * ${test.groups}u + ${group}) * ${size}u + ${d}`;
  const single = (name: string, size: number) => (_: unknown, group: string, slot: string, d: string) => {
    const at = index(size, group, slot, d);
    return test.quads && size % 4 === 0 ? `${name}[(${at}) / 4u][(${at}) % 4u]` : `${name}[${at}]`;
  };
  const quad = (name: string, size: number) => (_: unknown, group: string, slot: string, at: string) =>
    `${name}[${index(size / 4, group, slot, at)}]`;
  const base = { readKey: single('cache_k', test.key), readValue: single('cache_v', test.value) };
  if (!test.quads) return base;
  return { ...base, readKey4: quad('cache_k', test.key), readValue4: quad('cache_v', test.value) };
}

export { slotOf };

export function control(position: number, count: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(16);
  words[0] = position;
  words[1] = count;
  return words;
}

export function largestDifference(actual: Float32Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  expected.forEach((value, index) => {
    const difference = Math.abs((actual[index] ?? NaN) - value);
    largest = Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
  });
  return largest;
}
