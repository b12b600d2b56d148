// The table of the forms of a long convolution over a run of tokens. Nothing else lists them.
import { directForm } from './longconv/direct.ts';
import type { LongConvShape } from './longconv/shape.ts';
import type { LongConvSpec } from './longconv/spec.ts';
import { toeplitzForm } from './longconv/toeplitz.ts';
import { directWork, toeplitzWork } from './longconv/work.ts';
import type { DispatchWork } from './recurrence-work.ts';
import type { NamedKernel, Target } from './template.ts';

export type LongConvForm = (typeof LONG_CONV_FORMS)[number];

/** The names of the forms, for people. */
export const LONG_CONV_FORMS = ['direct', 'toeplitz'] as const;

/** A form made ready for one convolution. */
export interface LongConvPlan {
  readonly form: LongConvForm;
  readonly dispatches: readonly DispatchWork[];
  readonly print: (spec: LongConvSpec, target: Target) => readonly NamedKernel[];
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
];
