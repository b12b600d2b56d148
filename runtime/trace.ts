// Runs a program one kernel call at a time and reads what each leaves in memory: for checks, not for speed.
import type { DispatchList } from './dispatch-list.ts';
import { fit } from './dispatch-list.ts';
import type { Dispatch, StoredValue } from './plan.ts';
import { readBuffer } from './readback.ts';
import type { Sequence } from './sequence.ts';

/** What one kernel call stored. */
export interface TracedValue {
  readonly kernel: string;
  readonly dispatch: Dispatch;
  readonly stored: StoredValue;
  /** f32 [token, element] of this run. */
  readonly values: Float32Array;
  /** The index of the run's first position. */
  readonly position: number;
}

export interface TraceOptions {
  /** `prefill`: in runs of at most a chunk, with the logits of all positions; `decode`: token by token. */
  readonly program?: 'prefill' | 'decode' | undefined;
}

/** Appends tokens as prefill or decode would, and shows every stored value as soon as it is there. */
export async function traceSequence(
  sequence: Sequence,
  tokens: ArrayLike<number>,
  { program = 'prefill' }: TraceOptions,
  visit: (traced: TracedValue) => void,
): Promise<void> {
  const { programs } = sequence.memory;
  const { chunk } = sequence.parts.plan;
  const lists = program === 'decode' ? [programs.decode] : [programs.prefill, await sequence.memory.all()];
  const most = program === 'decode' ? 1 : chunk;
  for (let at = 0; at < tokens.length; at += most) {
    const count = Math.min(most, tokens.length - at);
    const position = sequence.mark.ran;
    if (program === 'decode') sequence.settle();
    sequence.openRun(tokens, at, count);
    for (const list of lists) await traceList(sequence, list, count, position, visit);
    sequence.closeRun(tokens, at, count, program === 'decode');
  }
}

async function traceList(
  sequence: Sequence,
  list: DispatchList,
  count: number,
  position: number,
  visit: (traced: TracedValue) => void,
): Promise<void> {
  const { parts, memory } = sequence;
  fit(list, count);
  for (const [index, dispatch] of list.dispatches.entries()) {
    sequence.runOne(list, index);
    for (const stored of dispatch.stores ?? []) {
      const bytes = 4 * stored.elements * count;
      const read = await readBuffer(parts, memory.buffer(stored.buffer), stored.byteOffset, bytes);
      const kernel = parts.plan.kernels[dispatch.kernel]?.name ?? '';
      visit({ kernel, dispatch, stored, values: new Float32Array(read.buffer), position });
    }
  }
}
