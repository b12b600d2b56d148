// Rotary position embedding (Su et al. 2021, arXiv:2104.09864).
import { offsetTable, requireAxis, rowMajorStrides, withoutAxes } from '../axes.ts';
import { elementCount, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { Evaluate, PlainOp, Signature } from '../op.ts';
import { requireNumber, threeInputs } from './arguments.ts';

export type RotateAttrs = {
  readonly axis: string;
  /** `half` pairs entry i with i + pairs, `interleaved` 2i with 2i + 1. */
  readonly style: 'half' | 'interleaved';
  readonly pairs: number;
  /** Multiplies the rotated entries (not those after them). */
  readonly scale: number;
};

/** The first 2·pairs entries of `axis` turned by position · frequencies[pair]; the rest as they are. */
const rotate: PlainOp<RotateAttrs> = {
  kind: 'rotate',
  infer,
  flops: ({ inputs, attrs }) =>
    6 * attrs.pairs * elementCount(withoutAxes(threeInputs(inputs)[0].axes, [attrs.axis])),
  prepare,
};

function infer(inputs: readonly ValueType[], { axis, pairs }: RotateAttrs): ValueType {
  const [x, frequencies, position] = threeInputs(inputs);
  requireNumber(x, 'a rotated value');
  const { size } = requireAxis(x.axes, axis);
  if (!(Number.isInteger(pairs) && pairs >= 1 && 2 * pairs <= size))
    internal(`${pairs} pairs do not fit on axis '${axis}' of ${size}`);
  if (frequencies.temporal || frequencies.axes.length !== 1) internal('frequencies have one axis, of pairs');
  if (frequencies.axes[0]?.size !== pairs) internal(`frequencies are not ${pairs} pairs`);
  if (requireNumber(position, 'a position').axes.length > 0) internal('a position has axes');
  return { dtype: 'f32', axes: x.axes, temporal: x.temporal || position.temporal };
}

function prepare({ inputs, attrs, type }: Signature<RotateAttrs>): Evaluate {
  const [x, , position] = threeInputs(inputs);
  const rows = offsetTable(withoutAxes(x.axes, [attrs.axis]), x.axes);
  const stride = rowMajorStrides(x.axes).get(attrs.axis) ?? 0;
  const size = elementCount(type.axes);
  const { pairs, scale } = attrs;
  const [step, partner] = attrs.style === 'half' ? [stride, pairs * stride] : [2 * stride, stride];
  return ([values, frequencies, positions], out) => {
    for (let at = 0, base = 0; base < out.length; at++, base += size) {
      const from = x.temporal ? base : 0;
      for (let i = 0; i < size; i++) out[base + i] = values![from + i]!;
      for (let pair = 0; pair < pairs; pair++) {
        const angle = positions![position.temporal ? at : 0]! * frequencies![pair]!;
        turn(out, base + pair * step, partner, rows, scale * Math.cos(angle), scale * Math.sin(angle));
      }
    }
  };
}

/** Turns one pair in every row. */
function turn(
  out: Float64Array,
  base: number,
  partner: number,
  rows: Int32Array,
  cos: number,
  sin: number,
): void {
  for (let i = 0; i < rows.length; i++) {
    const first = base + rows[i]!;
    const a = out[first]!;
    const b = out[first + partner]!;
    out[first] = a * cos - b * sin;
    out[first + partner] = b * cos + a * sin;
  }
}

export const rotateOps = { rotate };
