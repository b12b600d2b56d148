// Complex transforms of lines in a workgroup, as WGSL functions: forwards from natural order to the order of positions (decimation in
// frequency), backwards the mirror image, so that nothing is ever put in order. One interface, two ways to do the passes.
import { counted, product } from '../text.ts';
import type { SharedVariable } from '../wgsl.ts';
import { butterflyFunction, butterflyName } from './butterfly.ts';
import { eachHeld, firstOf, memberOf, type Pass, passesOf, placeText, turnText } from './layout.ts';
import { exchangeBytes, type FftShape } from './shape.ts';

/** Names of functions and of the exchange's memory; distinct, and no names of bindings. */
export interface TransformNames {
  /** `fn (v: ptr<function, array<vec2<f32>, held>>, thread: u32, line: u32)`, under uniform control flow. */
  readonly forward: string;
  /** The same backwards; points times the inverse, since spectra have the factor already. */
  readonly inverse: string;
  /** `fn (a: vec2<f32>, b: vec2<f32>) -> vec2<f32>`: the complex product. */
  readonly turned: string;
  readonly memory: string;
  /** `fn (place: u32) -> u32`: where a place of a line lies in the memory. */
  readonly at: string;
}

/** What prints transforms: a shape, names, and the expression of e^(−2πi·index / points). */
export interface TransformSpec {
  readonly shape: FftShape;
  readonly names: TransformNames;
  readonly turn: (index: string) => string;
}

export const TRANSFORM_NAMES: TransformNames = {
  forward: 'fft_forward',
  inverse: 'fft_inverse',
  turned: 'fft_turned',
  memory: 'fft_exchanged',
  at: 'fft_place',
};

export type Direction = 'forward' | 'inverse';

/** The text of one direction, without what it calls. */
export function transform(spec: TransformSpec, direction: Direction): string {
  const lines = spec.shape.way === 'radix' ? radixLines(spec, direction) : matrixLines(spec, direction);
  const { held } = spec.shape;
  return [
    `fn ${spec.names[direction]}(v: ptr<function, array<vec2<f32>, ${held}>>, thread: u32, line: u32) {`,
    ...lines.map((line) => `  ${line}`),
    '}',
  ].join('\n');
}

/** What both directions call. */
export function transformHelpers({ shape, names }: TransformSpec): readonly string[] {
  const complexProduct = [
    `fn ${names.turned}(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {`,
    '  return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);',
    '}',
  ].join('\n');
  const radices = shape.way === 'radix' ? [...new Set(shape.radices)] : [];
  return [complexProduct, placeFunction(shape, names.at), ...radices.map(butterflyFunction)];
}

/** The memory of the exchanges; none where an invocation has a whole line, unless numbers are to meet their opposites. */
export function transformMemory({ shape, names }: TransformSpec, always: boolean): readonly SharedVariable[] {
  if (shape.threads === 1 && shape.way === 'radix' && !always) return [];
  const type = shape.exchange === 'joint' ? 'vec2<f32>' : 'f32';
  return [
    {
      name: names.memory,
      type: `array<${type}, ${shape.points * shape.lines}>`,
      bytes: exchangeBytes(shape),
    },
  ];
}

/** Barriers of one transform. */
export function transformBarriers({ radices, exchange, way }: FftShape): number {
  return (radices.length - (way === 'radix' ? 1 : 0)) * (exchange === 'joint' ? 2 : 4);
}

/** Where the numbers lie before the forward transform and after the inverse one: in natural order. */
export function naturalPlace(shape: FftShape, element: string): string {
  return placeText(shape, passesOf(shape)[0]!, element);
}

/** Where they lie between the two: positions of frequencies. */
export function spectralPlace(shape: FftShape, element: string): string {
  return placeText(shape, passesOf(shape).at(-1)!, element);
}

/** Statements that hand every number from where one invocation has it to where another wants it. */
export function exchangeLines(
  { shape, names }: Pick<TransformSpec, 'shape' | 'names'>,
  from: (element: string) => string,
  to: (element: string) => string,
  into = '(*v)',
  out = '(*v)',
): readonly string[] {
  const at = (place: string): string => memoryAt(shape, names, place);
  return partsOf(shape).flatMap((part) => [
    ...eachHeld(shape, (e) => [`${at(from(e))} = ${out}[${e}]${part};`]),
    'workgroupBarrier();',
    ...eachHeld(shape, (e) => [`${into}[${e}]${part} = ${at(to(e))};`]),
    'workgroupBarrier();',
  ]);
}

function memoryAt({ lines }: FftShape, { memory, at }: TransformNames, place: string): string {
  return `${memory}[${at}(${place})${lines === 1 ? '' : ` * ${lines}u + line`}]`;
}

/** Banks of workgroup memory that are read at once, in words. */
const BANKS = 32;

/**
 * Where a number of a line lies in the memory of exchanges: neighbouring invocations write `held` numbers apart, so their places are
 * exchanged within a group of as many lines as the banks have room for, which are then different banks.
 */
function placeFunction({ lines, held, exchange }: FftShape, name: string): string {
  const group = BANKS / (exchange === 'joint' ? 2 : 1) / lines;
  const moved = group > 1 ? `place ^ (place / ${held}u % ${group}u)` : 'place';
  return `fn ${name}(place: u32) -> u32 {\n  return ${moved};\n}`;
}

/** What of a number is exchanged at a time. */
function partsOf({ exchange }: FftShape): readonly ('' | '.x' | '.y')[] {
  return exchange === 'joint' ? [''] : ['.x', '.y'];
}

/** Butterflies in registers, with an exchange between passes. Backwards, parts are swapped, which makes it the forward transform. */
function radixLines(spec: TransformSpec, direction: Direction): readonly string[] {
  const { shape } = spec;
  const passes = passesOf(shape);
  const order = direction === 'forward' ? passes : passes.toReversed();
  return order.flatMap((pass, i) => {
    const next = order[i + 1];
    const ends = { starts: i === 0, stops: next === undefined };
    const groups = counted(shape.held / pass.radix, (group) =>
      butterflyLines(spec, pass, group, direction, ends),
    );
    const exchange =
      next === undefined
        ? []
        : exchangeLines(
            spec,
            (e) => placeText(shape, pass, e),
            (e) => placeText(shape, next, e),
          );
    return [...groups.flat(), ...exchange];
  });
}

function butterflyLines(
  { shape, names, turn }: TransformSpec,
  pass: Pass,
  group: number,
  direction: Direction,
  { starts, stops }: { readonly starts: boolean; readonly stops: boolean },
): readonly string[] {
  const first = group * pass.radix;
  const butterfly = group === 0 ? 'thread' : `(thread + ${group * shape.threads}u)`;
  const step = shape.points / pass.span;
  const turnOf = (r: number): string => turn(r === 1 ? 'step' : `${r}u * step`);
  const turned = (value: string, r: number): string =>
    pass.stride === 1 || r === 0 ? value : `${names.turned}(${value}, ${turnOf(r)})`;
  const backwards = direction === 'inverse';
  const given = counted(pass.radix, (r) => {
    const value = `(*v)[${first + r}]${backwards && starts ? '.yx' : ''}`;
    return backwards ? turned(value, r) : value;
  });
  const results = counted(pass.radix, (r) => {
    const value = `x[${r}]${backwards && stops ? '.yx' : ''}`;
    return `(*v)[${first + r}] = ${backwards ? value : turned(value, r)};`;
  });
  return [
    '{',
    ...(pass.stride === 1
      ? []
      : [`let step = ${butterfly} % ${pass.stride}u${step === 1 ? '' : ` * ${step}u`};`]),
    `let x = ${butterflyName(pass.radix)}(array<vec2<f32>, ${pass.radix}>(${given.join(', ')}));`,
    ...results,
    '}',
  ].map((line, i, all) => (i === 0 || i === all.length - 1 ? line : `  ${line}`));
}

/** Products with the matrices of small transforms, both factors read as they are needed. */
function matrixLines(spec: TransformSpec, direction: Direction): readonly string[] {
  const { shape, names, turn } = spec;
  const passes = passesOf(shape);
  const backwards = direction === 'inverse';
  const order = backwards ? passes.toReversed() : passes;
  const swapped = eachHeld(shape, (e) => [`(*v)[${e}] = (*v)[${e}].yx;`]);
  const turnAll = (pass: Pass, layout: Pass): readonly string[] =>
    pass.stride === 1
      ? []
      : eachHeld(shape, (e) => [
          `let place = ${placeText(shape, layout, e)};`,
          `(*v)[${e}] = ${names.turned}((*v)[${e}], ${turn(turnText(shape, pass, 'place'))});`,
        ]);
  const all = order.flatMap((pass, i) => {
    const layout = order[i - 1] ?? pass;
    return [
      ...(backwards ? turnAll(pass, layout) : []),
      ...productLines(spec, pass, layout),
      ...(backwards ? [] : turnAll(pass, pass)),
    ];
  });
  return backwards ? [...swapped, ...all, ...swapped] : all;
}

/** One pass: every number to memory, then each invocation's results summed up over the column, one part of the numbers after the other where need be. */
function productLines(spec: TransformSpec, pass: Pass, layout: Pass): readonly string[] {
  const { shape, names, turn } = spec;
  const at = (place: string): string => memoryAt(shape, names, place);
  const step = shape.points / pass.radix;
  const phases = partsOf(shape).flatMap((part) => [
    ...eachHeld(shape, (e) => [`${at(placeText(shape, layout, e))} = (*v)[${e}]${part};`]),
    'workgroupBarrier();',
    `for (var r = 0u; r < ${pass.radix}u; r++) {`,
    ...eachHeld(shape, (e) => {
      const { butterfly, rank } = memberOf(shape, pass, e);
      const value = at(`${firstOf(pass, butterfly)} + ${product('r', pass.stride)}`);
      const factor = turn(product(`(${rank} * r % ${pass.radix}u)`, step));
      return [`let by = ${factor};`, `sums[${e}] += ${termText(names, part, value)};`];
    }).map((line) => `  ${line}`),
    '}',
    'workgroupBarrier();',
  ]);
  const sums = `var sums = array<vec2<f32>, ${shape.held}>();`;
  return ['{', ...[sums, ...phases, '*v = sums;'].map((line) => `  ${line}`), '}'];
}

/** A number or one of its parts, times the element `by` of a matrix. */
function termText({ turned }: TransformNames, part: '' | '.x' | '.y', value: string): string {
  if (part === '') return `${turned}(${value}, by)`;
  return part === '.x' ? `${value} * by` : `${value} * vec2<f32>(-by.y, by.x)`;
}
