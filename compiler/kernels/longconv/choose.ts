// Which form a long convolution has, and why: the one that takes fewest steps by counting, unless one is asked for.
import { LONG_CONV_KERNELS, type LongConvForm, type LongConvPlan } from '../longconv-kernels.ts';
import type { Target } from '../template.ts';
import type { ConvForm } from '../fft/problem.ts';
import { tilePlan } from './fourier.ts';
import type { LongConvShape } from './shape.ts';
import { formSteps } from './work.ts';

/** How prefill does long convolutions: by the form named, where it fits, or by whichever is least work by counting. */
export type ConvolutionPrefill = 'auto' | LongConvForm;

export interface ChosenForm {
  readonly shape: LongConvShape;
  readonly plan: LongConvPlan;
  /** How single tokens do their large tiles, where these go by transforms. */
  readonly tile: ConvForm | undefined;
  /** Whether it was asked for. */
  readonly wished: boolean;
  /** What was asked for and does not fit. */
  readonly refused?: LongConvForm;
  /** All that fit, in the table's order. */
  readonly counted: readonly { readonly plan: LongConvPlan; readonly steps: number }[];
}

export function chooseForm(
  shape: LongConvShape,
  target: Target,
  wish: ConvolutionPrefill = 'auto',
): ChosenForm {
  const counted = LONG_CONV_KERNELS.flatMap((entry) => {
    const plan = entry.plan(shape, target);
    return plan === undefined ? [] : [{ plan, steps: formSteps(plan.dispatches) }];
  });
  const asked = counted.find(({ plan }) => plan.form === wish);
  const [least] = counted.toSorted((a, b) => a.steps - b.steps);
  const chosen = asked ?? least;
  if (chosen === undefined) throw new Error('internal: a long convolution has no form');
  const tile = tilePlan(shape, chosen.plan.fourier);
  const refused = wish === 'auto' || asked !== undefined ? {} : { refused: wish };
  return { shape, plan: chosen.plan, tile, wished: asked !== undefined, ...refused, counted };
}
