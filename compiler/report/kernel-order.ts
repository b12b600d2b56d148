// The order in which a reader meets the kernels: those of a token as it runs, then those of a prompt, then the rest.
import type { Plan, Programs } from '../../runtime/plan.ts';

/** The programs in the order in which people think of them. */
export const PROGRAM_ORDER: readonly (keyof Programs)[] = [
  'decode',
  'sample',
  'settle',
  'prefill',
  'last',
  'all',
];

/** Indices of all kernels. */
export function kernelOrder({ programs, kernels }: Plan): readonly number[] {
  const called = PROGRAM_ORDER.flatMap((program) => programs[program].map(({ kernel }) => kernel));
  return [...new Set([...called, ...kernels.keys()])];
}
