// Golden files: token ids and the logits that a model must give for them.
import { openCheckpoint, type StoredTensor } from '../runtime/weights/checkpoint.ts';
import { goldenLacks, goldenOfLayer, goldenShape } from './errors.ts';
import { readNumbers } from './tensors.ts';

/** One sequence with what is expected of it. */
export interface GoldenRow {
  readonly tokens: readonly number[];
  /** [positions, vocab] for the last `positions` tokens of the sequence. */
  readonly logits: Float64Array;
  readonly positions: number;
}

export interface Golden {
  readonly rows: readonly GoldenRow[];
  /** Tokens of the first of two prefills. */
  readonly split: number;
}

/** Tokens of the golden's sequences, read off its header; undefined where that does not say so. */
export async function goldenLength(file: string): Promise<number | undefined> {
  const checkpoint = await openCheckpoint(file, undefined);
  try {
    return checkpoint.tensors.get('input_ids')?.shape.at(-1);
  } finally {
    await checkpoint.close();
  }
}

/** Reads a golden for a model with `vocab` tokens. Throws a UsageError where the file is not of that form. */
export async function readGolden(file: string, vocab: number): Promise<Golden> {
  const checkpoint = await openCheckpoint(file, undefined);
  try {
    const find = (name: string): StoredTensor | undefined => checkpoint.tensors.get(name);
    const ids = find('input_ids');
    if (ids === undefined) throw find('input') ? goldenOfLayer(file) : goldenLacks(file, '`input_ids`');
    if (ids.shape.length < 1 || ids.shape.length > 2)
      throw goldenShape(file, 'input_ids', ids.shape, '[batch, time] or [time]');
    const [batch, time] =
      ids.shape.length === 1 ? [1, ids.shape[0] ?? 0] : [ids.shape[0] ?? 0, ids.shape[1] ?? 0];
    if (batch === 0 || time === 0) throw goldenShape(file, 'input_ids', ids.shape, 'one token at least');
    const expected = find('logits_f64') ?? find('logits') ?? find('logits_last');
    if (expected === undefined) throw goldenLacks(file, '`logits`, `logits_f64` or `logits_last`');
    const positions = expected.name === 'logits_last' ? 1 : time;
    checkShape(file, expected, batch, positions, vocab);
    const tokens = await readNumbers(ids);
    const logits = await readNumbers(expected);
    const split = find('prefill_split');
    const given = split === undefined ? 0 : ((await readNumbers(split))[0] ?? 0);
    const size = positions * vocab;
    const rows = Array.from({ length: batch }, (_, row) => ({
      tokens: [...tokens.subarray(row * time, (row + 1) * time)],
      logits: logits.subarray(row * size, (row + 1) * size),
      positions,
    }));
    return { rows, split: given > 0 && given < time ? given : Math.floor(time / 2) };
  } finally {
    await checkpoint.close();
  }
}

/** The leading axes of size 1 may be there or not. */
function checkShape(
  file: string,
  tensor: StoredTensor,
  batch: number,
  positions: number,
  vocab: number,
): void {
  const wanted = [batch, positions, vocab];
  if (withoutOnes(tensor.shape) === withoutOnes(wanted)) return;
  throw goldenShape(file, tensor.name, tensor.shape, `[${wanted.join(', ')}]`);
}

function withoutOnes(shape: readonly number[]): string {
  return shape.filter((size) => size !== 1).join();
}
