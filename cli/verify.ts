// Comparing what a device computes with what is right.
import {
  generates,
  type Engine,
  type EngineEnds,
  type EngineValues,
  type SequenceInput,
  sizeOf,
} from './engine.ts';
import type { Golden, Wanted } from './golden.ts';

/** One line of the table: what was compared, and the largest difference. */
export interface Comparison {
  readonly name: string;
  /** max |Δ|, absolute; NaN where a value was not a number. */
  readonly delta: number;
}

/** A way to run a sequence: the lengths of its runs, 1 being a decode step. */
interface Mode {
  readonly name: string;
  readonly runs: (time: number, split: number) => readonly number[];
}

const ones = (count: number): readonly number[] => Array.from({ length: count }, () => 1);

const MODES: readonly Mode[] = [
  { name: 'prefill', runs: (time) => [time] },
  { name: 'split prefill', runs: (time, split) => [split, time - split].filter((count) => count > 0) },
  {
    name: 'prefill, then tokens',
    runs: (time, split) => [...(split > 0 ? [split] : []), ...ones(time - split)],
  },
  { name: 'token by token', runs: (time) => ones(time) },
];

/** What reads later positions runs in no other way. */
const WHOLE: readonly Mode[] = [{ name: 'whole sequence', runs: (time) => [time] }];

/** All that the model gives for every row of a golden, in every mode that it has, against the golden's. */
export async function compareWithGolden(
  engine: Engine,
  golden: Golden,
  progress: (done: number, total: number) => void,
): Promise<readonly Comparison[]> {
  const modes = engine.readsAhead === undefined ? MODES : WHOLE;
  const total = modes.length * golden.rows.length;
  let done = 0;
  const comparisons: Comparison[] = [];
  for (const mode of modes) {
    const deltas = new Map<string, number[]>();
    for (const row of golden.rows) {
      const values = await valuesOf(engine, row.input, mode.runs(row.positions, golden.split));
      for (const wanted of row.wanted) {
        const { name } = wanted.output;
        deltas.set(name, [...(deltas.get(name) ?? []), difference(values, wanted)]);
      }
      progress(++done, total);
    }
    for (const [name, found] of deltas)
      comparisons.push({
        name: deltas.size === 1 ? mode.name : `${mode.name}: ${name}`,
        delta: worst(found),
      });
  }
  return comparisons;
}

/** A model that just generates is run as text is written: in a session. */
async function valuesOf(
  engine: Engine,
  input: SequenceInput,
  runs: readonly number[],
): Promise<EngineValues> {
  return generates(engine) && engine.outputs.length === 1
    ? { logits: await engine.logits(Array.from(input), runs) }
    : engine.encode(input, runs);
}

function difference(values: EngineValues, { output, values: wanted }: Wanted): number {
  const found = values[output.name] ?? new Float64Array();
  return largestDifference(found.subarray(found.length - wanted.length), wanted);
}

/** The stream behind each block against `hidden.0`, `hidden.1`, …: a model may write a block as several layers. */
export async function compareLayers(engine: Engine, golden: Golden): Promise<readonly Comparison[]> {
  const deltas: number[][] = [];
  for (const { input, hidden } of golden.rows) {
    const layers = (await engine.layers?.(input)) ?? [];
    const each = layers.length / hidden.length;
    if (!Number.isInteger(each)) continue;
    for (const [block, wanted] of hidden.entries()) {
      const stream = layers[(block + 1) * each - 1] ?? new Float64Array();
      (deltas[block] ??= []).push(largestDifference(stream, wanted));
    }
  }
  return deltas.map((found, block) => ({ name: `hidden.${block}`, delta: worst(found) }));
}

/** max |a − b|; NaN where one of them is not a number. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Number.NaN;
  for (let index = 0; index < a.length; index++) {
    const delta = Math.abs((a[index] ?? Number.NaN) - (b[index] ?? Number.NaN));
    // A comparison with NaN is false, so this keeps NaN once it is there.
    if (!(delta <= largest)) largest = Number.isNaN(largest) ? largest : delta;
  }
  return largest;
}

function worst(deltas: readonly number[]): number {
  return deltas.some(Number.isNaN) ? Number.NaN : Math.max(...deltas);
}

/** A fixed sequence, for comparisons without a golden: tokens, or features between −1 and 1. */
export function arbitraryInput({ vocab, features }: EngineEnds, positions: number): SequenceInput {
  if (features === undefined) return arbitraryTokens(positions, vocab);
  return Float32Array.from(arbitraryFractions(positions * sizeOf(features.shape)), (value) => 2 * value - 1);
}

/** Tokens of that sequence. */
export function arbitraryTokens(count: number, vocab: number): readonly number[] {
  return arbitraryFractions(count).map((value) => Math.floor(value * vocab));
}

function arbitraryFractions(count: number): readonly number[] {
  let state = 12_345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
}
