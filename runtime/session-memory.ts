// The GPU memory of one session and the programs bound to it.
import { createBuffers, isShared, wishFor } from './buffers.ts';
import { bufferAt, createDispatchList } from './dispatch-list.ts';
import type { DispatchList, GroupCache } from './dispatch-list.ts';
import { badBundle } from './errors.ts';
import type { ModelParts } from './model-parts.ts';
import type { Dispatch, Plan } from './plan.ts';
import { createTokenReader } from './readback.ts';
import type { TokenReader } from './readback.ts';

export interface BoundPrograms {
  readonly prefill: DispatchList;
  readonly last: DispatchList;
  readonly settle: DispatchList;
  readonly decode: DispatchList;
  readonly sample: DispatchList;
}

/** Buffers, bind groups and dispatch lists of one session. */
export class SessionMemory {
  readonly programs: BoundPrograms;
  readonly tokens: TokenReader;
  readonly #parts: ModelParts;
  /** By the plan's indices: the model's and the session's own. */
  readonly #buffers: (GPUBuffer | null)[];
  readonly #groups: GroupCache;
  #all: DispatchList | null = null;

  constructor(
    parts: ModelParts,
    buffers: (GPUBuffer | null)[],
    groups: GroupCache,
    programs: BoundPrograms,
    tokens: TokenReader,
  ) {
    this.#parts = parts;
    this.#buffers = buffers;
    this.#groups = groups;
    this.programs = programs;
    this.tokens = tokens;
  }

  buffer(index: number): GPUBuffer {
    return bufferAt(this.#buffers, index);
  }

  /** The program for the logits of every position; its buffers are large and made when they are first wanted. */
  async all(): Promise<DispatchList> {
    if (this.#all !== null) return this.#all;
    const { plan } = this.#parts;
    await addBuffers(this.#parts, this.#buffers, plan.programs.all, [plan.io.allLogits]);
    this.#all ??= await withValidation(this.#parts, () =>
      bindProgram(this.#parts, plan.programs.all, this.#buffers, this.#groups),
    );
    return this.#all;
  }

  destroy(): void {
    for (const [index, { use }] of this.#parts.plan.buffers.entries())
      if (!isShared(use)) this.#buffers[index]?.destroy();
    this.tokens.destroy();
  }
}

/** Makes all that a session needs but the buffers that only `all` uses. Throws `out_of_memory`. */
export async function createSessionMemory(parts: ModelParts): Promise<SessionMemory> {
  const { plan } = parts;
  const { prefill, last, settle, decode, sample } = plan.programs;
  const { control, tokens, sampled, seen, logits } = plan.io;
  const buffers = [...parts.shared];
  const groups: GroupCache = new Map();
  const dispatches = [...prefill, ...last, ...settle, ...decode, ...sample];
  await addBuffers(parts, buffers, dispatches, [
    control,
    tokens,
    sampled,
    seen,
    logits,
    ...stateBuffers(plan),
  ]);
  const programs = await withValidation(parts, () => ({
    prefill: bindProgram(parts, prefill, buffers, groups),
    last: bindProgram(parts, last, buffers, groups),
    settle: bindProgram(parts, settle, buffers, groups),
    decode: bindProgram(parts, decode, buffers, groups),
    sample: bindProgram(parts, sample, buffers, groups),
  }));
  return new SessionMemory(parts, buffers, groups, programs, await createTokenReader(parts, buffers));
}

/** Makes the buffers that `dispatches` bind, and `more`, where they are not there yet. */
export async function addBuffers(
  parts: Pick<ModelParts, 'plan' | 'device'>,
  buffers: (GPUBuffer | null)[],
  dispatches: readonly Dispatch[],
  more: readonly number[],
): Promise<void> {
  const used = new Set([
    ...more,
    ...dispatches.flatMap(({ bindings }) => bindings.map(({ buffer }) => buffer)),
  ]);
  const wanted = [...used].flatMap((index) => {
    const plan = parts.plan.buffers[index];
    return plan === undefined || (buffers[index] ?? null) !== null ? [] : [{ index, plan }];
  });
  const made = await createBuffers(
    parts.device,
    wanted.map(({ plan }) => wishFor(plan)),
    'a session',
  );
  for (const [i, { index }] of wanted.entries()) buffers[index] = made[i] ?? null;
}

/** The plan's buffers that hold states. */
export function stateBuffers(plan: Plan): readonly number[] {
  return plan.buffers.flatMap(({ use }, index) => (use === 'state' ? [index] : []));
}

/** A program with its buffers. */
export function bindProgram(
  parts: ModelParts,
  dispatches: readonly Dispatch[],
  buffers: readonly (GPUBuffer | null)[],
  groups: GroupCache,
): DispatchList {
  return createDispatchList(parts.device, dispatches, parts.kernels, buffers, groups);
}

/** Runs `make`, and throws what the device objects to. */
export async function withValidation<T>({ device }: ModelParts, make: () => T): Promise<T> {
  device.pushErrorScope('validation');
  let made: T;
  try {
    made = make();
  } catch (cause) {
    await device.popErrorScope();
    throw cause;
  }
  const error = await device.popErrorScope();
  if (error !== null) throw badBundle(error.message);
  return made;
}
