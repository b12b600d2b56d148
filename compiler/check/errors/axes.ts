// Messages about axes: those a value lacks, has twice, or has by another name, and sizes that cannot be.
import type { Diagnostic, Span } from '../../../grammar/source.ts';
import { elementCount, type Axis, type ValueType } from '../../ir/graph.ts';
import { describeKind, showConstant, type Constant } from '../constant.ts';
import type { BodyContext } from '../elaborate/context.ts';
import type { CheckedAxis, Quotient, Value } from '../elaborate/value.ts';
import type { WeightDeclaration } from '../elaborate/weight.ts';
import { at, didYouMean, error, showAxes } from './diagnostic.ts';

/** What the sequence is called elsewhere; here it is no axis. */
const POSITIONS: ReadonlySet<string> = new Set(['position', 'positions', 'sequence', 'seq', 'tokens']);
const OVER_POSITIONS =
  'positions are no axis: a `scan` goes over them, `scan s[width] = 0 { s = s + x }`, and `s / (position + 1)` is the mean so far';

export function unknownAxis(span: Span, name: string, candidates: readonly string[]): Diagnostic {
  const near = didYouMean(name, candidates);
  return error('unknown_axis', span, `There is no axis called \`${name}\` here.`, {
    help: POSITIONS.has(name)
      ? [OVER_POSITIONS]
      : near.length > 0
        ? near
        : [`declare it: \`axis ${name} = …\``],
  });
}

export function valueIsNoAxis(span: Span, name: string, value: Value): Diagnostic {
  const constant = value.kind === 'constant' ? value.value : undefined;
  const is = constant === undefined ? 'a value' : describeKind(constant);
  return error('not_an_axis', span, `\`${name}\` is ${is}, and an axis is expected here.`, {
    help: [
      'axes are declared with `axis name = size`; a whole number may also be used as an axis of its name',
    ],
  });
}

export function notAnAxis(span: Span): Diagnostic {
  return error('not_an_axis', span, 'An axis is expected here.', {
    help: ['name an axis, or a product of axes such as `heads * part`'],
  });
}

/** The number of elements cannot be divided so; the frame that the language promises. */
export function axisDoesNotDivide({ left, right, span }: Quotient): Diagnostic {
  const [a, b] = [left.value, right.value];
  if (typeof a !== 'number' || typeof b !== 'number') return axisSize(span, 'this axis', null, span);
  const whole = left.axisName ?? left.origin?.name ?? 'size';
  const share = right.axisName ?? right.origin?.name ?? 'parts';
  const primary = right.origin?.span ?? span;
  const setHere = left.origin !== undefined && left.origin.span !== primary ? left.origin.span : undefined;
  const written = whole === 'size' && setHere !== undefined ? textOf(setHere) : undefined;
  const named = plural(whole) ? `${a} ${spoken(whole)}` : `A ${spoken(whole)} of ${a}`;
  const subject = written === undefined ? named : `\`${written}\`, which is ${a},`;
  return error('axis_does_not_divide', primary, `${subject} cannot be split into ${b} ${spoken(share)}.`, {
    label: `${a} / ${b} is not a whole number`,
    secondary: [at(setHere, `the ${spoken(whole)} ${plural(whole) ? 'are' : 'is'} set here`)],
    help: divisionHelp(a, b, written ?? whole, share),
  });
}

/** A computed size has no name but what is written. */
function textOf({ source, start, end }: Span): string {
  return source.text.slice(start, end);
}

function plural(name: string): boolean {
  return name.endsWith('s');
}

function spoken(name: string): string {
  return name.replaceAll('_', ' ');
}

function divisionHelp(a: number, b: number, whole: string, share: string): readonly string[] {
  if (!Number.isInteger(a) || a < 1 || a > 1e7 || !Number.isFinite(b)) return ['use whole numbers'];
  const divisors: number[] = [];
  for (let d = 1; d * d <= a; d += 1) if (a % d === 0) divisors.push(d, a / d);
  const nearest = [...new Set(divisors)]
    .toSorted((x, y) => Math.abs(x - b) - Math.abs(y - b) || x - y)
    .slice(0, 3)
    .toSorted((x, y) => x - y);
  const last = nearest.at(-1);
  const list = nearest.length > 1 ? `${nearest.slice(0, -1).join(', ')} or ${last}` : `${last}`;
  const multiple = Number.isInteger(b) && b >= 1 ? Math.max(1, Math.round(a / b)) * b : undefined;
  const other =
    multiple === undefined
      ? ''
      : !/^\w+$/.test(whole)
        ? `, or let \`${whole}\` be ${multiple}`
        : plural(whole)
          ? `, or ${multiple} ${spoken(whole)}`
          : `, or a ${spoken(whole)} of ${multiple}`;
  return [`use ${list} ${spoken(share)}${other}`];
}

export function axisSize(span: Span, label: string, size: Constant, used: Span): Diagnostic {
  const is = typeof size === 'number' ? showConstant(size) : describeKind(size);
  return error('axis_size', span, `The axis \`${label}\` cannot have the size ${is}.`, {
    label: `this is ${is}`,
    secondary: [used === span ? undefined : at(used, 'it is used as an axis here')],
    help: ['a size is a whole number, at least 1 and less than 2147483648'],
  });
}

export function axisTwiceInProduct(span: Span, axis: CheckedAxis): Diagnostic {
  return error('axis_twice', span, `The axis \`${axis.label}\` is in this product twice.`, {
    help: [`declare a second axis of the same size: \`axis other = size(${axis.label})\``],
  });
}

export function axisTwice(span: Span, axis: CheckedAxis, declared?: Span): Diagnostic {
  return error('axis_twice', span, `This value would have the axis \`${axis.label}\` twice.`, {
    secondary: [at(declared, `this adds \`${axis.label}\``)],
    help: [`give one of them another name first: \`rename(value, ${axis.label}: other)\``],
  });
}

export function onlyInStoredShape(span: Span): Diagnostic {
  return error(
    'only_in_stored_shape',
    span,
    'Numbers and brackets have a place only in the stored shapes of a checkpoint section.',
    {
      help: ['give the size a name: `axis name = 4`'],
    },
  );
}

export function filterWithoutSize(span: Span, orientation: string): Diagnostic {
  return error('filter_without_size', span, 'A filter axis needs its length here.', {
    help: [`write \`${orientation}(4)\``],
  });
}

export function valueTooLarge(span: Span, axes: readonly (Axis & { readonly label?: string })[]): Diagnostic {
  return error('value_too_large', span, `This has too many elements: ${showAxes(axes)}.`, {
    label: `${elementCount(axes).toLocaleString('en-US')} elements`,
    help: ['one value has fewer than 2147483648 elements; sum over an axis before another is added'],
  });
}

export function oneAxisNeeded(span: Span, axes: readonly CheckedAxis[]): Diagnostic {
  return error(
    'one_axis_needed',
    span,
    `One axis is needed here, and this stands for ${axes.length}: ${showAxes(axes)}.`,
    {
      help: ['name one of them'],
    },
  );
}

/** An axis that is asked of a value which does not have it. */
export function axisMissing(
  body: BodyContext,
  span: Span,
  missing: readonly CheckedAxis[],
  type: ValueType,
  value?: Span,
): Diagnostic {
  const names = missing.map((axis) => `\`${axis.label}\``).join(', ');
  const noun = missing.length === 1 ? 'axis' : 'axes';
  return error('axis_missing', span, `The value does not have the ${noun} ${names}.`, {
    label: `${noun} ${showAxes(missing)}`,
    secondary: [at(value === span ? undefined : value, `this has ${showAxes(type.axes, body)}`)],
    help: twinHelp(body, missing, type.axes),
  });
}

/** Where the value has an axis of the same size by another name. */
function twinHelp(body: BodyContext, missing: readonly Axis[], axes: readonly Axis[]): readonly string[] {
  const twin = missing.flatMap((axis) =>
    axes.filter((other) => other.size === axis.size).map((other) => [axis, other] as const),
  )[0];
  if (twin === undefined)
    return [
      `give it one: map it with a weight, \`weight name : … -> ${showAxes([...missing], body)
        .replace(/ \(\d+\)/g, '')
        .replaceAll(', ', ' * ')}\``,
    ];
  const [wanted, has] = twin.map((axis) => showAxes([axis], body).replace(/ \(\d+\)$/, ''));
  return [
    `\`${has}\` has the same size but is another axis; \`rename(value, ${has}: ${wanted})\` makes it this one`,
  ];
}

/** A map applied to a value without its input axes. */
export function mapInputMissing(
  body: BodyContext,
  weight: WeightDeclaration,
  missing: readonly CheckedAxis[],
  type: ValueType,
  argument: Span,
): Diagnostic {
  const sum = type.axes.find((axis) => body.sums.has(axis.name));
  const parts = sum === undefined ? undefined : body.sums.get(sum.name);
  if (sum !== undefined && parts !== undefined && !missing.some((axis) => body.sums.has(axis.name))) {
    return notUnpacked(body, weight, sum, parts.length, argument);
  }
  const twins = missing.every((axis) => type.axes.some((other) => other.size === axis.size));
  const code = twins ? 'equal_size_other_axis' : 'map_input_missing';
  const needs = showAxes(missing);
  return error(
    code,
    argument,
    `\`${weight.name}\` maps from ${needs}, and this value has ${showAxes(type.axes, body)}.`,
    {
      label: `this has ${showAxes(type.axes, body)}`,
      secondary: [at(weight.span, `\`${weight.name}\` is declared from ${showAxes(weight.inputs)}`)],
      help: twinHelp(body, missing, type.axes),
    },
  );
}

function notUnpacked(
  body: BodyContext,
  weight: WeightDeclaration,
  sum: Axis,
  count: number,
  argument: Span,
): Diagnostic {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, count).join(', ');
  return error(
    'sum_not_unpacked',
    argument,
    `This value is ${count} values on a sum of axes, which was never unpacked.`,
    {
      label: `this has ${showAxes([sum], body)}`,
      secondary: [at(weight.span, `\`${weight.name}\` maps from ${showAxes(weight.inputs)}`)],
      help: [`unpack it first: \`${names} = …\``],
    },
  );
}

/** Two values whose own axes have the same size would make a table of all pairs. */
export function equalSizeOtherAxis(
  body: BodyContext,
  spans: readonly Span[],
  [left, right]: readonly [readonly Axis[], readonly Axis[]],
  span: Span,
): Diagnostic {
  const [a, b] = [showAxes(left, body), showAxes(right, body)];
  return error(
    'equal_size_other_axis',
    spans[1] ?? span,
    `These two values lie on different axes of the same size: ${a} and ${b}.`,
    {
      label: `this has ${b}`,
      secondary: [at(spans[0], `this has ${a}`)],
      help: ['axes are the same only by name: rename one of them, or declare both values on one axis'],
    },
  );
}

/** One weight that is read with two shapes. */
export function weightTwice(
  span: Span,
  name: string,
  first: readonly Axis[],
  second: readonly Axis[],
  declared: Span,
): Diagnostic {
  const message = `The weight \`${name}\` is used twice with different shapes: ${showAxes(first)} and ${showAxes(second)}.`;
  return error('weight_twice', span, message, {
    label: `here with ${showAxes(second)}`,
    secondary: [at(declared === span ? undefined : declared, `here with ${showAxes(first)}`)],
    help: ['give each shape a weight of its own name'],
  });
}

export function renameSize(span: Span, old: readonly CheckedAxis[], to: readonly CheckedAxis[]): Diagnostic {
  const name = old.map(({ label }) => label).join(' * ');
  return error(
    'rename_size',
    span,
    `\`${name}\` has ${elementCount(old)} elements, and this is ${showAxes(to)}.`,
    {
      help: ['rename it to an axis of the same size, or to a new name'],
    },
  );
}

export function indexOutsideAxis(span: Span, index: number, axis: CheckedAxis): Diagnostic {
  return error('index_outside_axis', span, `The axis \`${axis.label}\` has no index ${index}.`, {
    help: [`its indices are 0 to ${axis.size - 1}`],
  });
}

export function concatAxesDiffer(body: BodyContext, span: Span, types: readonly ValueType[]): Diagnostic {
  const all = types.map((type) => showAxes(type.axes, body)).join(' and ');
  return error('concat_axes_differ', span, `These values cannot be laid one after the other: ${all}.`, {
    help: ['say on which axes: `concat(a, b, over: part)`; all others must be the same'],
  });
}

export function concatSize(
  span: Span,
  axis: Axis & { readonly label: string },
  sizes: readonly number[],
): Diagnostic {
  const sum = sizes.reduce((total, size) => total + size, 0);
  return error(
    'concat_size',
    span,
    `These values are ${sizes.join(' + ')} = ${sum} long, and \`${axis.label}\` is ${axis.size}.`,
    {
      help: [`declare the axis as long as its parts: \`axis ${axis.label} = ${sum}\``],
    },
  );
}

export function concatNothing(span: Span): Diagnostic {
  return error(
    'concat_axes_differ',
    span,
    'One of these values has no axis to be laid one after the other on.',
    {
      help: ['say on which axes: `concat(a, b, over: part)`'],
    },
  );
}

export function stateAxesDiffer(
  body: BodyContext,
  span: Span,
  name: string,
  axes: readonly Axis[],
  type: ValueType,
): Diagnostic {
  return error(
    'state_axes_differ',
    span,
    `The state \`${name}\` gets a value with axes that it does not have.`,
    {
      label: `this has ${showAxes(axes, body)}`,
      help: [`the value has ${showAxes(type.axes, body)}: sum over what is too much, or add it to the state`],
    },
  );
}

export function rotaryDims(span: Span, dims: number, axis: CheckedAxis): Diagnostic {
  const isOdd = dims === axis.size;
  return error(
    'rotary_dims',
    span,
    isOdd
      ? `Rotary positions turn pairs of entries, and the axis \`${axis.label}\` has ${dims}.`
      : `Rotary positions cannot turn ${dims} entries of the axis \`${axis.label}\` (${axis.size}).`,
    {
      help: [
        axis.size < 2
          ? 'an axis of at least 2 entries can turn'
          : `turn an even number of entries, 2 to ${axis.size - (axis.size % 2)}${isOdd ? ', or choose an even size' : ''}`,
      ],
    },
  );
}
