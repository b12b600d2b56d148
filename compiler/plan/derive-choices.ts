// Choices among fixed values as loops: an element's rank is how many of its sequence are larger, or equal and before it.
import { hasAxis, requireAxis } from '../ir/axes.ts';
import type { Axis } from '../ir/graph.ts';
import type { ChosenAttrs, TopAttrs } from '../ir/ops/choose.ts';
import { computed } from './derive-draft.ts';
import { inputType, type NodeLowering } from './derive-nodes.ts';
import { numberView, type View, wholeView } from './derive-views.ts';

/** Whether each element is among the largest. */
export function chosenView(lowering: NodeLowering, attrs: ChosenAttrs): View {
  const { draft, phase, node } = lowering;
  const operands = [ranks(lowering, attrs), numberView(attrs.count)];
  return computed(draft, phase, { function: 'lt', operands, axes: node.type.axes });
}

/** The places of the largest elements: of each rank, the sum of the places of the elements that have it, which is one. */
export function topView(lowering: NodeLowering, attrs: TopAttrs): View {
  const { draft, phase, node } = lowering;
  const { kept, over } = axesOf(lowering, attrs);
  const choice: Axis = { name: attrs.choice, size: attrs.count };
  const all = [...kept, choice, ...over];
  const wanted = wholeView(undefined, [choice]);
  const has = computed(draft, phase, {
    function: 'eq',
    operands: [ranks(lowering, attrs), wanted],
    axes: all,
  });
  const operands = [has, wholeView(undefined, over)];
  const reduce = { combine: 'sum', over } as const;
  return computed(draft, phase, { function: 'mul', operands, axes: node.type.axes, reduce });
}

function axesOf(lowering: NodeLowering, attrs: ChosenAttrs) {
  const { axes } = inputType(lowering, 0);
  const over: readonly Axis[] = attrs.over.map((name) => requireAxis(axes, name));
  return { kept: axes.filter(({ name }) => !hasAxis(over, name)), over };
}

function ranks(lowering: NodeLowering, attrs: ChosenAttrs): View {
  const { draft, phase, inputs } = lowering;
  const [own] = inputs;
  if (own === undefined) throw new Error('internal: a choice lacks its input');
  const { kept, over } = axesOf(lowering, attrs);
  // No axis of a body has such a name.
  const others = over.map(({ name, size }) => ({ name: `other ${name}`, size }));
  const renamed = new Map(
    [...own.strides].map(([name, stride]) => [hasAxis(over, name) ? `other ${name}` : name, stride]),
  );
  const other: View = { ...own, strides: renamed };
  const all = [...kept, ...over, ...others];
  const compare = (name: string, operands: readonly View[]): View =>
    computed(draft, phase, { function: name, operands, axes: all });
  const places = [wholeView(undefined, others), wholeView(undefined, over)];
  const equalBefore = compare('and', [compare('eq', [other, own]), compare('lt', places)]);
  const ahead = compare('or', [compare('gt', [other, own]), equalBefore]);
  const reduce = { combine: 'sum', over: others } as const;
  return computed(draft, phase, { function: 'copy', operands: [ahead], axes: [...kept, ...over], reduce });
}
