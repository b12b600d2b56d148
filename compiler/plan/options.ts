// What a plan is made for.
import type { WeightEncoding } from '../../runtime/plan.ts';
import type { ConvolutionPrefill } from '../kernels/longconv/choose.ts';
import type { RecurrencePrefill } from '../kernels/kernel-draft.ts';
import type { Target } from '../kernels/template.ts';

export interface PlanOptions {
  /** How matrices are stored; weights that the source pins, and vectors, stay f32. */
  readonly dtype: WeightEncoding;
  /** Positions that full attention has room for; the model's own limit, at most DEFAULT_CONTEXT, unless given. */
  readonly context?: number;
  /** Most tokens of one prefill run. */
  readonly chunk: number;
  readonly target: Target;
  /** False: one kernel for each op, for comparison. */
  readonly fuse: boolean;
  /** How prefill goes through recurrences; `auto` unless given. */
  readonly recurrences?: RecurrencePrefill | undefined;
  /** How prefill does long convolutions; `auto` unless given. */
  readonly convolutions?: ConvolutionPrefill | undefined;
}

export const DEFAULT_CHUNK = 128;
