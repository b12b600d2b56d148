// Reductions over axes.
import { offsetTable, requireAxis, withoutAxes } from '../axes.ts';
import { elementCount, type Axis, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { Evaluate, ReduceOp, Signature } from '../op.ts';
import { onlyInput } from './arguments.ts';

export type ReduceAttrs = { readonly over: readonly string[] };

function infer(inputs: readonly ValueType[], attrs: ReduceAttrs): ValueType {
  const input = onlyInput(inputs);
  if (input.dtype !== 'f32' && input.dtype !== 'i32') internal(`a reduction of ${input.dtype}`);
  if (attrs.over.length === 0) internal('a reduction over no axis');
  attrs.over.forEach((name) => requireAxis(input.axes, name));
  return { dtype: 'f32', axes: withoutAxes(input.axes, attrs.over), temporal: input.temporal };
}

function reduceOp(
  start: number,
  combine: (a: number, b: number) => number,
  wgsl: ReduceOp<ReduceAttrs>['wgsl'],
): ReduceOp<ReduceAttrs> {
  return {
    kind: 'reduce',
    infer,
    wgsl,
    flops: ({ inputs }) => elementCount(onlyInput(inputs).axes),
    prepare: (signature) => prepare(signature, start, combine),
  };
}

function prepare(
  { inputs, attrs, type }: Signature<ReduceAttrs>,
  start: number,
  combine: (a: number, b: number) => number,
): Evaluate {
  const { axes } = onlyInput(inputs);
  const over: readonly Axis[] = attrs.over.map((name) => requireAxis(axes, name));
  const kept = offsetTable(type.axes, axes);
  const reduced = offsetTable(over, axes);
  const size = elementCount(axes);
  return ([values], out) => {
    for (let at = 0, base = 0; at < out.length; base += size)
      for (let i = 0; i < kept.length; i++) {
        let result = start;
        const first = base + kept[i]!;
        for (let j = 0; j < reduced.length; j++) result = combine(result, values![first + reduced[j]!]!);
        out[at++] = result;
      }
  };
}

export const reduceOps = {
  sum: reduceOp(0, (a, b) => a + b, { start: '0.0', combine: (a, b) => `${a} + ${b}` }),
  // A finite start, since WGSL may assume that there are no infinities.
  max: reduceOp(-Infinity, (a, b) => Math.max(a, b), {
    start: '-3.4028234e38',
    combine: (a, b) => `max(${a}, ${b})`,
  }),
};
