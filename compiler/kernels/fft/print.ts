// The kernels of a Fourier form, in the order in which they run.
import type { NamedKernel } from '../template.ts';
import { blockKernels } from './blocks.ts';
import { fourStepKernels } from './four-step.ts';
import type { ConvForm, ConvHooks } from './problem.ts';
import { windowKernels } from './window.ts';

const PRINTERS = { window: windowKernels, blocks: blockKernels, 'four-step': fourStepKernels } as const;

export function printConv(form: ConvForm, hooks: ConvHooks): readonly NamedKernel[] {
  return PRINTERS[form.kind](form, hooks);
}
