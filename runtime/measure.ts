// How long every kernel call of a program takes, by timestamps around passes of one dispatch each.
import { createBuffers } from './buffers.ts';
import type { DispatchList } from './dispatch-list.ts';
import { encodeOne, fit } from './dispatch-list.ts';
import { badOption } from './errors.ts';
import type { KernelCost } from './plan.ts';
import { readBuffer } from './readback.ts';
import type { Sequence } from './sequence.ts';
import { createStateCopy, destroyCopy, wholeCopy } from './state-copy.ts';
import { BUFFER_COPY_SRC, BUFFER_QUERY_RESOLVE } from './webgpu-flags.ts';

export interface MeasureOptions {
  /** Which program; `decode` unless given. */
  readonly program?: 'prefill' | 'last' | 'decode' | 'sample' | undefined;
  /** Tokens of a prefill run; the plan's chunk unless given. */
  readonly tokens?: number | undefined;
  /** Runs of the whole program, of which the median counts; 5 unless given. */
  readonly repeats?: number | undefined;
}

export interface KernelTime {
  readonly kernel: string;
  readonly label: string;
  readonly layer: number | null;
  /** Median over the repeats. */
  readonly microseconds: number;
  readonly cost: KernelCost;
}

/** Null where the device has no `timestamp-query`. The sequence's state is put back afterwards. */
export async function measureSequence(
  sequence: Sequence,
  options: MeasureOptions,
): Promise<readonly KernelTime[] | null> {
  const { program = 'decode', repeats = 5 } = options;
  const { plan, device } = sequence.parts;
  const tokens = program === 'prefill' ? (options.tokens ?? plan.chunk) : 1;
  if (!Number.isInteger(repeats) || repeats < 1) throw badOption('repeats must be 1 or more');
  if (!Number.isInteger(tokens) || tokens < 1 || tokens > plan.chunk)
    throw badOption(`tokens must be 1 … ${plan.chunk}, the plan's chunk`);
  if (!device.features.has('timestamp-query')) return null;
  const copy = await createStateCopy(sequence.parts, wholeCopy(plan));
  const { mark } = sequence;
  sequence.save(copy);
  try {
    sequence.measureFrom(tokens);
    const list = sequence.memory.programs[program];
    fit(list, tokens);
    const times: (readonly number[])[] = [];
    for (let i = 0; i < repeats; i++) times.push(await timeOnce(sequence, list));
    return plan.programs[program].map((dispatch, index) => {
      const kernel = plan.kernels[dispatch.kernel];
      if (kernel === undefined) throw new Error(`internal: kernel ${dispatch.kernel} is not in the plan`);
      const { label, layer } = dispatch;
      const microseconds = median(times.map((run) => run[index] ?? 0));
      return { kernel: kernel.name, label, layer, microseconds, cost: kernel.cost };
    });
  } finally {
    // A generation can go on: the sequence is unchanged.
    sequence.load(copy);
    sequence.mark = mark;
    destroyCopy(copy);
  }
}

/** A query set holds this many timestamps at most. */
const MOST_QUERIES = 4096;

/** Microseconds of every dispatch of one run. */
async function timeOnce({ parts }: Sequence, list: DispatchList): Promise<readonly number[]> {
  const { device } = parts;
  const times: number[] = [];
  for (let from = 0; from < list.pipelines.length; from += MOST_QUERIES / 2) {
    const to = Math.min(list.pipelines.length, from + MOST_QUERIES / 2);
    const bytes = (to - from) * 16;
    const querySet = device.createQuerySet({ type: 'timestamp', count: (to - from) * 2 });
    const wish = { label: 'timestamps', bytes, usage: BUFFER_QUERY_RESOLVE | BUFFER_COPY_SRC };
    const [resolved] = await createBuffers(device, [wish], 'timestamps');
    if (resolved === undefined) throw new Error('internal: no buffer for timestamps was made');
    const encoder = device.createCommandEncoder();
    for (let i = from; i < to; i++) encodeTimed(encoder, list, i, querySet, (i - from) * 2);
    encoder.resolveQuerySet(querySet, 0, (to - from) * 2, resolved, 0);
    device.queue.submit([encoder.finish()]);
    const stamps = new BigUint64Array((await readBuffer(parts, resolved, 0, bytes)).buffer);
    for (let i = 0; i < to - from; i++)
      times.push(Math.max(0, Number((stamps[i * 2 + 1] ?? 0n) - (stamps[i * 2] ?? 0n)) / 1000));
    resolved.destroy();
    querySet.destroy();
  }
  return times;
}

function encodeTimed(
  encoder: GPUCommandEncoder,
  list: DispatchList,
  index: number,
  querySet: GPUQuerySet,
  query: number,
): void {
  const pass = encoder.beginComputePass({
    timestampWrites: { querySet, beginningOfPassWriteIndex: query, endOfPassWriteIndex: query + 1 },
  });
  encodeOne(list, index, pass);
  pass.end();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
