// The table of the forms of a long convolution over a run of tokens. Nothing else lists them.
import type { ConvForm } from './fft/problem.ts';
import type { FftWay } from './fft/shape.ts';
import { directForm } from './longconv/direct.ts';
import { blocksPlan, fourierWork, fourStepPlan, printFourier, windowPlan } from './longconv/fourier.ts';
import type { LongConvShape } from './longconv/shape.ts';
import type { FourierMemory, LongConvSpec } from './longconv/spec.ts';
import { toeplitzForm } from './longconv/toeplitz.ts';
import { directWork, toeplitzWork } from './longconv/work.ts';
import type { DispatchWork } from './recurrence-work.ts';
import type { NamedKernel, Target } from './template.ts';

export type LongConvForm = (typeof LONG_CONV_FORMS)[number];

/** The names of the forms, for people. */
export const LONG_CONV_FORMS = [
  'direct',
  'toeplitz',
  'window',
  'window-matrices',
  'blocks',
  'blocks-matrices',
  'four-step',
  'four-step-matrices',
] as const;

/** A form made ready for one convolution. */
export interface LongConvPlan {
  readonly form: LongConvForm;
  readonly dispatches: readonly DispatchWork[];
  /** Of the Fourier forms: what they need to be there. */
  readonly fourier?: ConvForm;
  /** The Fourier forms' memory is asked for where it is needed. */
  readonly print: (
    spec: LongConvSpec,
    target: Target,
    memory: (form: ConvForm) => FourierMemory,
  ) => readonly NamedKernel[];
}

export interface LongConvKernels {
  readonly form: LongConvForm;
  /** What it does, in words. */
  readonly kind: string;
  /** Nothing where it does not apply, or does not fit the target. */
  readonly plan: (shape: LongConvShape, target: Target) => LongConvPlan | undefined;
}

export const LONG_CONV_KERNELS: readonly LongConvKernels[] = [
  {
    form: 'direct',
    kind: 'tap by tap',
    plan: (shape) => ({
      form: 'direct',
      dispatches: [directWork(shape)],
      print: (spec, target) => [['', directForm(spec, target)]],
    }),
  },
  {
    form: 'toeplitz',
    kind: 'as products of matrices of taps',
    plan: (shape) => ({
      form: 'toeplitz',
      dispatches: [toeplitzWork(shape)],
      print: (spec, target) => [['', toeplitzForm(spec, target)]],
    }),
  },
  fourier('window', 'by one transform of all that is read', windowPlan, 'radix'),
  fourier('window-matrices', 'the same, transforms as products of matrices', windowPlan, 'monarch'),
  fourier('blocks', 'by transforms of blocks', blocksPlan, 'radix'),
  fourier('blocks-matrices', 'the same, transforms as products of matrices', blocksPlan, 'monarch'),
  fourier('four-step', 'by transforms of columns and rows', fourStepPlan, 'radix'),
  fourier('four-step-matrices', 'the same, transforms as products of matrices', fourStepPlan, 'monarch'),
];

function fourier(
  form: LongConvForm,
  kind: string,
  make: (shape: LongConvShape, target: Target, way: FftWay) => ConvForm | undefined,
  way: FftWay,
): LongConvKernels {
  return {
    form,
    kind,
    plan: (shape, target) => {
      const made = make(shape, target, way);
      if (made === undefined) return undefined;
      return {
        form,
        dispatches: fourierWork(made),
        fourier: made,
        print: (spec, _target, memory) => printFourier(made, spec, memory(made)),
      };
    },
  };
}
