// Comparing what a device computes with what is right.
import type { Engine } from './engine.ts';
import type { Golden, GoldenRow } from './golden.ts';

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

/** Logits of every row of a golden, in every mode, against the golden's. */
export async function compareWithGolden(
  engine: Engine,
  golden: Golden,
  progress: (done: number, total: number) => void,
): Promise<readonly Comparison[]> {
  const total = MODES.length * golden.rows.length;
  let done = 0;
  const comparisons: Comparison[] = [];
  for (const mode of MODES) {
    const deltas: number[] = [];
    for (const row of golden.rows) {
      deltas.push(await compareRow(engine, row, mode.runs(row.tokens.length, golden.split)));
      progress(++done, total);
    }
    comparisons.push({ name: mode.name, delta: worst(deltas) });
  }
  return comparisons;
}

async function compareRow(engine: Engine, row: GoldenRow, runs: readonly number[]): Promise<number> {
  const logits = await engine.logits(row.tokens, runs);
  return largestDifference(logits.subarray(logits.length - row.positions * engine.vocab), row.logits);
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

/** Tokens from a fixed sequence, for comparisons without a golden. */
export function arbitraryTokens(count: number, vocab: number): readonly number[] {
  let state = 12_345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * vocab);
  });
}
