// Before tokens go one by one: what the positions that ran give to all positions to come.
import { positionText } from '../elements.ts';
import { blocksForm } from '../fft/forms.ts';
import type { ConvForm } from '../fft/problem.ts';
import type { KernelDraft } from '../kernel-draft.ts';
import type { NamedKernel } from '../template.ts';
import { directForm } from './direct.ts';
import { printFourier } from './fourier.ts';
import { chosenForm, longConvOf, specOf } from './roles.ts';
import { PendingRows } from './step.ts';

export function settleKernels(draft: KernelDraft): readonly NamedKernel[] {
  const node = longConvOf(draft);
  const pending = new PendingRows(draft, node);
  const now = positionText(draft, { axes: new Map(), token: '0u' });
  const spec = specOf(draft, node, {
    start: now,
    count: pending.from(now),
    end: now,
    maximum: pending.rows,
    beyond: true,
    finish: (code, token, channel, value) =>
      void code.line(pending.write(channel, `${now} + ${token}`, value)),
  });
  const { target } = draft.context;
  const { fourier } = chosenForm(draft.context.layout, node).plan;
  const form = fourier === undefined ? undefined : toTheEnd(draft, fourier, pending.rows);
  return form === undefined
    ? [['', directForm(spec, target)]]
    : printFourier(form, spec, draft.fourier(node.id, form));
}

/** The form for all positions to come, which has the same spectra: only blocks have. */
function toTheEnd(
  draft: KernelDraft,
  { kind, problem, block, shapes }: ConvForm,
  rows: number,
): ConvForm | undefined {
  const way = shapes[0]?.way;
  if (kind !== 'blocks' || way === undefined) return undefined;
  const form = blocksForm({ ...problem, maximum: rows }, draft.context.target, way, block);
  return form?.tiles.length === 1 ? form : undefined;
}
