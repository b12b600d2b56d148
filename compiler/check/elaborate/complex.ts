// Complex values: pairs of real ones, so that the graph and all behind it are real.
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { asTensor, numberTensor } from './coerce.ts';
import { fail, type Frame } from './context.ts';
import { emit } from './emit.ts';
import { failed, typeOf, type ComplexValue, type Failed, type TensorValue, type Value } from './value.ts';
import { weightTensor } from './weight-node.ts';

export const complexParts = ['re', 'im'] as const;
export type ComplexPart = (typeof complexParts)[number];

export function isComplex(value: Value): boolean {
  return value.kind === 'complex' || (value.kind === 'weight' && value.weight.complex);
}

/** The parts of a complex value; a real one has none that are imaginary. */
export function asComplex(frame: Frame, value: Value, span: Span): ComplexValue | Failed {
  if (value.kind === 'complex') return value;
  if (value.kind === 'weight' && value.weight.complex) {
    const [re, im] = complexParts.map((part) => weightTensor(frame, value.weight, 0, false, part));
    return complexOf(re ?? failed, im ?? failed);
  }
  const re = asTensor(frame, value, span);
  if (re.kind === 'tensor' && typeOf(re).dtype === 'bool') {
    return fail(frame, errors.truthMismatch(span, false));
  }
  return complexOf(re, numberTensor(frame, 0, span));
}

export function complexOf(re: Value, im: Value): ComplexValue | Failed {
  return re.kind === 'tensor' && im.kind === 'tensor' ? { kind: 'complex', re, im } : failed;
}

/** One part, on the axes of both: where a part does not vary along an axis it may lack it. */
export function partOf(
  frame: Frame,
  value: ComplexValue,
  part: ComplexPart,
  span: Span,
): TensorValue | Failed {
  const own = value[part];
  const other = value[part === 're' ? 'im' : 're'];
  const has = new Set(typeOf(own).axes.map(({ name }) => name));
  const axes = typeOf(other).axes.filter(({ name }) => !has.has(name));
  return axes.length === 0 ? own : emit(frame, { op: 'broadcast', inputs: [own], attrs: { axes }, span });
}

/** What a linear change of each part makes of the value. */
export function eachPart(
  frame: Frame,
  value: ComplexValue,
  span: Span,
  change: (tensor: TensorValue, part: ComplexPart) => Value,
): Value {
  const parts = complexParts.map((part) => {
    const tensor = partOf(frame, value, part, span);
    return tensor.kind === 'failed' ? failed : change(tensor, part);
  });
  return complexOf(parts[0] ?? failed, parts[1] ?? failed);
}
