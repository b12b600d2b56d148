// Attention over visible positions (Vaswani et al. 2017, arXiv:1706.03762), grouped by named axes: softmax, or weights by a function.
import { hasAxis, requireAxis, unionAxes, withoutAxes } from '../axes.ts';
import { elementCount, type Body, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { Remembered, Signature, TemporalOp } from '../op.ts';
import { requireNumber, requireTemporal } from './arguments.ts';
import { prepareAttend } from './attend-evaluate.ts';
import { attendInputs, reachBack, type AttendAttrs } from './attend-inputs.ts';

export type { AttendAttrs } from './attend-inputs.ts';

/**
 * q's axes without `over`, then v's own axes. Axes that q shares with k or v are matched; axes of q alone are query heads that
 * share keys and values; every axis of k must be q's. A sink, on axes of the heads, is one more score of every softmax that
 * no value stands behind: learned (gpt-oss 2025, arXiv:2508.10925). A bias, on axes of the heads and one of lags, is added to the
 * scores (Press et al. 2021, arXiv:2108.12409).
 */
const attend: TemporalOp<AttendAttrs> = {
  kind: 'temporal',
  infer,
  flops,
  remembers,
  states: () => [],
  causal: ({ causal }) => causal !== false,
  bodies: ({ body }) => (body === undefined ? [] : [body]),
  prepare: prepareAttend,
};

function infer(inputs: readonly ValueType[], attrs: AttendAttrs): ValueType {
  const { over } = attrs;
  const { query: q, key: k, value: v, sink, biases } = attendInputs(inputs, attrs);
  for (const value of [q, k, v]) requireTemporal(requireNumber(value, 'an operand of attend'), 'an operand');
  requireAxis(q.axes, over);
  requireAxis(k.axes, over);
  if (hasAxis(v.axes, over)) internal(`the values have the axis '${over}' that scores sum over`);
  const stray = k.axes.find((axis) => !hasAxis(q.axes, axis.name));
  if (stray !== undefined) internal(`the keys' axis '${stray.name}' is not an axis of the queries`);
  if (sink !== undefined) requireHeads('the sink', sink, [], q, over);
  biases.forEach((bias, i) => {
    const { axis } = attrs.biases![i]!;
    requireAxis(bias.axes, axis);
    if (hasAxis(q.axes, axis)) internal(`the axis '${axis}' of lags is an axis of the queries as well`);
    if (requireNumber(bias, 'a bias').temporal) internal('a bias of attend changes with time');
    requireHeads('a bias', bias, [axis], q, over);
  });
  checkNumbers(attrs);
  if (attrs.body !== undefined) checkBody(attrs.body, sink);
  unionAxes(q.axes, k.axes);
  return { dtype: 'f32', axes: unionAxes(withoutAxes(q.axes, [over]), v.axes), temporal: true };
}

function requireHeads(
  what: string,
  value: ValueType,
  own: readonly string[],
  q: ValueType,
  over: string,
): void {
  const loose = withoutAxes(value.axes, own).find(({ name }) => name === over || !hasAxis(q.axes, name));
  if (loose !== undefined) internal(`${what} has the axis '${loose.name}', which is not one of the heads`);
}

function checkNumbers({ window, pinned, softcap, chunk, causal }: AttendAttrs): void {
  if (window !== undefined && !(window >= 1)) internal(`a window of ${window}`);
  if (pinned !== undefined && !(pinned >= 0)) internal(`${pinned} pinned positions`);
  if (softcap !== undefined && !(softcap > 0)) internal(`a softcap of ${softcap}`);
  if (chunk !== undefined && !(chunk >= 1)) internal(`chunks of ${chunk}`);
  if ((chunk !== undefined || causal === false) && (pinned ?? 0) > 0)
    internal('positions are pinned where blocks or both directions are seen');
}

/** A function of one score, element by element: the softmax alone has a total that a sink is part of. */
function checkBody({ nodes, outputs }: Body, sink: ValueType | undefined): void {
  if (sink !== undefined) internal('a sink without a softmax');
  const weight = nodes[outputs['weight'] ?? -1];
  if (weight === undefined || weight.type.axes.length > 0 || weight.type.temporal)
    internal('a score becomes no weight');
  for (const node of nodes)
    if (node.op === 'input' && node.attrs['name'] !== 'score')
      internal(`a score's weight reads '${String(node.attrs['name'])}'`);
}

/** Scores, weights and the weighted sum for each position in sight. */
function flops({ inputs, attrs }: Signature<AttendAttrs>, visible: number): number {
  const { query: q, value: v } = attendInputs(inputs, attrs);
  const sides = attrs.causal === false ? 2 : 1;
  const seen = Math.min(visible, sides * (attrs.window ?? Infinity), attrs.chunk ?? Infinity);
  const heads = elementCount(withoutAxes(q.axes, [attrs.over]));
  const all = Math.min(visible, seen + (attrs.pinned ?? 0));
  return (
    all *
    (2 * elementCount(q.axes) +
      4 * heads +
      2 * elementCount(unionAxes(withoutAxes(q.axes, [attrs.over]), v.axes)))
  );
}

/** Where a block or window ends, so does what is remembered; a sequence seen in both directions is one run and is never continued. */
function remembers({ attrs }: Signature<AttendAttrs>): readonly Remembered[] {
  const positions = attrs.causal === false ? 0 : reachBack(attrs) - 1;
  const pinned = attrs.window === undefined ? 0 : (attrs.pinned ?? 0);
  return [1, 2].map((input) => ({ input, positions, pinned }));
}

export const attendOps = { attend };
