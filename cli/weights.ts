// Where a model's files are: weights, config.json, tokenizer.json.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasErrors } from '../grammar/source.ts';
import { readConfig } from '../compiler/check/config.ts';
import type { WeightFile } from '../runtime/weights/checkpoint.ts';
import type { ConstantObject } from '../compiler/check/constant.ts';
import {
  cannotReadFile,
  DiagnosticsError,
  noSuchWeights,
  noWeights,
  notJson,
  severalWeights,
  weightsArePointer,
} from './errors.ts';
import { isFile, isFolder } from './files.ts';
import { randomCheckpoint, randomSeed, type WantedTensor } from './random-weights.ts';

/** Weights as the user named them. */
export interface WeightsPlace {
  /** Gives what the runtime opens: paths of safetensors files or of their index; for random weights, a file in memory. */
  readonly open: (wanted: readonly WantedTensor[]) => readonly WeightFile[];
  /** The folder around them; random weights have none. */
  readonly folder?: string;
}

const USUAL = ['model.safetensors', 'model.safetensors.index.json'];

/** Expected logits, where a checkpoint comes with them; no weights. */
export const GOLDEN = 'golden.safetensors';

/** Finds the weights that `--weights` means: `random`, a file, or a folder with the usual names or one .safetensors file. */
export function findWeights(path: string): WeightsPlace {
  const seed = randomSeed(path);
  if (seed !== undefined) return { open: (wanted) => [randomCheckpoint(wanted, seed)] };
  if (isFile(path)) return placeOf(path, dirname(path));
  if (!isFolder(path)) throw noSuchWeights(path);
  const usual = USUAL.map((name) => join(path, name)).find(isFile);
  if (usual !== undefined) return placeOf(usual, path);
  const files = safetensorsIn(path);
  const [only, ...others] = files;
  if (only === undefined) throw noWeights(path, unreadableIn(path));
  if (others.length > 0) throw severalWeights(path, files);
  return placeOf(join(path, only), path);
}

/** Files of weights in the layouts that are not read. */
function unreadableIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /\.(?:bin|pth|pt|ckpt|gguf|h5|msgpack)$/.test(name));
}

function placeOf(file: string, folder: string): WeightsPlace {
  if (isLfsPointer(file)) throw weightsArePointer(file);
  return { open: () => [file], folder };
}

/** Whether a clone left a file's pointer in its place; pointers are short text. */
function isLfsPointer(file: string): boolean {
  return statSync(file).size < 1024 && readFileSync(file, 'latin1').startsWith('version https://git-lfs');
}

/** Whether a folder has weights that `findWeights` may choose among. */
export function hasWeights(folder: string): boolean {
  return USUAL.some((name) => isFile(join(folder, name))) || safetensorsIn(folder).length > 0;
}

function safetensorsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.safetensors') && name !== GOLDEN);
}

/** The first of the folders' files of that name, or undefined. */
export function findBeside(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isFile);
}

/** The constants of a config file. Throws DiagnosticsError where it is malformed. */
export function loadConfig(path: string): ConstantObject {
  const { value, diagnostics } = readConfig(readText(path), path);
  if (value === undefined || hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
  return value;
}

/** A JSON file whose top level is an object. */
export function readJson(path: string): Readonly<Record<string, unknown>> {
  const text = readText(path);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw notJson(path, cause);
  }
  throw notJson(path, new Error('it is no object'));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw cannotReadFile(path, cause);
  }
}
