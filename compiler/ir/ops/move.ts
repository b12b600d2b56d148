// Moves: values laid out under other names, without arithmetic.
import {
  checkAxes,
  hasAxis,
  offsetTable,
  requireAxis,
  rowMajorStrides,
  sameAxes,
  strideTable,
  withoutAxes,
} from '../axes.ts';
import { elementCount, type Axis, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { PlainOp, Signature } from '../op.ts';
import { onlyInput } from './arguments.ts';

export type RenameAttrs = { readonly from: string; readonly to: string };
export type IndexAttrs = { readonly axis: string; readonly at: number };
export type SliceAttrs = { readonly axis: string; readonly offset: number; readonly into: readonly Axis[] };
export type ReverseAttrs = { readonly axis: string };
export type ConcatAttrs = { readonly axis: Axis; readonly parts: readonly (readonly string[])[] };
export type BroadcastAttrs = { readonly axes: readonly Axis[] };

/** For the elements of one input, in some order: where each is read in the input and written in the result. */
interface Copy {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** The record of a move, whose meaning is one copy for each input. */
function moveOp<Attrs>(
  infer: (inputs: readonly ValueType[], attrs: Attrs) => ValueType,
  copies: (signature: Signature<Attrs>) => readonly Copy[],
): PlainOp<Attrs> {
  return {
    kind: 'move',
    infer,
    flops: () => 0,
    prepare: (signature) => {
      const plans = copies(signature);
      const sizes = signature.inputs.map((input) => (input.temporal ? elementCount(input.axes) : 0));
      const size = elementCount(signature.type.axes);
      return (inputs, out) => {
        for (let position = 0, base = 0; base < out.length; position++, base += size)
          for (let i = 0; i < plans.length; i++) copy(inputs[i]!, position * sizes[i]!, out, base, plans[i]!);
      };
    },
  };
}

function copy(values: Float64Array, base: number, out: Float64Array, at: number, { from, to }: Copy): void {
  for (let i = 0; i < from.length; i++) out[at + to[i]!] = values[base + from[i]!]!;
}

/** The copy that fills a whole result in order. */
function inOrder(from: Int32Array): readonly Copy[] {
  return [{ from, to: Int32Array.from(from, (_, i) => i) }];
}

function replaced(axes: readonly Axis[], name: string, by: readonly Axis[]): readonly Axis[] {
  requireAxis(axes, name);
  return checkAxes(axes.flatMap((axis) => (axis.name === name ? by : [axis])));
}

const rename = moveOp<RenameAttrs>(
  (inputs, { from, to }) => {
    const input = onlyInput(inputs);
    const { size } = requireAxis(input.axes, from);
    return { ...input, axes: replaced(input.axes, from, [{ name: to, size }]) };
  },
  ({ type }) => inOrder(offsetTable(type.axes, type.axes)),
);

const index = moveOp<IndexAttrs>(
  (inputs, { axis, at }) => {
    const input = onlyInput(inputs);
    if (!(Number.isInteger(at) && at >= 0 && at < requireAxis(input.axes, axis).size))
      internal(`index ${at} is outside axis '${axis}'`);
    return { ...input, axes: withoutAxes(input.axes, [axis]) };
  },
  ({ inputs, attrs, type }) => {
    const { axes } = onlyInput(inputs);
    const start = attrs.at * (rowMajorStrides(axes).get(attrs.axis) ?? 0);
    return inOrder(offsetTable(type.axes, axes).map((offset) => start + offset));
  },
);

const slice = moveOp<SliceAttrs>(
  (inputs, { axis, offset, into }) => {
    const input = onlyInput(inputs);
    const { size } = requireAxis(input.axes, axis);
    if (!(Number.isInteger(offset) && offset >= 0 && offset + elementCount(into) <= size))
      internal(`a slice from ${offset} of ${elementCount(into)} is outside axis '${axis}' of ${size}`);
    return { ...input, axes: replaced(input.axes, axis, into) };
  },
  ({ inputs, attrs, type }) => {
    const strides = rowMajorStrides(onlyInput(inputs).axes);
    const along = strides.get(attrs.axis) ?? 0;
    const within = rowMajorStrides(attrs.into);
    const steps = type.axes.map(({ name }) =>
      within.has(name) ? along * (within.get(name) ?? 0) : (strides.get(name) ?? 0),
    );
    const table = strideTable(
      type.axes.map((axis) => axis.size),
      steps,
    );
    return inOrder(table.map((offset) => attrs.offset * along + offset));
  },
);

/** The elements along one axis from the last to the first. */
const reverse = moveOp<ReverseAttrs>(
  (inputs, { axis }) => {
    const input = onlyInput(inputs);
    requireAxis(input.axes, axis);
    return input;
  },
  ({ attrs, type }) => {
    const strides = rowMajorStrides(type.axes);
    const along = strides.get(attrs.axis) ?? 0;
    const last = along * (requireAxis(type.axes, attrs.axis).size - 1);
    const steps = type.axes.map(({ name }) => (name === attrs.axis ? -along : (strides.get(name) ?? 0)));
    const sizes = type.axes.map(({ size }) => size);
    return inOrder(strideTable(sizes, steps).map((offset) => last + offset));
  },
);

function partAxes(inputs: readonly ValueType[], attrs: ConcatAttrs): readonly (readonly Axis[])[] {
  return inputs.map((input, i) =>
    (attrs.parts[i] ?? internal(`concat has no part for input ${i}`)).map((name) =>
      requireAxis(input.axes, name),
    ),
  );
}

const concat = moveOp<ConcatAttrs>(
  (inputs, attrs) => {
    const first = inputs[0] ?? internal('concat of nothing');
    const parts = partAxes(inputs, attrs);
    const rest = withoutAxes(first.axes, attrs.parts[0] ?? []);
    inputs.forEach((input, i) => {
      if (!sameAxes(withoutAxes(input.axes, attrs.parts[i] ?? []), rest) || input.dtype !== first.dtype)
        internal(`input ${i} of concat differs in the axes that are not joined`);
    });
    const total = parts.reduce((sum, axes) => sum + elementCount(axes), 0);
    if (total !== attrs.axis.size) internal(`concat makes ${total} elements, not ${attrs.axis.size}`);
    const temporal = inputs.some((input) => input.temporal);
    return { dtype: first.dtype, axes: checkAxes([...rest, attrs.axis]), temporal };
  },
  ({ inputs, attrs, type }) => {
    const rest = type.axes.slice(0, -1);
    let start = 0;
    return partAxes(inputs, attrs).map((axes, i) => {
      const outer = offsetTable(rest, type.axes);
      const size = elementCount(axes);
      const to = Int32Array.from({ length: outer.length * size }, (_, at) => {
        return outer[Math.floor(at / size)]! + start + (at % size);
      });
      start += size;
      return { from: offsetTable([...rest, ...axes], inputs[i]!.axes), to };
    });
  },
);

const broadcast = moveOp<BroadcastAttrs>(
  (inputs, attrs) => {
    const input = onlyInput(inputs);
    for (const { name } of attrs.axes)
      if (hasAxis(input.axes, name)) internal(`broadcast adds axis '${name}', which is there already`);
    return { ...input, axes: checkAxes([...input.axes, ...attrs.axes]) };
  },
  ({ inputs, type }) => inOrder(offsetTable(type.axes, onlyInput(inputs).axes)),
);

export const moveOps = { rename, index, slice, reverse, concat, broadcast };
