// How tokens are drawn, as options of a command.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { realNumber, wholeNumber } from './options.ts';
import type { Sampling } from './sample.ts';

/** What the user said; the rest is the command's to choose. */
export interface SamplingOptions {
  readonly repetitionPenalty?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly seed?: number;
}

/** Always the likeliest token. */
export const GREEDY: Omit<Sampling, 'seed'> = {
  repetitionPenalty: 1,
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
};

/** In the order in which they are applied. */
export function addSamplingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--repetition-penalty <x>',
        'divide the logits of tokens that were there by this; 1 is off',
      ).argParser(positiveNumber),
    )
    .addOption(new Option('--temperature <x>', '0 always takes the likeliest token').argParser(realNumber(0)))
    .addOption(
      new Option('--top-k <k>', 'draw among the k likeliest tokens; 0 is off').argParser(wholeNumber(0)),
    )
    .addOption(
      new Option('--top-p <p>', 'draw among the likeliest tokens of this probability; 1 is off').argParser(
        realNumber(0, 1),
      ),
    )
    .addOption(
      new Option(
        '--min-p <p>',
        'draw only what is at least this part as likely as the likeliest; 0 is off',
      ).argParser(realNumber(0, 1)),
    )
    .addOption(new Option('--seed <n>', 'the same seed gives the same text').argParser(wholeNumber(0)));
}

/** What the user said over `defaults`; a seed by chance where none is said and one is used. */
export function samplingFrom(options: SamplingOptions, defaults: Omit<Sampling, 'seed'>): Sampling {
  const temperature = options.temperature ?? defaults.temperature;
  return {
    repetitionPenalty: options.repetitionPenalty ?? defaults.repetitionPenalty,
    temperature,
    topK: options.topK ?? defaults.topK,
    topP: options.topP ?? defaults.topP,
    minP: options.minP ?? defaults.minP,
    seed: options.seed ?? (temperature === 0 ? 0 : Math.floor(Math.random() * 2 ** 32)),
  };
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}
