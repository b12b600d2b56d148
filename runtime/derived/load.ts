// Values derived from weights, at load: reads each program's weights, runs it, and writes what it makes.
import { throwIfAborted } from '../errors.ts';
import type { DerivedPlan } from '../plan.ts';
import type { MatchedWeight } from '../weights/match-weights.ts';
import { uploadWeights, WINDOW_BYTES } from '../weights/upload-weights.ts';
import type { UploadTarget } from '../weights/upload-weights.ts';
import type { WeightSample } from '../weights/weight-sample.ts';
import { evaluateDerived } from './evaluate.ts';

/** How long work goes on before others get a turn, in milliseconds. */
const TURN = 50;

export interface DerivedWork {
  readonly plan: DerivedPlan;
  readonly weights: readonly MatchedWeight[];
}

/** One program after the other, so that no more than one program's arrays are in memory. Progress is in floating-point operations. */
export async function loadDerived(
  work: readonly DerivedWork[],
  target: UploadTarget,
  sample: WeightSample,
  signal: AbortSignal | undefined,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const total = work.reduce((sum, { plan }) => sum + plan.flops, 0);
  let done = 0;
  let turn = performance.now();
  for (const { plan, weights } of work) {
    const pause = async (share: number): Promise<void> => {
      if (performance.now() - turn < TURN) return;
      progress(done + share * plan.flops, total);
      await new Promise((resolve) => setTimeout(resolve));
      throwIfAborted(signal);
      turn = performance.now();
    };
    const given = await readArrays(plan, weights, sample, signal);
    for (const { buffer, byteOffset, values } of await evaluateDerived(plan, given, pause))
      target.write(buffer, byteOffset, new Uint8Array(values.buffer));
    await target.flush();
    done += plan.flops;
    if (total > 0) progress(done, total);
  }
}

/** The program's arrays that hold weights, by index; of a weight that is not there, zeros. */
async function readArrays(
  plan: DerivedPlan,
  weights: readonly MatchedWeight[],
  sample: WeightSample,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, Float64Array>> {
  const arrays = new Map<number, Float64Array>();
  for (const { buffer } of plan.weights)
    arrays.set(buffer, new Float64Array(plan.arrays[buffer]?.elements ?? 0));
  const write: UploadTarget['write'] = (array, byteOffset, bytes) => {
    const values = arrays.get(array);
    if (values !== undefined) new Uint8Array(values.buffer).set(bytes, byteOffset);
  };
  const sink: UploadTarget = { write, flush: () => Promise.resolve() };
  await uploadWeights(weights, sink, signal, () => undefined, WINDOW_BYTES, sample);
  return arrays;
}
