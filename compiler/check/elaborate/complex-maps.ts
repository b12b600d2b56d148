// Arithmetic and functions of complex values, written out on their parts.
import type { Span } from '../../../grammar/source.ts';
import * as errors from '../errors.ts';
import { asComplex, complexOf, isComplex } from './complex.ts';
import { fail, type Frame } from './context.ts';
import { applyMap } from './operators.ts';
import { constant, failed, type ComplexValue, type Value } from './value.ts';

/** Maps of real values, which leave out what a part that is zero adds. */
interface Real {
  readonly map: (op: string, ...operands: readonly Value[]) => Value;
  readonly plus: (a: Value, b: Value) => Value;
  readonly minus: (a: Value, b: Value) => Value;
  readonly times: (a: Value, b: Value) => Value;
  readonly over: (a: Value, b: Value) => Value;
}

function realMaps(frame: Frame, spans: readonly Span[], span: Span): Real {
  const map = (op: string, ...operands: readonly Value[]): Value =>
    operands.some(({ kind }) => kind === 'failed')
      ? failed
      : applyMap(
          frame,
          op,
          operands,
          operands.map((_, at) => (operands.length === spans.length ? (spans[at] ?? span) : span)),
          span,
        );
  return {
    map,
    plus: (a, b) => (isZero(a) ? b : isZero(b) ? a : map('add', a, b)),
    minus: (a, b) => (isZero(b) ? a : isZero(a) ? map('neg', b) : map('sub', a, b)),
    times: (a, b) => (isZero(a) ? a : isZero(b) ? b : map('mul', a, b)),
    over: (a, b) => (isZero(a) ? a : map('div', a, b)),
  };
}

/** Whether the value is the number 0 itself. */
function isZero(value: Value): boolean {
  const node = value.kind === 'tensor' ? value.graph.nodes[value.node] : undefined;
  return node?.op === 'constant' && node.attrs['value'] === 0;
}

type ComplexMap = (real: Real, a: ComplexValue, b: ComplexValue) => Value;

const complexMaps: Readonly<Record<string, ComplexMap>> = {
  add: ({ plus }, a, b) => complexOf(plus(a.re, b.re), plus(a.im, b.im)),
  sub: ({ minus }, a, b) => complexOf(minus(a.re, b.re), minus(a.im, b.im)),
  mul: product,
  div: quotient,
  neg: ({ map }, a) => complexOf(map('neg', a.re), isZero(a.im) ? a.im : map('neg', a.im)),
  square: (real, a) => product(real, a, a),
  recip: (real, a) => {
    const size = squaredSize(real, a);
    return complexOf(real.over(a.re, size), real.over(negative(real, a.im), size));
  },
  exp: (real, a) => polar(real, isZero(a.re) ? undefined : real.map('exp', a.re), a.im),
  abs: (real, a) => real.map('sqrt', squaredSize(real, a)),
};

function product({ plus, minus, times }: Real, a: ComplexValue, b: ComplexValue): Value {
  return complexOf(minus(times(a.re, b.re), times(a.im, b.im)), plus(times(a.re, b.im), times(a.im, b.re)));
}

function quotient(real: Real, a: ComplexValue, b: ComplexValue): Value {
  const { plus, minus, times, over } = real;
  if (isZero(b.im)) return complexOf(over(a.re, b.re), over(a.im, b.re));
  const size = squaredSize(real, b);
  return complexOf(
    over(plus(times(a.re, b.re), times(a.im, b.im)), size),
    over(minus(times(a.im, b.re), times(a.re, b.im)), size),
  );
}

function squaredSize({ map, plus }: Real, { re, im }: ComplexValue): Value {
  const square = (part: Value): Value => (isZero(part) ? part : map('square', part));
  return plus(square(re), square(im));
}

function negative({ map }: Real, part: Value): Value {
  return isZero(part) ? part : map('neg', part);
}

/** The size is 1 where it is not given. */
function polar({ map, times }: Real, size: Value | undefined, angle: Value): Value {
  if (size !== undefined && isZero(angle)) return complexOf(size, angle);
  const [cos, sin] = [map('cos', angle), isZero(angle) ? angle : map('sin', angle)];
  return size === undefined ? complexOf(cos, sin) : complexOf(times(size, cos), times(size, sin));
}

/** The complex value of a size and an angle in radians, both real. */
export function polarValue(frame: Frame, size: Value, angle: Value, span: Span): Value {
  return polar(realMaps(frame, [], span), size, angle);
}

export function angleOf(frame: Frame, { re, im }: ComplexValue, span: Span): Value {
  return applyMap(frame, 'atan2', [im, re], [span, span], span);
}

export function conjugate(frame: Frame, { re, im }: ComplexValue, span: Span): Value {
  return complexOf(re, negative(realMaps(frame, [], span), im));
}

/** A map of the op table, of operands some of which are complex. */
export function applyComplexMap(
  frame: Frame,
  op: string,
  operands: readonly Value[],
  spans: readonly Span[],
  span: Span,
): Value {
  if (op === 'where') return choose(frame, operands, spans, span);
  if (op === 'pow') return power(frame, operands, spans, span);
  const make = Object.hasOwn(complexMaps, op) ? complexMaps[op] : undefined;
  if (make === undefined) {
    const at = operands.findIndex(isComplex);
    return fail(frame, errors.realNeeded(spans[at] ?? span, op));
  }
  const [a, b] = operands.map((operand, at) => asComplex(frame, operand, spans[at] ?? span));
  if (a === undefined || a.kind === 'failed' || b?.kind === 'failed') return failed;
  return make(realMaps(frame, spans, span), a, b ?? a);
}

function choose(frame: Frame, operands: readonly Value[], spans: readonly Span[], span: Span): Value {
  const [condition = failed, ...sides] = operands;
  if (isComplex(condition)) return fail(frame, errors.realNeeded(spans[0] ?? span, 'where'));
  const [yes, no] = sides.map((side, at) => asComplex(frame, side, spans[at + 1] ?? span));
  if (yes?.kind !== 'complex' || no?.kind !== 'complex') return failed;
  const { map } = realMaps(frame, spans, span);
  return complexOf(map('where', condition, yes.re, no.re), map('where', condition, yes.im, no.im));
}

/** The power of the size, at the exponent times the angle. */
function principalPower(
  frame: Frame,
  base: Value,
  exponent: Value,
  spans: readonly Span[],
  span: Span,
): Value {
  const z = asComplex(frame, base, spans[0] ?? span);
  if (z.kind === 'failed') return failed;
  const real = realMaps(frame, [], span);
  const size = real.map('pow', real.map('sqrt', squaredSize(real, z)), exponent);
  return polar(real, size, real.times(exponent, angleOf(frame, z, span)));
}

/** Larger powers are better written by `polar`. */
const mostFactors = 64;

/** Whole constant powers are products. Of those that are values, such as `index(time)`, the principal one is meant. */
function power(frame: Frame, operands: readonly Value[], spans: readonly Span[], span: Span): Value {
  const [base = failed, exponent = failed] = operands;
  if (isComplex(exponent)) return fail(frame, errors.realNeeded(spans[1] ?? span, 'pow'));
  if (exponent.kind === 'tensor') return principalPower(frame, base, exponent, spans, span);
  const times = exponent.kind === 'constant' ? exponent.value : undefined;
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 0 || times > mostFactors) {
    return fail(frame, errors.complexPower(spans[1] ?? span, mostFactors));
  }
  const factor = asComplex(frame, base, spans[0] ?? span);
  if (factor.kind === 'failed') return failed;
  const real = realMaps(frame, [], span);
  let result: Value = asComplex(frame, constant(1), span);
  for (let round = 0; round < times; round += 1) {
    if (result.kind !== 'complex') return failed;
    result = round === 0 ? factor : product(real, result, factor);
  }
  return result;
}
