// Applies a map that is complex, or is applied to a complex value: each part of the map to each part of the value.
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { type Application, applyMapWeight } from './apply-map.ts';
import { asTensor } from './coerce.ts';
import { asComplex, complexOf, eachPart, isComplex } from './complex.ts';
import { fail, type Frame } from './context.ts';
import { applyMap } from './operators.ts';
import { failed, type TensorValue, type Value } from './value.ts';
import type { WeightDeclaration } from './weight.ts';

export function applyComplexWeight(
  frame: Frame,
  weight: WeightDeclaration,
  argument: Value,
  argumentSpan: Span,
  span: Span,
): Value {
  if (weight.terms.length > 1)
    return fail(frame, errors.notCarriedOutYet(span, 'A map from a complex value to several values'));
  const apply = (tensor: TensorValue, application: Application): Value =>
    applyMapWeight(frame, weight, tensor, argumentSpan, span, application);
  /** What the whole map makes of a real value. */
  const ofReal = (tensor: TensorValue): Value =>
    complexOf(apply(tensor, { part: 're' }), apply(tensor, { part: 'im' }));
  if (!isComplex(argument)) {
    const tensor = asTensor(frame, argument, argumentSpan);
    return tensor.kind === 'failed' ? failed : ofReal(tensor);
  }
  const value = asComplex(frame, argument, argumentSpan);
  if (value.kind === 'failed') return failed;
  if (!weight.complex)
    return eachPart(frame, value, span, (tensor, part) => apply(tensor, { withoutBias: part === 'im' }));
  const parts = eachPart(frame, value, span, (tensor) => tensor);
  if (parts.kind !== 'complex') return failed;
  const [ofRe, ofIm] = [ofReal(parts.re), ofReal(parts.im)];
  if (ofRe.kind !== 'complex' || ofIm.kind !== 'complex') return failed;
  const spans = [span, span];
  return complexOf(
    applyMap(frame, 'sub', [ofRe.re, ofIm.im], spans, span),
    applyMap(frame, 'add', [ofRe.im, ofIm.re], spans, span),
  );
}
