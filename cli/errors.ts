// Everything the command line itself may refuse, in the user's terms.
import type { Diagnostic } from '../grammar/source.ts';

/** A mistake or a lack the user can mend: printed without a stack, exit code 1. */
export class UsageError extends Error {
  readonly code: string;
  readonly help: readonly string[];

  constructor(code: string, message: string, more: { help?: readonly string[]; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'UsageError';
    this.code = code;
    this.help = more.help ?? [];
  }
}

/** Diagnostics that have yet to be shown. */
export class DiagnosticsError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
    this.name = 'DiagnosticsError';
    this.diagnostics = diagnostics;
  }
}

// ---------------------------------------------------------------------------------------------- adapters

export const packageMissing = (name: string, purpose: string, cause: unknown): UsageError =>
  new UsageError('package_missing', `the optional package '${name}' is not installed; ${purpose}`, {
    help: [
      `npm install ${name} (npm leaves it out with --omit=optional and on systems it does not support), or use --device reference`,
    ],
    cause,
  });

const DRIVER_ADVICE: Readonly<Record<string, string>> = {
  linux: 'install the Vulkan driver of your GPU (Mesa, or the maker’s); `vulkaninfo` should then list it',
  darwin: 'WebGPU needs Metal, which a virtual machine often lacks',
  win32: 'update the driver of your graphics card; Direct3D 12 or Vulkan is needed',
};

export const noGpuAdapter = (): UsageError =>
  new UsageError('no_adapter', 'no GPU adapter was found', {
    help: [
      DRIVER_ADVICE[process.platform] ?? 'WebGPU is not known to work on this system',
      'or use --device software (Linux on x86-64), or --device reference, which needs nothing and is slow',
    ],
  });

export const noSoftwareAdapter = (): UsageError =>
  new UsageError(
    'no_adapter',
    process.platform === 'linux' && process.arch === 'x64'
      ? 'the software adapter did not start'
      : `the software adapter exists for Linux on x86-64 only, and this is ${process.platform} ${process.arch}`,
    { help: ['use --device gpu, or --device reference, which needs nothing and is slow'] },
  );

export const featuresMissing = (adapter: string, features: readonly string[]): UsageError =>
  new UsageError(
    'feature_missing',
    `the adapter '${adapter}' lacks ${features.map((name) => `'${name}'`).join(', ')}`,
  );

export const limitTooLow = (adapter: string, name: string, wanted: number, has: number): UsageError =>
  new UsageError('limit_too_low', `the adapter '${adapter}' has ${name} = ${has}, and ${wanted} is needed`);

export const deviceRefused = (adapter: string, cause: unknown): UsageError =>
  new UsageError('no_device', `the adapter '${adapter}' gave no device: ${reasonOf(cause)}`, { cause });

// ---------------------------------------------------------------------------------------------- files

export const cannotRead = (name: string, cause: unknown): Diagnostic => ({
  severity: 'error',
  code: 'cannot_read_file',
  message: `${name} cannot be read: ${systemReason(cause)}.`,
});

export const cannotReadFile = (name: string, cause: unknown): UsageError =>
  new UsageError('cannot_read_file', `${name} cannot be read: ${systemReason(cause)}`, { cause });

export const cannotWriteFile = (name: string, cause: unknown): UsageError =>
  new UsageError(
    'cannot_write_file',
    `${name} cannot be written: ${systemReason(cause).replace('no such file', 'no such folder')}`,
    { cause },
  );

export const notJson = (name: string, cause: unknown): UsageError =>
  new UsageError('not_json', `${name} is not JSON: ${reasonOf(cause)}`, { cause });

export const notABundle = (folder: string): UsageError =>
  new UsageError('not_a_bundle', `${folder} is a folder without manifest.json, so it is not a bundle`, {
    help: ['name a .hyb file, a folder that `hyb compile` wrote, or the folder of a published checkpoint'],
  });

// ---------------------------------------------------------------------------------------------- checkpoints as published

export const nothingToImport = (path: string): UsageError =>
  new UsageError('not_a_checkpoint', `${path} is no folder with a config.json or .safetensors files`, {
    help: ['name the folder of a published checkpoint'],
  });

export const severalModelsFit = (name: string, models: readonly string[]): UsageError =>
  new UsageError('several_models_fit', `${name} could be ${models.join(' or ')}`, {
    help: ['put the weights beside config.json: the names of the tensors decide'],
  });

/** What else is in a checkpoint's folder. */
export interface Beside {
  readonly folder: string;
  readonly config: boolean;
  /** Paths of its .hyb files. */
  readonly sources: readonly string[];
}

export const unknownModel = (
  name: string,
  names: readonly string[],
  known: readonly string[],
  beside: Beside,
): UsageError => {
  const unnamed = beside.config ? 'names no architecture' : 'has no config.json, only tensors';
  const what = names.length === 0 ? unnamed : `is a ${names.join(' / ')}`;
  const own = beside.sources.map(
    (source) => `to run ${source}: \`hyb run ${source} --weights ${beside.folder}\``,
  );
  return new UsageError('unknown_model', `${name} ${what}, which no model of the library fits`, {
    help: [
      ...own,
      `the library has ${known.join(', ')}`,
      '`hyb import` writes the nearest of them with what is to be changed',
    ],
  });
};

// ---------------------------------------------------------------------------------------------- distillation

export const notDistilled = (path: string): UsageError =>
  new UsageError('not_distilled', `${path} has no poles, so \`hyb distill\` did not write it`, {
    help: ['`hyb distill MODEL --out FILE` writes such a file'],
  });

export const nothingToDistill = (name: string, readsAhead: string | undefined): UsageError =>
  readsAhead === undefined
    ? new UsageError('nothing_to_distill', `${name} has no causal filter that is given by its taps`, {
        help: ['recurrences and modal filters decode from their states as they are'],
      })
    : new UsageError(
        'nothing_to_distill',
        `${name} has no decode that modes would make cheaper: ${readsAhead}`,
        {
          help: ['an encoder runs its filters as they are'],
        },
      );

export const distilledForOther = (path: string, made: string, model: string): UsageError =>
  new UsageError('distilled_for_other', `${path} has the modes of \`${made}\`, and this is \`${model}\``, {
    help: ['`hyb distill MODEL --out FILE` writes those of this model'],
  });

export const tapsNotFinite = (filter: string): UsageError =>
  new UsageError('not_finite', `the taps of ${filter} are not all finite: no modes fit them`, {
    help: ['`hyb run --check` names the weight or value that is not finite'],
  });

// ---------------------------------------------------------------------------------------------- weights, tokens

export const noWeights = (folder: string, others: readonly string[]): UsageError =>
  new UsageError(
    'no_weights',
    `${folder} has neither model.safetensors nor model.safetensors.index.json nor any other .safetensors file`,
    others.length === 0
      ? {}
      : {
          help: [
            `${others.join(', ')} cannot be read: hyb reads safetensors, which \`save_pretrained\` of transformers writes`,
          ],
        },
  );

export const weightsArePointer = (file: string): UsageError =>
  new UsageError('no_weights', `${file} is a pointer of Git LFS, not the weights`, {
    help: ['run `git lfs pull` in its folder'],
  });

export const noSuchModel = (path: string): UsageError =>
  new UsageError('cannot_read_file', `there is no file or folder ${path}`);

export const weightsNotSaid = (file: string): UsageError =>
  new UsageError('no_weights', `nothing says where the weights of ${file} are`, {
    help: ['say --weights with a .safetensors file, or the folder that holds it'],
  });

export const noSuchWeights = (path: string): UsageError =>
  new UsageError('no_weights', `there is no file or folder ${path}`);

export const severalWeights = (folder: string, files: readonly string[]): UsageError =>
  new UsageError('several_weights', `${folder} has several .safetensors files: ${files.join(', ')}`, {
    help: ['name one of them with --weights'],
  });

export const noTokenizer = (folder: string): UsageError =>
  new UsageError('no_tokenizer', `text needs tokenizer.json, and there is none in ${folder}`, {
    help: ['put the model’s tokenizer.json beside its weights, or give token ids with --tokens'],
  });

export const noSuchTemplate = (name: string, names: readonly string[]): UsageError =>
  new UsageError('no_such_template', `there is no chat template '${name}', neither as a file nor by name`, {
    help: [names.length === 0 ? 'the model has none' : `the model has ${names.join(', ')}`],
  });

export const badTemplate = (path: string, cause: unknown): UsageError =>
  new UsageError('bad_template', `the chat template in ${path} cannot be read: ${reasonOf(cause)}`, {
    cause,
  });

export const templateRefuses = (path: string, cause: unknown): UsageError =>
  new UsageError('template_refuses', `the chat template in ${path} refuses this: ${reasonOf(cause)}`, {
    cause,
  });

export const noPromptTokens = (): UsageError =>
  new UsageError(
    'empty_prompt',
    'the prompt has no token, and config.json and tokenizer_config.json name no beginning-of-text token',
    { help: ['give a --prompt, or token ids with --tokens'] },
  );

export const emptyTokens = (): UsageError =>
  new UsageError('empty_prompt', 'there is no token to begin with: give one at least');

export const tokenOutOfRange = (token: number, index: number, vocab: number): UsageError =>
  new UsageError(
    'token_out_of_range',
    `token ${token} at index ${index} is not one of the model's ids 0 … ${vocab - 1}`,
    { help: ['is the tokenizer the model’s own?'] },
  );

export const featuresWidth = (name: string, shape: readonly number[], numbers: number): UsageError =>
  new UsageError(
    'bad_features',
    `${numbers} numbers are no whole positions of \`${name}\`, which has [${shape.join(', ')}] at each`,
  );

export const noInput = (features: string | undefined): UsageError =>
  features === undefined
    ? new UsageError('no_input', 'nothing says what to encode', {
        help: ['say --text, --tokens or --input with a .safetensors file'],
      })
    : new UsageError('no_input', `the model takes \`${features}\`, not tokens`, {
        help: [
          `\`hyb encode --input FILE\` takes it from a .safetensors file, \`${features}\` or \`input\` [batch, positions, …]`,
        ],
      });

export const noDecode = (why: string): UsageError =>
  new UsageError('no_decode', `the model has no decode: ${why}`, {
    help: ['`hyb encode` gives what it makes of a whole sequence'],
  });

export const noLogits = (outputs: readonly string[]): UsageError =>
  new UsageError('no_logits', `the model has no logits: it gives ${outputs.join(', ')}`, {
    help: ['`hyb encode` gives that'],
  });

export const badOption = (message: string): UsageError => new UsageError('bad_option', message);

export const needsSource = (what: string, path: string): UsageError =>
  new UsageError('needs_source', `${what} needs the .hyb file, and ${path} is a bundle`);

export const needsGpu = (what: string): UsageError =>
  new UsageError('needs_gpu', `${what} needs a GPU or the software adapter, and this is --device reference`);

export const unknownKernel = (name: string, near: readonly string[]): UsageError =>
  new UsageError('unknown_kernel', `there is no kernel '${name}'`, {
    help: near.length > 0 ? [`did you mean ${near.join(', ')}?`] : [],
  });

// ---------------------------------------------------------------------------------------------- goldens

export const goldenLacks = (file: string, what: string): UsageError =>
  new UsageError('bad_golden', `${file} has no ${what}`, {
    help: ['a golden file holds `input_ids`, and `logits`, `logits_f64` or `logits_last`'],
  });

export const goldenShape = (
  file: string,
  tensor: string,
  shape: readonly number[],
  wanted: string,
): UsageError =>
  new UsageError('bad_golden', `\`${tensor}\` in ${file} has the shape [${shape.join(', ')}], not ${wanted}`);

export const noTokensInFile = (file: string, features: boolean): UsageError =>
  new UsageError(
    'no_input',
    features
      ? `${file} holds features, \`input\`, and the model takes tokens`
      : `${file} has no \`input_ids\``,
    {
      help: [
        'token ids are the tensor `input_ids` [batch, positions]; the batch may be left out',
        ...(features ? ['a model of features says `input x : width` instead of its `vocab`'] : []),
      ],
    },
  );

export const noFeaturesInFile = (file: string, name: string): UsageError =>
  new UsageError('no_input', `${file} has no \`${name}\`, which the model takes, nor \`input\``, {
    help: [`\`${name}\`, or \`input\`, is a tensor [batch, positions, …]; the batch may be left out`],
  });

export const inputNotFinite = (file: string, name: string): UsageError =>
  new UsageError('bad_features', `\`${name}\` in ${file} holds a value that is not finite`);

export const valuesNotFinite = (where: string, help: readonly string[]): UsageError =>
  new UsageError('not_finite', where, { help });

export const goldenLacksOutputs = (file: string, names: readonly string[]): UsageError =>
  new UsageError(
    'bad_golden',
    `${file} has nothing that the model gives: no ${names.map((name) => `\`${name}\``).join(', ')}`,
    {
      help: ['a tensor of the output’s name is compared, or the one with `_f64` behind it'],
    },
  );

// ---------------------------------------------------------------------------------------------- helpers

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

function systemReason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return SYSTEM_REASONS[code] ?? reasonOf(cause);
}
