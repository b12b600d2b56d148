// Before tokens go one by one: what the positions that ran give to all positions to come.
import type { KernelDraft } from '../kernel-draft.ts';
import { positionText } from '../elements.ts';
import type { Templated } from '../template.ts';
import { directForm } from './direct.ts';
import { longConvOf, specOf } from './roles.ts';
import { PendingRows } from './step.ts';

export function settleKernel(draft: KernelDraft): Templated {
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
  return directForm(spec, draft.context.target);
}
