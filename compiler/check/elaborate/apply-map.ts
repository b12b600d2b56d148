// Applies a weight that is a map: its input axes go, its output axes come, the argument's others stay.
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { axesOfTerms } from './axes.ts';
import { fail, type Frame } from './context.ts';
import type { ComplexPart } from './complex.ts';
import { emit } from './emit.ts';
import { failed, typeOf, type TensorValue, type TupleItem, type Value } from './value.ts';
import type { WeightDeclaration } from './weight.ts';
import { slotName, weightAxes, weightTensor } from './weight-node.ts';

/** Which part of a complex map is meant, and whether the bias is left out: it is added to the real part only. */
export interface Application {
  readonly part?: ComplexPart;
  readonly withoutBias?: boolean;
}

export function applyMapWeight(
  frame: Frame,
  weight: WeightDeclaration,
  argument: TensorValue,
  argumentSpan: Span,
  span: Span,
  application: Application = {},
): Value {
  if (typeOf(argument).dtype === 'bool') return fail(frame, errors.truthMismatch(argumentSpan, false));
  const has = new Set(typeOf(argument).axes.map(({ name }) => name));
  const missing = weight.inputs.filter(({ name }) => !has.has(name));
  if (missing.length > 0) {
    return fail(frame, errors.mapInputMissing(frame.body, weight, missing, typeOf(argument), argumentSpan));
  }
  const twice = axisTwice(weight, argument);
  if (twice !== undefined) return fail(frame, errors.axisTwice(span, twice, weight.span));
  const items: TupleItem[] = [];
  for (const [term, { axes }] of weight.terms.entries()) {
    const value = applyTerm(frame, weight, term, argument, span, application);
    if (value === undefined) return failed;
    items.push({ value, axes });
  }
  const [only] = items;
  if (items.length === 1 && only !== undefined) return only.value;
  axesOfTerms(frame.body, weight.terms);
  return { kind: 'tuple', items };
}

/** An output axis that the argument keeps as one of its other axes. */
function axisTwice(weight: WeightDeclaration, argument: TensorValue) {
  const eaten = new Set(weight.inputs.map(({ name }) => name));
  const kept = new Set(
    typeOf(argument)
      .axes.map(({ name }) => name)
      .filter((name) => !eaten.has(name)),
  );
  return weight.terms.flatMap(({ axes }) => axes).find(({ name }) => kept.has(name));
}

function applyTerm(
  frame: Frame,
  weight: WeightDeclaration,
  term: number,
  argument: TensorValue,
  span: Span,
  { part, withoutBias = false }: Application,
): TensorValue | undefined {
  const tensor = weightTensor(frame, weight, term, false, part);
  if (tensor === undefined) return undefined;
  const { inputs, outputs, renamed } = weightAxes(frame, weight, term, false);
  let value = emit(frame, {
    op: 'contract',
    inputs: [argument, tensor],
    attrs: { over: inputs.map(({ name }) => name) },
    name: slotName(weight, term, false, part),
    span,
  });
  for (const [index, { name: from }] of outputs.entries()) {
    const to = renamed[index]?.name ?? from;
    if (value.kind === 'failed') return undefined;
    if (to !== from) value = emit(frame, { op: 'rename', inputs: [value], attrs: { from, to }, span });
  }
  if (value.kind === 'failed') return undefined;
  return weight.bias && !withoutBias ? addBias(frame, weight, term, value, span) : value;
}

function addBias(
  frame: Frame,
  weight: WeightDeclaration,
  term: number,
  value: TensorValue,
  span: Span,
): TensorValue | undefined {
  const bias = weightTensor(frame, weight, term, true);
  if (bias === undefined) return undefined;
  const sum = emit(frame, { op: 'add', inputs: [value, bias], span });
  return sum.kind === 'failed' ? undefined : sum;
}
