// The dispatch that draws the next token.
import { CONTROL, type Dispatch, type IoPlan } from '../../runtime/plan.ts';
import type { SlotBinding } from '../kernels/kernel-draft.ts';
import type { MadeKernel } from '../kernels/make-kernel.ts';
import { sample } from '../kernels/sample.ts';
import { printKernel } from '../kernels/wgsl.ts';
import type { PlanOptions } from './options.ts';

export interface SamplePlan {
  readonly kernel: MadeKernel;
  readonly dispatch: Omit<Dispatch, 'kernel'>;
}

/** The template's bindings are, in order, logits, control, tokens, sampled and seen; see IoPlan. */
export function planSample(
  vocab: number,
  ring: number,
  options: PlanOptions,
  io: Omit<IoPlan, 'allLogits'>,
): SamplePlan {
  const made = sample({ vocab, ring }, options.target);
  const title =
    'Draws the next token: repetition penalty, temperature, top-k, top-p, min-p; then advances the position.';
  const bindings: readonly SlotBinding[] = made.bindings.map((binding) => ({
    ...binding,
    slot: { kind: 'control' },
  }));
  const buffers = [io.logits, io.control, io.tokens, io.sampled, io.seen];
  const kernel: MadeKernel = {
    name: 'sample',
    title,
    wgsl: printKernel([title], bindings, made.body),
    code: printKernel([], bindings, made.body),
    bindings,
    workgroup: made.body.workgroup,
    features: made.body.features,
    grid: made.grid,
    cost: {
      tokens: 1,
      flops: 0,
      bytesRead: 4 * vocab,
      bytesWritten: 4 * CONTROL.words,
      barriers: made.body.barriers,
    },
    group: 0,
  };
  const places = bindings.map(({ bytes }, i) => ({ buffer: buffers[i] ?? 0, byteOffset: 0, bytes }));
  return { kernel, dispatch: { bindings: places, grid: made.grid, layer: null, label: 'sample' } };
}
