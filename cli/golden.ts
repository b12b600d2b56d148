// Golden files: sequences, and what a model must give for them.
import { openCheckpoint, type Checkpoint, type StoredTensor } from '../runtime/weights/checkpoint.ts';
import { type EngineEnds, type EngineOutput, lengthOf, type SequenceInput, sizeOf } from './engine.ts';
import { goldenLacks, goldenLacksOutputs, goldenShape } from './errors.ts';
import { readSequences, rowOf } from './sequences.ts';
import { readNumbers } from './tensors.ts';

/** What one output must be. */
export interface Wanted {
  readonly output: EngineOutput;
  /** Of an output per position, for the last so many of the sequence. */
  readonly values: Float64Array;
}

/** One sequence with what is expected of it. */
export interface GoldenRow {
  readonly input: SequenceInput;
  /** Its length. */
  readonly positions: number;
  readonly wanted: readonly Wanted[];
  /** The stream behind each layer, where the file has it: [positions, width]. */
  readonly hidden: readonly Float64Array[];
}

export interface Golden {
  readonly rows: readonly GoldenRow[];
  /** Positions of the first of two prefills. */
  readonly split: number;
}

/** Positions of the golden's sequences, read off its header; undefined where that does not say so. */
export async function goldenLength(file: string): Promise<number | undefined> {
  const checkpoint = await openCheckpoint(file, undefined);
  try {
    const { tensors } = checkpoint;
    return tensors.get('input_ids')?.shape.at(-1) ?? tensors.get('input')?.shape[1];
  } finally {
    await checkpoint.close();
  }
}

/** Reads a golden for a model. Throws a UsageError where the file is not of that form. */
export async function readGolden(file: string, ends: EngineEnds): Promise<Golden> {
  const checkpoint = await openCheckpoint(file, undefined);
  try {
    const { rows: inputs, batch = 1 } = await readSequences(file, checkpoint, ends);
    const time = lengthOf(ends, inputs[0] ?? []);
    const wanted = await readWanted(file, checkpoint, ends, batch, time);
    const hidden = await readHidden(checkpoint, batch);
    const rows = inputs.map((input, row): GoldenRow => ({
      input,
      positions: time,
      wanted: wanted.map(({ output, values }) => ({ output, values: rowOf(values, row, batch) })),
      hidden: hidden.map((values) => rowOf(values, row, batch)),
    }));
    return { rows, split: await readSplit(checkpoint, time) };
  } finally {
    await checkpoint.close();
  }
}

async function readWanted(
  file: string,
  { tensors }: Checkpoint,
  { outputs }: EngineEnds,
  batch: number,
  time: number,
): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const output of outputs) {
    const names = [`${output.name}_f64`, output.name, `${output.name}_last`];
    const found = names.map((name) => tensors.get(name)).find((tensor) => tensor !== undefined);
    if (found === undefined) continue;
    const last = found.name === `${output.name}_last`;
    checkShape(file, found, [
      batch,
      ...(output.per === 'sequence' ? [] : [last ? 1 : time]),
      ...output.shape,
    ]);
    wanted.push({ output, values: await readNumbers(found) });
  }
  if (wanted.length > 0) return wanted;
  if (outputs.some(({ name }) => name === 'logits'))
    throw goldenLacks(file, '`logits`, `logits_f64` or `logits_last`');
  throw goldenLacksOutputs(
    file,
    outputs.map(({ name }) => name),
  );
}

/** The streams `hidden.0`, `hidden.1`, … as far as they are numbered. */
async function readHidden({ tensors }: Checkpoint, batch: number): Promise<readonly Float64Array[]> {
  const found: StoredTensor[] = [];
  for (
    let tensor = tensors.get('hidden.0');
    tensor !== undefined;
    tensor = tensors.get(`hidden.${found.length}`)
  )
    found.push(tensor);
  const streams = found.filter(({ shape }) => shape[0] === batch);
  return Promise.all(streams.map(readNumbers));
}

async function readSplit({ tensors }: Checkpoint, time: number): Promise<number> {
  const split = tensors.get('prefill_split');
  const decoded = tensors.get('decode_logits')?.shape[1];
  const given = split === undefined ? time - (decoded ?? time) : ((await readNumbers(split))[0] ?? 0);
  return given > 0 && given < time ? given : Math.floor(time / 2);
}

/** The leading axes of size 1 may be there or not. */
function checkShape(file: string, tensor: StoredTensor, wanted: readonly number[]): void {
  if (withoutOnes(tensor.shape) === withoutOnes(wanted) && sizeOf(tensor.shape) === sizeOf(wanted)) return;
  throw goldenShape(file, tensor.name, tensor.shape, `[${wanted.join(', ')}]`);
}

function withoutOnes(shape: readonly number[]): string {
  return shape.filter((size) => size !== 1).join();
}
