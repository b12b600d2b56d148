// Complex transforms of lines in a workgroup, as WGSL functions: forwards from natural order to the order of positions (decimation in
// frequency), backwards the mirror image, so that nothing is ever put in order. One interface, two ways to do the passes.
import { counted } from '../text.ts';
import type { SharedVariable } from '../wgsl.ts';
import { butterflyFunction, butterflyName } from './butterfly.ts';
import { firstOf, memberOf, type Pass, passesOf, placeText, turnText } from './layout.ts';
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
  const product = [
    `fn ${names.turned}(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {`,
    '  return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);',
    '}',
  ].join('\n');
  const radices = shape.way === 'radix' ? [...new Set(shape.radices)] : [];
  return [product, ...radices.map(butterflyFunction)];
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
export function naturalPlace(shape: FftShape, element: number, thread: string): string {
  return placeText(shape, passesOf(shape)[0]!, element, thread);
}

/** Where they lie between the two: positions of frequencies. */
export function spectralPlace(shape: FftShape, element: number, thread: string): string {
  return placeText(shape, passesOf(shape).at(-1)!, element, thread);
}

/** Statements that hand every number from where one invocation has it to where another wants it. */
export function exchangeLines(
  { shape, names }: Pick<TransformSpec, 'shape' | 'names'>,
  from: (element: number) => string,
  to: (element: number) => string,
  into = '(*v)',
  out = '(*v)',
): readonly string[] {
  const { held, lines, exchange } = shape;
  const at = (place: string): string =>
    `${names.memory}[${lines === 1 ? place : `(${place}) * ${lines}u + line`}]`;
  return (exchange === 'joint' ? [''] : ['.x', '.y']).flatMap((part) => [
    ...counted(held, (e) => `${at(from(e))} = ${out}[${e}]${part};`),
    'workgroupBarrier();',
    ...counted(held, (e) => `${into}[${e}]${part} = ${at(to(e))};`),
    'workgroupBarrier();',
  ]);
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
            (e) => placeText(shape, pass, e, 'thread'),
            (e) => placeText(shape, next, e, 'thread'),
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
  const { butterfly } = memberOf(shape, pass, first, 'thread');
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
  const swapped = counted(shape.held, (e) => `(*v)[${e}] = (*v)[${e}].yx;`);
  const turnAll = (pass: Pass, layout: Pass): readonly string[] =>
    pass.stride === 1
      ? []
      : counted(shape.held, (e) => {
          const index = turnText(shape, pass, placeText(shape, layout, e, 'thread'));
          return `(*v)[${e}] = ${names.turned}((*v)[${e}], ${turn(index)});`;
        });
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
  const { held, lines, points } = shape;
  const at = (place: string): string =>
    `${names.memory}[${lines === 1 ? place : `(${place}) * ${lines}u + line`}]`;
  const members = counted(held, (e) => memberOf(shape, pass, e, 'thread'));
  const groups = members.filter(({ group }, e) => e === 0 || group !== members[e - 1]!.group);
  const factor = ({ rank }: (typeof members)[number]): string => {
    const index = `((${typeof rank === 'number' ? `${rank}u` : rank}) * r % ${pass.radix}u)`;
    return turn(points === pass.radix ? index : `${index} * ${points / pass.radix}u`);
  };
  const term = (part: string, value: string, by: string): string => {
    if (part === '') return `${names.turned}(${value}, ${by})`;
    return part === '.x' ? `${value} * ${by}` : `${value} * vec2<f32>(-(${by}).y, (${by}).x)`;
  };
  const read = ({ butterfly }: (typeof members)[number]): string =>
    at(`${firstOf(pass, butterfly)} + r${pass.stride === 1 ? '' : ` * ${pass.stride}u`}`);
  const phases = (shape.exchange === 'joint' ? [''] : ['.x', '.y']).flatMap((part) => [
    ...counted(held, (e) => `${at(placeText(shape, layout, e, 'thread'))} = (*v)[${e}]${part};`),
    'workgroupBarrier();',
    `for (var r = 0u; r < ${pass.radix}u; r++) {`,
    ...groups.map((member) => `  let x${member.group} = ${read(member)};`),
    ...members.map((member, e) =>
      groups.length === 1
        ? `  sums[${e}] += ${term(part, 'x0', factor(member))};`
        : `  sums[${e}] += ${term(part, `x${member.group}`, factor(member))};`,
    ),
    '}',
    'workgroupBarrier();',
  ]);
  return [
    '{',
    `  var sums = array<vec2<f32>, ${held}>();`,
    ...phases.map((line) => `  ${line}`),
    '  *v = sums;',
    '}',
  ];
}
