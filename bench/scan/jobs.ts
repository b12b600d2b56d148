// What is timed: for each class and length, the plan of each schedule, its weights, and the operator beside it.
import { planGraph } from '../../compiler/plan-graph.ts';
import type { Target } from '../../compiler/kernels/template.ts';
import { safetensorsBytes } from '../../cli/tensors.ts';
import type { Plan } from '../../runtime/plan.ts';
import type { Schedule } from './count.ts';
import { scanModel } from './model.ts';
import { onnxJob, type OnnxJob } from './onnx.ts';
import { BENCH_RECURRENCES, SIZES } from './recurrences.ts';
import { benchTensors, type BenchTensor } from './values.ts';

export interface BenchJob {
  readonly class: string;
  readonly tokens: number;
  /** Each schedule's plan, for runs of `tokens` tokens. */
  readonly plans: readonly (readonly [Schedule, Plan])[];
  readonly weights: Uint8Array<ArrayBuffer>;
  /** [row, result]: what logits are made of the result by. */
  readonly head: BenchTensor;
  readonly onnx?: OnnxJob;
}

export function benchJobs(lengths: readonly number[], target: Target): readonly BenchJob[] {
  return BENCH_RECURRENCES.flatMap((recurrence) => {
    const model = scanModel(recurrence, SIZES);
    const tensors = benchTensors(model);
    const weights = Uint8Array.from(safetensorsBytes([...tensors.values()]));
    const head = tensors.get('head');
    if (head === undefined) throw new Error('internal: a model without a head');
    return lengths.map((tokens): BenchJob => {
      const plan = (recurrences: 'looped' | 'chunked'): Plan =>
        planGraph(model.graph, { chunk: tokens, target, recurrences }).plan;
      const [looped, chunked] = [plan('looped'), plan('chunked')];
      // Where there is no chunked kernel, both are the same.
      const same = JSON.stringify(looped.kernels) === JSON.stringify(chunked.kernels);
      const onnx = onnxJob(recurrence, SIZES, tensors, tokens);
      return {
        class: recurrence.class,
        tokens,
        plans: [['looped', looped], ...(same ? [] : [['chunked', chunked] as const])],
        weights,
        head,
        ...(onnx === undefined ? {} : { onnx }),
      };
    });
  });
}
