// What the kernels of all Fourier forms have in common: invocations and lines, reading x and writing y, products with spectra.
import { names } from '../text.ts';
import { Code, type SharedVariable } from '../wgsl.ts';
import { eachHeld } from './layout.ts';
import { oppositeFunction } from './order.ts';
import { type ConvForm, type ConvHooks, filterRows, type PairTile } from './problem.ts';
import { invocationsOf, type FftShape } from './shape.ts';
import {
  exchangeLines,
  spectralPlace,
  transform,
  TRANSFORM_NAMES,
  transformBarriers,
  transformHelpers,
  transformMemory,
  type TransformSpec,
} from './transform.ts';

/** No name of a binding begins like the functions here; what is bound in them or in the kernel gets names that bindings do not have. */
const PREFIX = 'fft_';

/** A kernel being printed: one tile of a form's pairs and one of its shapes. */
export interface LineKernel {
  readonly form: ConvForm;
  readonly hooks: ConvHooks;
  readonly tile: PairTile;
  readonly tileIndex: number;
  readonly spec: TransformSpec;
  readonly shape: FftShape;
  readonly code: Code;
  readonly functions: string[];
}

/** Begins a kernel: `line`, `thread`, `pair` and the numbers `v` are at hand in its code. */
export function beginLines(
  form: ConvForm,
  hooks: ConvHooks,
  tileIndex: number,
  shapeIndex: number,
): LineKernel {
  const code = new Code().reserve([...hooks.reserved, 'main', ...KERNEL_NAMES]);
  const kernel = lineKernel(form, hooks, code, tileIndex, shapeIndex);
  const { lines } = kernel.shape;
  writeThread(kernel);
  // Pairs past the last are computed from zeroes, since every invocation has to come to the barriers.
  code.line(`let pair = ${lines === 1 ? 'workgroup_id.x' : `workgroup_id.x * ${lines}u + line`};`);
  code.line(`var v = array<vec2<f32>, ${kernel.shape.held}>();`);
  return kernel;
}

/** What the code of a kernel calls its own. */
export const KERNEL_NAMES = ['line', 'thread', 'pair', 'row', 'v', 'u', 'w', 'x', 'e'] as const;

/** Of which line an invocation is, and which of the line's. */
export function writeThread({ code, shape: { lines } }: LineKernel): void {
  code.line(`let line = ${lines === 1 ? '0u' : `local_invocation_index % ${lines}u`};`);
  code.line(`let thread = local_invocation_index${lines === 1 ? '' : ` / ${lines}u`};`);
}

/** A kernel whose code is written elsewhere too. */
export function lineKernel(
  form: ConvForm,
  hooks: ConvHooks,
  code: Code,
  tileIndex = 0,
  shapeIndex = 0,
): LineKernel {
  const shape = form.shapes[shapeIndex]!;
  const tile = form.tiles[tileIndex]!;
  const taken = hooks.reserved.filter((name) => name.startsWith(PREFIX));
  if (taken.length > 0) throw new Error(`internal: a binding is called ${taken.join(', ')}`);
  const before = form.turns.slice(0, shapeIndex).reduce((sum, { count }) => sum + count, 0);
  const spec: TransformSpec = {
    shape,
    names: TRANSFORM_NAMES,
    turn: (index) => hooks.turn(before === 0 ? index : `${before}u + ${index}`),
  };
  return { form, hooks, tile, tileIndex, spec, shape, code, functions: [...transformHelpers(spec)] };
}

/** Workgroups for the pairs of the tile. */
export function pairGroups({ tile, shape }: Pick<LineKernel, 'tile' | 'shape'>): number {
  return Math.ceil(tile.pairs / shape.lines);
}

export function call(
  kernel: LineKernel,
  direction: 'forward' | 'inverse',
  variable = 'v',
  code = kernel.code,
): void {
  const text = transform(kernel.spec, direction);
  if (!kernel.functions.includes(text)) kernel.functions.push(text);
  code.line(`${kernel.spec.names[direction]}(&${variable}, thread, line);`);
}

/** `fft_read(pair, position)`: x of both channels, zero outside of the sequence. */
export function readPair(kernel: LineKernel): void {
  const { hooks, tile, form } = kernel;
  const code = new Code().reserve(hooks.reserved);
  const at = names(code, ['pair', 'position', 'values']);
  code.line(`var ${at.values} = vec2<f32>();`);
  const inside = `${at.pair} < ${tile.pairs}u && ${at.position} >= 0 && ${at.position} < i32(${hooks.end})`;
  code.block(`if (${inside})`, (inner) => {
    const position = inner.let('at', `u32(${at.position})`);
    eachChannel(inner, form, tile, at.pair, (own, channel, part) =>
      own.line(`${at.values}.${part} = ${hooks.readX(own, channel, position)};`),
    );
  });
  code.line(`return ${at.values};`);
  const head = `fft_read(${at.pair}: u32, ${at.position}: i32) -> vec2<f32>`;
  kernel.functions.push(`fn ${head} {\n${code.text()}\n}`);
}

/** `fft_write(pair, token, y)`: finishes both channels at a wanted position; others are left out. */
export function writePair(kernel: LineKernel): void {
  const { hooks, tile, form } = kernel;
  const code = new Code().reserve(hooks.reserved);
  const at = names(code, ['pair', 'token', 'sums']);
  code.block(`if (${at.pair} < ${tile.pairs}u && ${at.token} < ${hooks.count})`, (inner) =>
    eachChannel(inner, form, tile, at.pair, (own, channel, part) =>
      hooks.finish(own, at.token, channel, own.let('sum', `${at.sums}.${part}`)),
    ),
  );
  const head = `fft_write(${at.pair}: u32, ${at.token}: u32, ${at.sums}: vec2<f32>)`;
  kernel.functions.push(`fn ${head} {\n${code.text()}\n}`);
}

/** The two channels of a pair; the last pair of an odd number of channels has one. */
function eachChannel(
  code: Code,
  { problem }: ConvForm,
  tile: PairTile,
  pair: string,
  body: (code: Code, channel: string, part: 'x' | 'y') => void,
): void {
  const first = tile.first === 0 ? `2u * ${pair}` : `2u * (${pair} + ${tile.first}u)`;
  code.block('', (inner) => body(inner, inner.let('channel', first), 'x'));
  const single = problem.channels % 2 === 1 && tile.first + tile.pairs === Math.ceil(problem.channels / 2);
  const second = (inner: Code): void => body(inner, inner.let('channel', `${first} + 1u`), 'y');
  if (single) code.block(`if (${first} + 1u < ${problem.channels}u)`, second);
  else code.block('', second);
}

/** Index in the tile's spectra of the sum of a position; the difference lies behind it. */
export function spectrumIndex({ form, tile }: LineKernel, position: string): string {
  const { rows, differences } = form.spectra;
  const width = filterRows(form.problem).own ? tile.pairs : rows.length;
  return `((${position}) * ${width}u + row)${differences ? ' * 2u' : ''}`;
}

/** Index of a pair's row in the tile's spectra, bounded for pairs past the last. */
export function rowText({ form, tile }: LineKernel): string {
  const { own, rowOf } = filterRows(form.problem);
  if (own) return `min(pair, ${tile.pairs - 1}u)`;
  return rowOf(tile.first === 0 ? 'pair' : `(pair + ${tile.first}u)`);
}

/** v ← S·v + D·conj(v at the opposite frequency), at the positions of the spectrum. */
export function multiply(kernel: LineKernel): void {
  kernel.code.line(`let row = ${rowText(kernel)};`);
  if (kernel.form.spectra.differences) exchangeOpposites(kernel, kernel.code);
  multiplyHeld(kernel, 'v', 'w', (e) => spectralPlace(kernel.shape, e));
}

/** Declares `w`, the numbers at the opposite frequencies of those in `v`. */
export function exchangeOpposites({ spec, shape, functions }: LineKernel, code: Code): void {
  const placeOf = (e: string): string => spectralPlace(shape, e);
  functions.push(oppositeFunction('fft_opposite', shape.radices));
  code.line(`var w = array<vec2<f32>, ${shape.held}>();`);
  const lines = exchangeLines(spec, placeOf, (e) => `fft_opposite(${placeOf(e)})`, 'w', 'v');
  writeLines(code, lines);
}

/** Each number of `variable` times the spectra at its position, with its opposite's conjugate where there are differences. */
export function multiplyHeld(
  kernel: LineKernel,
  variable: string,
  opposite: string,
  positionOf: (element: string) => string,
): void {
  const value = `${variable}[e]`;
  const product = productText(kernel, value, 'index', `${opposite}[e]`);
  writeLines(
    kernel.code,
    eachHeld(kernel.shape, (e) => [
      `let index = ${spectrumIndex(kernel, positionOf(e))};`,
      `${value} = ${product};`,
    ]),
  );
}

export function writeLines(code: Code, lines: readonly string[]): void {
  for (const line of lines) code.line(line);
}

export function productText(kernel: LineKernel, value: string, index: string, opposite: string): string {
  const { form, hooks, spec, tileIndex } = kernel;
  const { turned } = spec.names;
  // Rows that all tiles share are there once.
  const tile = form.spectra.tile < form.spectra.rows.length ? tileIndex : 0;
  const sum = `${turned}(${value}, ${hooks.spectrum(tile, index)})`;
  if (!form.spectra.differences) return sum;
  const conjugate = `vec2<f32>(1.0, -1.0) * ${opposite}`;
  return `${sum} + ${turned}(${conjugate}, ${hooks.spectrum(tile, `${index} + 1u`)})`;
}

/** The finished kernel's body. */
export function bodyOf(kernel: LineKernel, meets: boolean) {
  const { shape, spec, code, functions } = kernel;
  const calls = functions.filter((text) => /^fn fft_(?:forward|inverse)\(/.test(text)).length;
  const shared: readonly SharedVariable[] = transformMemory(spec, meets);
  return {
    workgroup: [invocationsOf(shape), 1, 1],
    shared,
    builtins: ['workgroup_id', 'local_invocation_index'],
    features: [],
    barriers: calls * transformBarriers(shape) + (meets ? (shape.exchange === 'joint' ? 2 : 4) : 0),
    functions,
    code,
  } as const;
}
