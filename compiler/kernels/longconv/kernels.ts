// The kernels of long convolutions over a run of tokens, and the one that remembers the run before.
import { isCausalConv } from '../../ir/ops/longconv.ts';
import { element, nodeIn, positionText } from '../elements.ts';
import type { KernelDraft } from '../kernel-draft.ts';
import type { Place } from '../place.ts';
import { rowKernel } from '../pointwise-kernel.ts';
import type { NamedKernel, Templated } from '../template.ts';
import type { Code } from '../wgsl.ts';
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
  return plan
    .print(spec, draft.context.target)
    .map(([part, made], i) => [part, withWork(made, plan.dispatches[i])]);
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
