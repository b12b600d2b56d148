// How a model's publishers mean its tokens to be drawn: generation_config.json.
import type { Sampling } from './sample.ts';
import { GREEDY } from './sampling-options.ts';
import { findBeside, readJson } from './weights.ts';

/** As Hugging Face's `generate` reads it: only `do_sample` draws at all, and then among 50 unless it says otherwise. */
export function readGenerationDefaults(folders: readonly string[]): Omit<Sampling, 'seed'> {
  const path = findBeside('generation_config.json', folders);
  if (path === undefined) return GREEDY;
  const config = readJson(path);
  const number = (name: string, otherwise: number, least: number): number => {
    const value = config[name];
    return typeof value === 'number' && Number.isFinite(value) && value >= least ? value : otherwise;
  };
  const repetitionPenalty = number('repetition_penalty', 1, Number.MIN_VALUE);
  if (config['do_sample'] !== true) return { ...GREEDY, repetitionPenalty };
  return {
    repetitionPenalty,
    temperature: number('temperature', 1, 0),
    topK: Math.floor(number('top_k', 50, 0)),
    topP: Math.min(1, number('top_p', 1, Number.MIN_VALUE)),
    minP: Math.min(1, number('min_p', 0, 0)),
  };
}
