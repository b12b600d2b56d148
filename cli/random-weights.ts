// Weights for a model that has none yet: seeded random numbers under the names and shapes that it looks for.
import type { WeightPlan } from '../runtime/plan.ts';
import { badOption } from './errors.ts';
import { safetensorsBytes, type TensorToWrite } from './tensors.ts';

/** What is looked for in a checkpoint: the first of the names is taken. */
export type WantedTensor = Pick<WeightPlan, 'tensors' | 'shape'>;

const RANDOM = /^random(?::(\d{1,9}))?$/;

/** The seed that `random` and `random:SEED` mean; undefined for any other text, which is a path. Throws for a seed that is none. */
export function randomSeed(weights: string): number | undefined {
  const match = RANDOM.exec(weights);
  if (match !== null) return Number(match[1] ?? 0);
  if (weights.startsWith('random:')) throw badOption('--weights random:SEED wants a whole number for a seed');
  return undefined;
}

/**
 * A safetensors file with every wanted tensor. Each is drawn by itself from the seed and its name, so the same seed gives the same
 * weights whatever else is wanted. Uniform, with a variance of 1 / the last dimension, so that maps leave sizes as they are; vectors
 * lie between −1 and 1.
 */
export function randomCheckpoint(wanted: readonly WantedTensor[], seed: number): Uint8Array {
  const tensors = new Map<string, TensorToWrite>();
  for (const { tensors: names, shape } of wanted) {
    const [name = ''] = names;
    if (!tensors.has(name)) tensors.set(name, { name, shape, data: draw(name, shape, seed) });
  }
  return safetensorsBytes([...tensors.values()]);
}

function draw(name: string, shape: readonly number[], seed: number): Float32Array {
  const next = uniform(hash(name) ^ seed);
  const reach = shape.length < 2 ? 1 : Math.sqrt(3 / Math.max(1, shape.at(-1) ?? 1));
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < data.length; i++) data[i] = reach * (2 * next() - 1);
  return data;
}

/** FNV-1a, 32 bits, over the text's UTF-16 units. */
function hash(text: string): number {
  let bits = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x0100_0193);
  return bits >>> 0;
}

/** Numbers of [0, 1): Marsaglia's Weyl sequence through a finaliser (splitmix32). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a_2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
}
