// The options that commands share, and how their values are read.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ConvolutionPrefill } from '../compiler/kernels/longconv/choose.ts';
import { LONG_CONV_FORMS } from '../compiler/kernels/longconv-kernels.ts';

/** Where a model runs. */
export type DeviceOption = 'auto' | 'gpu' | 'software' | 'reference';

export interface CommonOptions {
  readonly device: DeviceOption;
  readonly json?: true;
  readonly quiet?: true;
  /** Positions that full attention has room for. */
  readonly context?: number;
}

export interface ModelOptions extends CommonOptions {
  readonly config?: string;
  readonly dtype?: 'f32' | 'f16';
  readonly recurrences?: 'auto' | 'looped' | 'chunked';
  readonly convolutions?: ConvolutionPrefill;
  /** What `hyb distill` wrote: modes in place of filters given by taps. */
  readonly distilled?: string;
}

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--device <kind>', 'where to run')
        .choices(['auto', 'gpu', 'software', 'reference'])
        .default('auto'),
    )
    .option('--json', 'results as JSON')
    .option('--quiet', 'results only, no messages')
    .addOption(new Option('--context <n>', 'positions that caches have room for').argParser(wholeNumber(1)));
}

/** The common options and those that every command has which compiles. */
export function addModelOptions(command: Command): Command {
  command.option('--config <file>', 'the config.json that `config.…` in the source means');
  command.addOption(new Option('--dtype <dtype>', 'how matrices are stored').choices(['f32', 'f16']));
  command.addOption(
    new Option('--recurrences <how>', 'how prefill goes through recurrences').choices([
      'auto',
      'looped',
      'chunked',
    ]),
  );
  command.addOption(
    new Option('--convolutions <form>', 'how prefill does long convolutions').choices([
      'auto',
      ...LONG_CONV_FORMS,
    ]),
  );
  command.option('--distilled <file>', 'what `hyb distill` wrote: run its modes in place of the filters');
  return addCommonOptions(command);
}

/** What `--weights` takes. */
export const WEIGHTS_HELP =
  'a .safetensors file, or the folder that holds it; `random` or `random:SEED` to try a model without a checkpoint';

/** Reads a whole number that is at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}

/** Reads a number from `least` to `most`. */
export function realNumber(least: number, most = Number.POSITIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value >= least && value <= most) return value;
    const range = most === Number.POSITIVE_INFINITY ? `${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a number, ${range}.`);
  };
}

/** Reads token ids with commas between. */
export function tokenList(text: string): readonly number[] {
  const ids = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (ids.every((id) => Number.isSafeInteger(id) && id >= 0)) return ids;
  throw new InvalidArgumentError('It must be token ids with commas between: 1,2,3.');
}
