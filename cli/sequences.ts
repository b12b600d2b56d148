// Sequences in a file: token ids or features, all of one length.
import { openCheckpoint, type Checkpoint } from '../runtime/weights/checkpoint.ts';
import type { EngineEnds, SequenceInput } from './engine.ts';
import { goldenShape, inputNotFinite, noFeaturesInFile, noTokensInFile } from './errors.ts';
import { readNumbers } from './tensors.ts';

export interface Sequences {
  readonly rows: readonly SequenceInput[];
  /** How many they are; undefined where the file has one without saying that it is one of several. */
  readonly batch: number | undefined;
}

/** The sequences of a .safetensors file. Throws a UsageError where it has none that the model takes. */
export async function openSequences(file: string, ends: EngineEnds): Promise<Sequences> {
  const checkpoint = await openCheckpoint(file, undefined);
  try {
    return await readSequences(file, checkpoint, ends);
  } finally {
    await checkpoint.close();
  }
}

/** `input_ids` [batch, positions]; of a model of features `input`, or what it calls them, [batch, positions, …]. The batch may be left out. */
export async function readSequences(
  file: string,
  { tensors }: Checkpoint,
  { features }: Pick<EngineEnds, 'features'>,
): Promise<Sequences> {
  const tensor =
    features === undefined ? tensors.get('input_ids') : (tensors.get('input') ?? tensors.get(features.name));
  if (tensor === undefined)
    throw features === undefined
      ? noTokensInFile(file, tensors.has('input'))
      : noFeaturesInFile(file, features.name);
  const { name } = tensor;
  const own = features?.shape ?? [];
  const outer = tensor.shape.slice(0, tensor.shape.length - own.length);
  const fits = tensor.shape.slice(outer.length).join() === own.join();
  if (outer.length < 1 || outer.length > 2 || !fits)
    throw goldenShape(file, name, tensor.shape, shapesOf(own).join(' or '));
  if (outer.includes(0)) throw goldenShape(file, name, tensor.shape, 'one position at least');
  const values = await readNumbers(tensor);
  if (!values.every(Number.isFinite)) throw inputNotFinite(file, name);
  const batch = outer.length === 1 ? undefined : (outer[0] ?? 1);
  const rows = Array.from({ length: batch ?? 1 }, (_, row) => {
    const numbers = rowOf(values, row, batch ?? 1);
    return features === undefined ? [...numbers] : Float32Array.from(numbers);
  });
  return { rows, batch };
}

function shapesOf(own: readonly number[]): readonly string[] {
  return [['batch', 'positions'], ['positions']].map((outer) => `[${[...outer, ...own].join(', ')}]`);
}

/** One of so many equal parts. */
export function rowOf(values: Float64Array, row: number, batch: number): Float64Array {
  const size = values.length / batch;
  return values.subarray(row * size, (row + 1) * size);
}
