// The one error class of the runtime, and every message it gives.
import type { StatePlan } from './plan.ts';

/** What went wrong, in words; stable, so that a page can branch on it. */
export type HybErrorCode =
  | 'no_webgpu'
  | 'no_adapter'
  | 'feature_missing'
  | 'limit_missing'
  | 'out_of_memory'
  | 'device_lost'
  | 'gpu_error'
  | 'kernel_refused'
  | 'bad_bundle'
  | 'file_not_found'
  | 'read_failed'
  | 'bad_weights_input'
  | 'bad_safetensors'
  | 'bad_index'
  | 'weights_mismatch'
  | 'weight_too_large_for_half'
  | 'aborted'
  | 'token_out_of_range'
  | 'empty_prompt'
  | 'capacity_exceeded'
  | 'no_logits'
  | 'no_decode'
  | 'bad_features'
  | 'not_finite'
  | 'bad_option'
  | 'session_busy'
  | 'session_changed'
  | 'destroyed'
  | 'bad_snapshot'
  | 'no_such_state'
  | 'rollback_too_far';

/** Every failure of the runtime that a user or a page can do something about. The message says what. */
export class HybError extends Error {
  override readonly name = 'HybError';
  readonly code: HybErrorCode;
  /** One line for each separate problem, where there are several. */
  readonly problems: readonly string[];

  constructor(
    code: HybErrorCode,
    message: string,
    more: { readonly problems?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.problems = more.problems ?? [];
  }
}

/** The text of whatever was thrown. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

export function aborted(signal: AbortSignal): HybError {
  return new HybError('aborted', `aborted: ${reasonOf(signal.reason)}`, { cause: signal.reason });
}

/** Throws where `signal` has been raised. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

export const noWebGPU = (): HybError =>
  new HybError(
    'no_webgpu',
    'this program sees no WebGPU: use a browser that has it (on a page served by https or localhost), or pass `gpu` or `device`; in Node `gpu: await nodeGPU()` from `hyb/node` does',
  );

export const noAdapter = (): HybError =>
  new HybError(
    'no_adapter',
    'WebGPU found no adapter: check the graphics driver, and in a browser that it may use the GPU; `hyb run --device software` needs none',
  );

export const featureMissing = (missing: readonly { feature: string; neededBy: string }[]): HybError => {
  const problems = missing.map(({ feature, neededBy }) => `\`${feature}\`, needed by ${neededBy}`);
  return new HybError(
    'feature_missing',
    `this GPU lacks ${problems.join('; ')}: compile the model again without it`,
    { problems },
  );
};

export interface MissingLimit {
  readonly limit: string;
  readonly needed: number;
  readonly allowed: number;
  readonly neededBy: string;
}

export const limitMissing = (missing: readonly MissingLimit[]): HybError => {
  const problems = missing.map(
    ({ limit, needed, allowed, neededBy }) =>
      `\`${limit}\` is ${allowed} here, but ${neededBy} needs ${needed}`,
  );
  return new HybError('limit_missing', `this GPU is too small for the model: ${problems.join('; ')}`, {
    problems,
  });
};

export const outOfMemory = (bytes: number, what: string, reason: string): HybError =>
  new HybError(
    'out_of_memory',
    `the GPU could not give ${mebibytes(bytes)} for ${what} (${reason}): close other programs that use the GPU, compile with --dtype f16, or use a smaller context`,
  );

export const deviceLost = (reason: string): HybError =>
  new HybError(
    'device_lost',
    `the GPU device was lost (${reason}): call load again and go on with model.sessionFromBytes from the last snapshot's toBytes()`,
  );

export const gpuError = (reason: string): HybError =>
  new HybError('gpu_error', `the GPU refused a command: ${reason}`);

export const kernelRefused = (kernel: string, reasons: readonly string[]): HybError =>
  new HybError('kernel_refused', `the GPU refused kernel \`${kernel}\`:\n${reasons.join('\n')}`, {
    problems: reasons,
  });

export const badBundle = (problem: string): HybError =>
  new HybError(
    'bad_bundle',
    `the bundle is damaged or of another version: ${problem}; compile the model again`,
  );

export const fileNotFound = (name: string, cause?: unknown): HybError =>
  new HybError('file_not_found', `there is no ${name}`, { cause });

export const readFailed = (name: string, reason: string, cause?: unknown): HybError =>
  new HybError('read_failed', `could not read ${name}: ${reason}`, { cause });

export const badWeightsInput = (problem: string): HybError => new HybError('bad_weights_input', problem);

export const weightsNotGiven = (): HybError =>
  badWeightsInput('nothing says where the weights are: pass `weights`, an address, a path, a File or bytes');

export const badSafetensors = (file: string, problem: string): HybError =>
  new HybError('bad_safetensors', `${file} is not a valid safetensors file: ${problem}`);

export const badIndex = (file: string, problem: string): HybError =>
  new HybError('bad_index', `${file} is not a valid safetensors index: ${problem}`);

/** Problems that the message shows; `problems` has them all. */
const SHOWN = 24;

export const weightsMismatch = (problems: readonly string[], advice?: string): HybError => {
  const shown = problems.length > SHOWN ? problems.slice(0, SHOWN - 1) : problems;
  const rest = problems.length - shown.length;
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
  const lines = [...shown, ...(rest === 0 ? [] : [`and ${rest} more`])].map((line) => `\n  ${line}`);
  const end = advice === undefined ? '' : `\nhelp: ${advice}`;
  return new HybError(
    'weights_mismatch',
    `the weights do not fit the model (${count}):${lines.join('')}${end}`,
    {
      problems,
    },
  );
};

export const weightTooLargeForHalf = (weight: string, value: number): HybError =>
  new HybError(
    'weight_too_large_for_half',
    `weight \`${weight}\` holds ${value}, and half precision ends at 65504: compile with --dtype f32`,
  );

export const tokenOutOfRange = (token: unknown, index: number, vocab: number): HybError =>
  new HybError(
    'token_out_of_range',
    typeof token === 'number'
      ? `token ${token} at index ${index} is not one of the model's ids 0 … ${vocab - 1}: is the tokenizer the model's own?`
      : `a model takes token ids, numbers from 0 to ${vocab - 1}, and at index ${index} is ${typeof token === 'string' ? `"${token}"` : String(token)}: a tokenizer makes ids of text`,
  );

export const emptyPrompt = (): HybError =>
  new HybError(
    'empty_prompt',
    'the prompt has no token: give at least one (usually the beginning-of-text id)',
  );

export const emptySequence = (): HybError =>
  new HybError('empty_prompt', 'the sequence has no position: give at least one');

export const badFeatures = (
  { name, elements }: { readonly name: string; readonly elements: number },
  numbers: number,
): HybError =>
  new HybError(
    'bad_features',
    `\`${name}\` has ${elements} numbers at each position, and these ${numbers} are no whole positions: give the numbers of one position after those of another`,
  );

export const noDecode = (model: string, why: string): HybError =>
  new HybError(
    'no_decode',
    `\`${model}\` has no decode: ${why}; use model.encode(…), or \`hyb encode\`, which give its outputs`,
  );

export const wholeOnly = (model: string, why: string): HybError =>
  new HybError(
    'no_decode',
    `\`${model}\` takes a sequence in one run only: ${why}; give it whole, and call reset() before the next`,
  );

export const tooLong = (positions: number, room: number): HybError =>
  new HybError(
    'capacity_exceeded',
    `the sequence has ${positions} positions, and the model was compiled for ${room}: give fewer, or compile with --context ${positions}`,
  );

export const encoderBusy = (): HybError =>
  new HybError('session_busy', 'the encoder runs a sequence already: wait for it, or make another encoder');

export const capacityExceeded = (wanted: number, capacity: number, used: number): HybError =>
  new HybError(
    'capacity_exceeded',
    `this would make ${used + wanted} positions, and the model has room for ${capacity} (${used} are used): reset the session, use fewer tokens, or compile with --context ${used + wanted}`,
  );

export const noLogits = (): HybError =>
  new HybError('no_logits', 'there are no logits yet: run prefill or decode first');

export const notFinite = (where: string): HybError =>
  new HybError(
    'not_finite',
    `${where} not finite: \`hyb run --check\`, or \`hyb encode --check\`, says which weight or value is the first that is not, and \`hyb verify\` tests this GPU's kernels`,
  );

export const badOption = (problem: string): HybError => new HybError('bad_option', problem);

export const sessionBusy = (): HybError =>
  new HybError('session_busy', 'this session is still at work: await the call before, or use session.fork()');

export const sessionChanged = (): HybError =>
  new HybError('session_changed', 'the session was used for something else while this text was generated');

export const destroyed = (what: string): HybError =>
  new HybError('destroyed', `this ${what} was destroyed and cannot be used any more`);

export const badSnapshot = (problem: string): HybError =>
  new HybError('bad_snapshot', `the snapshot cannot be restored: ${problem}`);

export const noSuchState = (name: string, names: readonly string[]): HybError =>
  new HybError('no_such_state', `the model has no state \`${name}\`; plan.states names them`, {
    problems: names.map((known) => `\`${known}\``),
  });

export const wrongStateSize = ({ name, axes }: StatePlan, given: number): HybError =>
  new HybError(
    'bad_option',
    `the state \`${name}\` is ${axes.map((axis) => `${axis.name}: ${axis.size}`).join(', ')}, which is not ${given} values`,
  );

export const rollbackTooFar = (asked: number, most: number, length: number): HybError =>
  new HybError(
    'rollback_too_far',
    most === length
      ? `the sequence has ${length} tokens, so it cannot go back by ${asked}`
      : `the sequence can go back by ${most} of its ${length} tokens, and not by ${asked}: make the session with a larger rollback.tokens, or reset it and run the tokens again`,
  );

/** Bytes for people. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
