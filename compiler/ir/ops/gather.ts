// Looking entries of a value up by an index that is itself a value.
import { checkAxes, hasAxis, offsetTable, requireAxis, withoutAxes } from '../axes.ts';
import { type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { Evaluate, PlainOp, Signature } from '../op.ts';
import { twoInputs } from './arguments.ts';

/** `axes` are the table's, looked up by one index that counts their row-major flattening. */
export type GatherAttrs = {
  readonly axes: readonly string[];
  /** An index behind the last is the last. */
  readonly clamp?: boolean;
};

/**
 * table[axes = index]: the index's axes, then the table's that are neither looked up nor the index's; an axis that both have is
 * matched. An index outside the axes is our mistake.
 */
const gather: PlainOp<GatherAttrs> = { kind: 'gather', infer, flops: () => 0, prepare };

function infer(inputs: readonly ValueType[], { axes }: GatherAttrs): ValueType {
  const [table, index] = twoInputs(inputs);
  if (axes.length === 0) internal('a gather along no axis');
  for (const name of axes) {
    requireAxis(table.axes, name);
    if (hasAxis(index.axes, name)) internal(`an index has the axis '${name}' that it looks up`);
  }
  if (index.dtype !== 'i32') internal(`an index is ${index.dtype}`);
  const own = index.axes.map(({ name }) => name);
  const result = checkAxes([...index.axes, ...withoutAxes(table.axes, [...axes, ...own])]);
  return { dtype: table.dtype, axes: result, temporal: index.temporal || table.temporal };
}

function prepare({ inputs, attrs, type }: Signature<GatherAttrs>): Evaluate {
  const [table, index] = twoInputs(inputs);
  const entries = offsetTable(
    attrs.axes.map((name) => requireAxis(table.axes, name)),
    table.axes,
  );
  const fromTable = offsetTable(type.axes, table.axes);
  const fromIndex = offsetTable(type.axes, index.axes);
  const length = fromTable.length;
  return ([values, indices], out) => {
    const positions = out.length / length;
    const [stepTable, stepIndex] = [table, index].map((each, i) =>
      each.temporal ? (i === 0 ? values! : indices!).length / positions : 0,
    );
    for (let position = 0; position < positions; position++)
      for (let i = 0; i < length; i++) {
        const found = indices![position * stepIndex! + fromIndex[i]!]!;
        const at = attrs.clamp === true ? Math.min(found, entries.length - 1) : found;
        if (!(at >= 0 && at < entries.length))
          internal(`index ${at} is outside axis '${attrs.axes.join(' * ')}' of ${entries.length}`);
        out[position * length + i] = values![position * stepTable! + entries[at]! + fromTable[i]!]!;
      }
  };
}

export const gatherOps = { gather };
