// Axes and shapes: what a name, a product or a sum stands for where an axis is expected.
import type { Expression, Name, Shape, ShapeFactor, ShapeTerm } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import { elementCount, type Axis } from '../../ir/graph.ts';
import * as errors from '../errors.ts';
import { fail, type BodyContext, type Frame } from './context.ts';
import { evaluate } from './expression.ts';
import { findAxis, findValue, namesIn } from './scope.ts';
import type { CheckedAxis, ConstantValue, LagAxisKind } from './value.ts';
import type { Term } from './weight.ts';

const mostSize = 2 ** 31;

/** The axis of that label and size in this body: another size gets another name, so that one name never has two sizes. */
export function bodyAxis(
  body: BodyContext,
  label: string,
  size: number,
  kind: CheckedAxis['kind'] = 'plain',
): CheckedAxis {
  const key = `${label}:${size}${kind === 'plain' ? '' : kind}`;
  let name = body.axisNames.get(key);
  if (name === undefined) {
    const sameLabel = [...body.axisNames.keys()].filter((other) => other.startsWith(`${label}:`)).length;
    name = sameLabel === 0 ? label : `${label}.${sameLabel + 1}`;
    body.axisNames.set(key, name);
    if (kind !== 'plain') body.lagAxes.set(name, kind);
  }
  return { name, label, size, kind };
}

/** The axes among these that count lags. */
export function lagAxesOf(body: BodyContext, axes: readonly Axis[]): readonly LagAxis[] {
  return axes.flatMap(({ name, size }) => {
    const kind = body.lagAxes.get(name);
    return kind === undefined ? [] : [{ name, size, label: labelOf(body, name), kind }];
  });
}

export type LagAxis = CheckedAxis & { readonly kind: LagAxisKind };

/** The axes that an expression in the place of an axis stands for; undefined after a reported mistake. */
export function resolveAxes(frame: Frame, expression: Expression): readonly CheckedAxis[] | undefined {
  const axes = axesOf(frame, expression);
  if (axes === undefined) return undefined;
  const twice = axes.find((axis, index) => axes.findIndex(({ name }) => name === axis.name) !== index);
  if (twice === undefined) return axes;
  fail(frame, errors.axisTwiceInProduct(expression.span, twice));
  return undefined;
}

function axesOf(frame: Frame, expression: Expression): readonly CheckedAxis[] | undefined {
  switch (expression.kind) {
    case 'reference':
      return namedAxes(frame, { text: expression.name, span: expression.span });
    case 'list':
      return joined(expression.items.map((item) => axesOf(frame, item)));
    case 'binary':
      if (expression.operator === '*')
        return joined([axesOf(frame, expression.left), axesOf(frame, expression.right)]);
      break;
    case 'call':
    case 'conditional': {
      const value = evaluate(frame, expression);
      if (value.kind === 'axes') return value.axes;
      if (value.kind === 'failed') return undefined;
      break;
    }
    default:
      break;
  }
  fail(frame, errors.notAnAxis(expression.span));
  return undefined;
}

function joined(lists: readonly (readonly CheckedAxis[] | undefined)[]): readonly CheckedAxis[] | undefined {
  return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
}

/** Whether the name could stand for an axis here; reports nothing. */
export function knowsAxis(frame: Frame, name: string): boolean {
  return findAxis(frame.scope, name) !== undefined || findValue(frame.scope, name)?.kind === 'axes';
}

export function namedAxes(
  frame: Frame,
  name: Pick<Name, 'text' | 'span'>,
): readonly CheckedAxis[] | undefined {
  const found = findAxis(frame.scope, name.text);
  if (found !== undefined && !('kind' in found)) return found;
  if (found !== undefined) return numberAsAxis(frame, found, found.axisName ?? name.text, name.span);
  const value = findValue(frame.scope, name.text);
  if (value?.kind === 'axes') return value.axes;
  if (value?.kind === 'failed') return undefined;
  fail(
    frame,
    value === undefined
      ? errors.unknownAxis(name.span, name.text, namesIn(frame.scope, 'axes'))
      : errors.valueIsNoAxis(name.span, name.text, value),
  );
  return undefined;
}

/** A number used as an axis is an axis of that name. */
export function numberAsAxis(
  frame: Frame,
  number: ConstantValue,
  label: string,
  span: Span,
): readonly CheckedAxis[] | undefined {
  const size = axisSize(frame, number, label, span);
  return size === undefined ? undefined : [bodyAxis(frame.body, label, size)];
}

/** A size that an axis may have; says in the user's numbers why not. */
export function axisSize(frame: Frame, number: ConstantValue, label: string, span: Span): number | undefined {
  const size = number.value;
  if (typeof size === 'number' && Number.isInteger(size) && size >= 1 && size < mostSize) return size;
  const divides = number.quotient !== undefined && typeof size === 'number' && !Number.isInteger(size);
  fail(
    frame,
    divides && number.quotient !== undefined
      ? errors.axisDoesNotDivide(number.quotient)
      : errors.axisSize(number.origin?.span ?? span, label, size, span),
  );
  return undefined;
}

/** The terms of a shape; undefined after a reported mistake. */
export function resolveShape(frame: Frame, shape: Shape): readonly Term[] | undefined {
  const terms = shape.terms.map((term) => resolveTerm(frame, term));
  return terms.every((term) => term !== undefined) ? terms : undefined;
}

function resolveTerm(frame: Frame, term: ShapeTerm): Term | undefined {
  const axes = joined(term.factors.map((factor) => resolveFactor(frame, factor)));
  if (axes === undefined) return undefined;
  const twice = axes.find((axis, index) => axes.findIndex(({ name }) => name === axis.name) !== index);
  if (twice !== undefined) {
    fail(frame, errors.axisTwiceInProduct(term.span, twice));
    return undefined;
  }
  if (elementCount(axes) >= mostSize) {
    fail(frame, errors.valueTooLarge(term.span, axes));
    return undefined;
  }
  return term.label === undefined ? { axes } : { label: term.label.text, axes };
}

function resolveFactor(frame: Frame, factor: ShapeFactor): readonly CheckedAxis[] | undefined {
  switch (factor.kind) {
    case 'axisFactor':
      return namedAxes(frame, factor.name);
    case 'filterFactor':
      return filterAxis(frame, factor.orientation, factor.orientation, factor.size, factor.span);
    case 'sizeFactor':
    case 'groupFactor':
      fail(frame, errors.onlyInStoredShape(factor.span));
      return undefined;
  }
}

/** A filter's axis: `taps(4)`, `lag(n)`. */
export function filterAxis(
  frame: Frame,
  label: string,
  orientation: 'taps' | 'lag',
  size: Expression | undefined,
  span: Span,
): readonly CheckedAxis[] | undefined {
  if (size === undefined) {
    fail(frame, errors.filterWithoutSize(span, orientation));
    return undefined;
  }
  const value = evaluate(frame, size);
  if (value.kind === 'failed') return undefined;
  if (value.kind !== 'constant') {
    fail(frame, errors.notConstant(size.span, 'The size of a filter'));
    return undefined;
  }
  const checked = axisSize(frame, value, label, size.span);
  return checked === undefined ? undefined : [bodyAxis(frame.body, label, checked, orientation)];
}

/** The one axis that a sum of shapes is: its size is the sum of the terms' sizes, and it can be unpacked again. */
export function sumAxis(body: BodyContext, terms: readonly (readonly CheckedAxis[])[]): CheckedAxis {
  const label = terms.map((axes) => axes.map((axis) => axis.label).join('*')).join('+');
  const size = terms.reduce((sum, axes) => sum + elementCount(axes), 0);
  const axis = bodyAxis(body, label, size);
  body.sums.set(axis.name, terms);
  return axis;
}

/** The axes of a shape as one value has them: the product itself, or the sum's one axis. */
export function axesOfTerms(body: BodyContext, terms: readonly Term[]): readonly CheckedAxis[] {
  const [only] = terms;
  return terms.length === 1 && only !== undefined
    ? only.axes
    : [
        sumAxis(
          body,
          terms.map((term) => term.axes),
        ),
      ];
}

/** The label a person knows the axis by. */
export function labelOf(body: BodyContext, name: string): string {
  const bare = /^(.*)\.\d+$/.exec(name)?.[1];
  return bare !== undefined && [...body.axisNames.values()].includes(bare) ? bare : name;
}
