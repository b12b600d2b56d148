// The kernel that picks the last token's values out of a run, for what follows the last layer that has state.
import { CONTROL } from '../../runtime/plan.ts';
import type { SlotBinding } from '../kernels/kernel-draft.ts';
import type { MadeKernel } from '../kernels/make-kernel.ts';
import { roundUp } from '../kernels/body-layout.ts';
import { Code, plainBody, printKernel } from '../kernels/wgsl.ts';

const WORKGROUP = 64;

/** one[i] = run[(count − 1) · elements + i]. */
export function takeLastKernel(elements: number, chunk: number): MadeKernel {
  const runElements = roundUp(elements * chunk, WORKGROUP);
  const oneElements = roundUp(elements, WORKGROUP);
  const bindings: readonly SlotBinding[] = [
    {
      name: 'control',
      access: 'read',
      type: `array<u32, ${CONTROL.words}>`,
      bytes: 4 * CONTROL.words,
      slot: { kind: 'control' },
    },
    {
      name: 'run',
      access: 'read',
      type: `array<f32, ${runElements}>`,
      bytes: 4 * runElements,
      slot: { kind: 'input', name: 'run' },
    },
    {
      name: 'one',
      access: 'read_write',
      type: `array<f32, ${oneElements}>`,
      bytes: 4 * oneElements,
      slot: { kind: 'input', name: 'one' },
    },
  ];
  const code = new Code();
  code.line(`let i = workgroup_id.x * ${WORKGROUP}u + local_invocation_index;`);
  code.line(`if (i >= ${elements}u) { return; }`);
  code.line(`one[i] = run[(control[${CONTROL.count}] - 1u) * ${elements}u + i];`);
  const body = plainBody(WORKGROUP, code);
  const title = 'The values of the last token of a run.';
  return {
    name: `take_last_${elements}`,
    title,
    wgsl: printKernel([title], bindings, body),
    code: printKernel([], bindings, body),
    bindings,
    workgroup: body.workgroup,
    features: [],
    grid: [Math.ceil(elements / WORKGROUP), 1, 1],
    cost: { tokens: 1, flops: 0, bytesRead: 4 * elements, bytesWritten: 4 * elements, barriers: 0 },
    group: 0,
  };
}
