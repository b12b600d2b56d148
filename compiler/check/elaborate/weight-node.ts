// Makes the `weight` nodes of a body, one for each term of a weight and one for each bias.
import { elementCount, type Axis } from '../../ir/graph.ts';
import * as errors from '../errors.ts';
import { axesOfTerms } from './axes.ts';
import type { ComplexPart } from './complex.ts';
import { fail, type Frame } from './context.ts';
import { emit } from './emit.ts';
import type { CheckedAxis, TensorValue } from './value.ts';
import type { WeightDeclaration } from './weight.ts';

/** The name of a weight's node in its body: its path, then the term, then `bias`, then the part of a complex weight. */
export function slotName(weight: WeightDeclaration, term: number, bias: boolean, part?: ComplexPart): string {
  const path = [...weight.owner.path, weight.name].join('.');
  const which = termName(weight, term);
  return `${weight.owner.prefix}${path}${which === undefined ? '' : `.${which}`}${bias ? '.bias' : ''}${part === undefined ? '' : `.${part}`}`;
}

/** The label of a term of a map, or its number; undefined where the map has one term. */
export function termName(weight: WeightDeclaration, term: number): string | undefined {
  if (!weight.map || weight.terms.length === 1) return undefined;
  return weight.terms[term]?.label ?? String(term);
}

/** The axes of one term's tensor, with primes where an output has an input's name. */
export interface WeightAxes {
  readonly per: readonly Axis[];
  readonly inputs: readonly Axis[];
  readonly outputs: readonly Axis[];
  /** The outputs as the value has them after the map: `renamed[i]` is the real name of `outputs[i]`. */
  readonly renamed: readonly CheckedAxis[];
}

export function weightAxes(frame: Frame, weight: WeightDeclaration, term: number, bias: boolean): WeightAxes {
  const outputs = weight.map
    ? (weight.terms[term]?.axes ?? [])
    : axesOfTerms(frame.body, weight.terms).filter((axis) => !bias || axis.kind === 'plain');
  const per = [...weight.owner.per, ...weight.per].map(plain);
  const inputs = bias ? [] : weight.inputs.map(plain);
  const taken = new Set(inputs.map(({ name }) => name));
  return {
    per,
    inputs,
    outputs: outputs.map((axis) =>
      taken.has(axis.name) ? { name: `${axis.name}'`, size: axis.size } : plain(axis),
    ),
    renamed: outputs,
  };
}

function plain(axis: CheckedAxis): Axis {
  return { name: axis.name, size: axis.size };
}

export function weightTensor(
  frame: Frame,
  weight: WeightDeclaration,
  term: number,
  bias: boolean,
  part?: ComplexPart,
): TensorValue | undefined {
  const { per, inputs, outputs } = weightAxes(frame, weight, term, bias);
  const axes = [...per, ...inputs, ...outputs];
  if (elementCount(axes) >= 2 ** 31) {
    fail(frame, errors.valueTooLarge(weight.span, axes));
    return undefined;
  }
  const name = slotName(weight, term, bias, part);
  const before = frame.body.slots.get(name);
  if (before !== undefined && !sameAxesInOrder(before.axes, axes)) {
    fail(frame, errors.weightTwice(weight.span, weight.name, before.axes, axes, before.weight.span));
    return undefined;
  }
  frame.body.slots.set(name, { weight, term, bias, axes, ...(part === undefined ? {} : { part }) });
  const node = emit(frame, {
    op: 'weight',
    inputs: [],
    attrs: { name, axes },
    name,
    span: weight.span,
  });
  return node.kind === 'failed' ? undefined : node;
}

/** Whether both are the same axes in the same order: a weight has one shape wherever it is read. */
export function sameAxesInOrder(a: readonly Axis[], b: readonly Axis[]): boolean {
  return (
    a.length === b.length &&
    a.every((axis, index) => axis.name === b[index]?.name && axis.size === b[index]?.size)
  );
}
