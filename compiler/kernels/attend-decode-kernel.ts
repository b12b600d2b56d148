// What the parts of one-token attention share: its spec, its sizes and its names.
import type { AttendShape, BiasHook, CacheReader, Row } from './attend.ts';
import { type DecodeTuning, partFloats, PEAKS, sharedSizes } from './attend-decode-tuning.ts';
import type { Action, Hook } from './template.ts';
import type { Code } from './wgsl.ts';

export interface AttendDecodeSpec extends AttendShape, CacheReader {
  /** The most positions seen apart from the pinned ones: the window, or the capacity where there is none. At most `slots`. */
  readonly visible: number;
  /** The index of the current token: a uniform u32 of module scope. */
  readonly position: string;
  /** Statements that the whole workgroup runs first, under uniform control flow; it may declare names that `query`, `newKey`, `newValue` use. */
  readonly preamble?: (code: Code, workgroup: number) => void;
  /** Bytes of workgroup memory that the preamble needs for itself. */
  readonly sharedBytes?: number;
  /** One element of the current token's query of a head. */
  readonly query: Hook<[group: string, per: string, d: string]>;
  /** The current token's key and value, where this kernel has to append them; without them they are in the cache already. */
  readonly newKey?: Hook<[group: string, d: string]>;
  readonly newValue?: Hook<[group: string, d: string]>;
  readonly store?: {
    readonly writeKey: Action<[group: string, slot: string, d: string, value: string]>;
    readonly writeValue: Action<[group: string, slot: string, d: string, value: string]>;
  };
  /** What is added to scores, by where query and key are. */
  readonly bias?: BiasHook;
  /** The score of a head's sink, where it has one. */
  readonly sink?: Hook<[group: string, per: string]>;
  /** Statements before `finish` in the kernel that finishes: run by the whole workgroup. */
  readonly finishPreamble?: (code: Code) => void;
  /** One element of the result. */
  readonly finish: Action<[group: string, per: string, d: string, value: string]>;
  /** Scratch memory between the two kernels, f32, `partials` of them; used only where there is a reduce. */
  readonly writePartial: Action<[index: string, value: string]>;
  readonly readPartial: Hook<[index: string]>;
  readonly reserved?: readonly string[];
}

/** Everything the parts below share. */
export interface Kernel {
  readonly spec: AttendDecodeSpec;
  readonly tuning: DecodeTuning;
  readonly keys: Row;
  readonly values: Row;
  readonly at: Readonly<Record<(typeof LOCALS)[number], string>>;
  /** Per head: highest score so far and total weight. */
  readonly peaks: readonly string[];
  readonly totals: readonly string[];
  /** Per entry of the value row that an invocation has, and head: the weighted sum. */
  readonly sums: readonly (readonly string[])[];
}

export const LOCALS = [
  'current',
  'queries',
  'new_key',
  'weights',
  'maxima',
  'group',
  'first_head',
  'start',
  'limit',
  'entry',
  'part',
] as const;

/** The last workgroup of a group's heads may have fewer of them. */
export function guardHead(code: Code, kernel: Kernel, head: string, body: (inner: Code) => void): void {
  const { spec, tuning } = kernel;
  if (tuning.headTiles * tuning.heads === spec.per) body(code);
  else code.block(`if (${head} < ${spec.per}u)`, body);
}

/** Whether the maxima of the clusters are so many that they are folded before every invocation goes through them. */
export function folds(kernel: Kernel): boolean {
  return kernel.tuning.workgroup / kernel.tuning.cluster > PEAKS;
}

/** Heads whose parts fit the scratch memory at once. */
export function batchOf(kernel: Kernel): number {
  const { spec, tuning, values } = kernel;
  const { scratch } = sharedSizes(spec, tuning.workgroup, tuning.heads);
  return Math.min(tuning.heads, Math.floor(scratch / partFloats(values, tuning.parts)));
}
