// The largest elements along axes: which they are, as a truth for each element or as a list of their places.
import { checkAxes, hasAxis, offsetTable, requireAxis, withoutAxes } from '../axes.ts';
import { elementCount, type Axis, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { Evaluate, PlainOp, Signature } from '../op.ts';
import { onlyInput, requireNumber } from './arguments.ts';

/** `count` of the elements along `over`, taken as one row-major sequence. */
export type ChosenAttrs = { readonly over: readonly string[]; readonly count: number };
/** And the axis that the list of places lies on. */
export type TopAttrs = ChosenAttrs & { readonly choice: string };

/** Whether an element is among the `count` largest; of equal ones the first is larger. */
const chosen: PlainOp<ChosenAttrs> = {
  kind: 'choose',
  infer: (inputs, attrs) => ({ ...scoresOf(inputs, attrs), dtype: 'bool' }),
  flops,
  prepare: prepareChosen,
};

/** The places of the `count` largest elements, largest first; of equal ones the first is larger. */
const top: PlainOp<TopAttrs> = {
  kind: 'choose',
  infer: (inputs, attrs) => {
    const scores = scoresOf(inputs, attrs);
    const kept = withoutAxes(scores.axes, attrs.over);
    const axes = checkAxes([...kept, { name: attrs.choice, size: attrs.count }]);
    return { dtype: 'i32', axes, temporal: scores.temporal };
  },
  flops,
  prepare: prepareTop,
};

function scoresOf(inputs: readonly ValueType[], { over, count }: ChosenAttrs): ValueType {
  const scores = requireNumber(onlyInput(inputs), 'what is chosen by');
  if (over.length === 0) internal('a choice along no axis');
  for (const name of over) requireAxis(scores.axes, name);
  const size = elementCount(scores.axes.filter(({ name }) => over.includes(name)));
  if (!(Number.isInteger(count) && count >= 1 && count <= size)) internal(`${count} of ${size} are chosen`);
  return scores;
}

/** Each element is compared with each of its sequence. */
function flops({ inputs, attrs }: Signature<ChosenAttrs>): number {
  const { axes } = onlyInput(inputs);
  return elementCount(axes) * elementCount(axes.filter(({ name }) => attrs.over.includes(name)));
}

/** Offsets of the sequences' starts, and of the elements within one. */
function tables({ inputs, attrs }: Signature<ChosenAttrs>) {
  const { axes } = onlyInput(inputs);
  const over: readonly Axis[] = attrs.over.map((name) => requireAxis(axes, name));
  const kept = axes.filter(({ name }) => !hasAxis(over, name));
  return { starts: offsetTable(kept, axes), within: offsetTable(over, axes), size: elementCount(axes) };
}

/** The places within one sequence, best first. */
function order(values: Float64Array, start: number, within: Int32Array): readonly number[] {
  const score = (place: number): number => values[start + within[place]!]!;
  return Array.from(within, (_, place) => place).toSorted((a, b) => score(b) - score(a) || a - b);
}

function prepareChosen(signature: Signature<ChosenAttrs>): Evaluate {
  const { starts, within, size } = tables(signature);
  const { count } = signature.attrs;
  return ([values], out) => {
    out.fill(0);
    for (let base = 0; base < out.length; base += size)
      for (const start of starts)
        for (const place of order(values!, base + start, within).slice(0, count))
          out[base + start + within[place]!] = 1;
  };
}

function prepareTop(signature: Signature<TopAttrs>): Evaluate {
  const { starts, within, size } = tables(signature);
  const { count } = signature.attrs;
  return ([values], out) => {
    for (let base = 0, at = 0; at < out.length; base += size)
      for (const start of starts)
        for (const place of order(values!, base + start, within).slice(0, count)) out[at++] = place;
  };
}

export const chooseOps = { chosen, top };
