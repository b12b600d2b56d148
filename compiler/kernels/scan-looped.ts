// A recurrence over a run, token by token: in tiles of elements where each goes by itself, else one invocation for each row of the state.
import type { KernelDraft } from './kernel-draft.ts';
import { anchorOf } from './pointwise-kernel.ts';
import { sequentialScanKernel } from './scan-rows.ts';
import { elementwiseScan } from './scan-elementwise-form.ts';
import { tiledScan } from './scan-tiles.ts';
import type { Templated } from './template.ts';

export function loopedScan(draft: KernelDraft): Templated {
  const elementwise = elementwiseScan(anchorOf(draft));
  return elementwise === undefined ? sequentialScanKernel(draft) : tiledScan(draft, elementwise);
}
