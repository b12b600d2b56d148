// The kernels of long convolutions over a run of tokens, and the one that remembers the run before.
import { isCausalConv } from '../../ir/ops/longconv.ts';
import { element, nodeIn, positionText } from '../elements.ts';
import type { KernelDraft } from '../kernel-draft.ts';
import type { Place } from '../place.ts';
import { rowKernel } from '../pointwise-kernel.ts';
import type { NamedKernel, Templated } from '../template.ts';
import type { Code } from '../wgsl.ts';
import type { DispatchWork } from '../recurrence-work.ts';
import { withWork } from '../scan-kernel.ts';
import { channelPlace, chosenForm, finishTail, HistoryRows, inputOf, longConvOf, specOf } from './roles.ts';

/** Every position of a run. */
export function longConvKernels(draft: KernelDraft): readonly NamedKernel[] {
  const node = longConvOf(draft);
  const causal = isCausalConv(node.attrs);
  const history = causal ? new HistoryRows(draft, node, false) : undefined;
  const count = draft.control('count');
  const start = causal ? draft.control('position') : '0u';
  const spec = specOf(draft, node, {
    start,
    count,
    end: causal ? `${start} + ${count}` : count,
    maximum: draft.context.chunk,
    beyond: false,
    finish: (code, token, channel, value) => {
      const x = history?.read(channelPlace(node, channel), `${start} + ${token}`);
      finishTail(draft, node, code, { channel, token, value, x });
    },
  });
  const { plan } = chosenForm(draft.context.layout, node);
  const made = plan.print(spec, draft.context.target, (form) => draft.fourier(node.id, form));
  // Where there are several tiles, each goes through the same dispatches.
  const tiles = made.length / plan.dispatches.length;
  return made.map(([part, kernel], i) => [
    part,
    withWork(kernel, shareOf(plan.dispatches[i % plan.dispatches.length], tiles)),
  ]);
}

function shareOf(work: DispatchWork | undefined, tiles: number): DispatchWork | undefined {
  if (work === undefined) return undefined;
  const { flops, bytesRead, bytesWritten } = work;
  return { ...work, flops: flops / tiles, bytesRead: bytesRead / tiles, bytesWritten: bytesWritten / tiles };
}

/** Writes the run's values into their memory. */
export function rememberKernel(draft: KernelDraft): Templated {
  const node = longConvOf(draft);
  const x = inputOf(node);
  const print = (code: Code, place: Place): void => {
    const history = new HistoryRows(draft, node, true);
    const value = code.let('value', element(draft, code, x, place));
    code.line(history.write(place, positionText(draft, place), value));
  };
  return rowKernel(draft, [{ rows: nodeIn(draft.body, x).type.axes, print }], true);
}
