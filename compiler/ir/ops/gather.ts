// Looking rows up in a table.
import { checkAxes, offsetTable, requireAxis, rowMajorStrides, withoutAxes } from '../axes.ts';
import { elementCount, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { Evaluate, PlainOp, Signature } from '../op.ts';
import { twoInputs } from './arguments.ts';

export type GatherAttrs = {
  readonly axis: string;
  /** An index behind the last is the last. */
  readonly clamp?: boolean;
};

/** table[axis = index]: the index's axes, then the table's without `axis`. An index outside the axis is our mistake. */
const gather: PlainOp<GatherAttrs> = { kind: 'gather', infer, flops: () => 0, prepare };

function infer(inputs: readonly ValueType[], { axis }: GatherAttrs): ValueType {
  const [table, index] = twoInputs(inputs);
  requireAxis(table.axes, axis);
  if (table.temporal) internal('a gathered table changes with time');
  if (index.dtype !== 'i32') internal(`an index is ${index.dtype}`);
  const axes = checkAxes([...index.axes, ...withoutAxes(table.axes, [axis])]);
  return { dtype: table.dtype, axes, temporal: index.temporal };
}

function prepare({ inputs, attrs }: Signature<GatherAttrs>): Evaluate {
  const [table] = twoInputs(inputs);
  const stride = rowMajorStrides(table.axes).get(attrs.axis) ?? 0;
  const { size } = requireAxis(table.axes, attrs.axis);
  const kept = withoutAxes(table.axes, [attrs.axis]);
  const offsets = offsetTable(kept, table.axes);
  const length = elementCount(kept);
  return ([values, indices], out) => {
    for (let i = 0; i * length < out.length; i++) {
      const at = attrs.clamp === true ? Math.min(indices![i]!, size - 1) : indices![i]!;
      if (!(at >= 0 && at < size)) internal(`index ${at} is outside axis '${attrs.axis}' of ${size}`);
      for (let j = 0; j < length; j++) out[i * length + j] = values![at * stride + offsets[j]!]!;
    }
  };
}

export const gatherOps = { gather };
