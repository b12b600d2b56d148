// A tile of an online convolution by transforms, as a part of another kernel's code: what the positions before the current one give to as
// many positions from it on, block by block.
import type { Action } from '../template.ts';
import type { Code, SharedVariable } from '../wgsl.ts';
import { eachHeld } from './layout.ts';
import {
  call,
  exchangeOpposites,
  lineKernel,
  productText,
  readPair,
  rowText,
  spectrumIndex,
  writeLines,
  writePair,
  writeThread,
} from './lines.ts';
import type { ConvForm, ConvHooks } from './problem.ts';
import { naturalPlace, spectralPlace, transformMemory } from './transform.ts';

export interface TileHooks extends Pick<ConvHooks, 'readX' | 'spectrum' | 'turn' | 'reserved'> {
  /** Adds a value to what waits for the position now + row. */
  readonly add: Action<[row: string, channel: string, value: string]>;
  /** The current position, before which all is read: an expression of module scope. */
  readonly now: string;
  /** Positions of the tile, a multiple of the form's block; rows from `firstRow` up to `rows` are added to. Uniform names. */
  readonly tile: string;
  readonly firstRow: string;
  readonly rows: string;
  /** The workgroup has every `workers`-th block of rows from `worker` on. Uniform. */
  readonly worker: string;
  readonly workers: number;
  /** The pairs of channels that the workgroup has. */
  readonly firstPair: string;
  readonly pairs: number;
}

/** What the other kernel needs for it besides. */
export interface TileText {
  readonly functions: readonly string[];
  readonly shared: readonly SharedVariable[];
}

/** Writes a whole tile, under uniform control flow; `thread`, `line` and others are names of an inner block. */
export function writeTile(code: Code, form: ConvForm, hooks: TileHooks): TileText {
  const kernel = lineKernel(form, convHooks(hooks), code);
  const { shape, functions, spec } = kernel;
  const { lines, held } = shape;
  readPair(kernel);
  writePair(kernel);
  code.block('', (all) => {
    writeThread({ ...kernel, code: all });
    all.line(`let blocks = ${hooks.tile} / ${form.block}u;`);
    all.loop('round', Math.ceil(hooks.pairs / lines), (each, round) => {
      each.line(`let place = ${round} * ${lines}u + line;`);
      // Lines without a pair have one that is nowhere.
      each.line(
        `let pair = select(${kernel.tile.pairs}u, ${hooks.firstPair} + place, place < ${hooks.pairs}u);`,
      );
      each.line(`let row = ${rowText(kernel)};`);
      const head = `for (var out = ${hooks.worker}; out < blocks; out += ${hooks.workers}u)`;
      each.block(head, (outer) => {
        outer.line(`var sums = array<vec2<f32>, ${held}>();`);
        addBlocks(outer, kernel, hooks);
        call(kernel, 'inverse', 'sums', outer);
        writeRows(outer, kernel, hooks);
      });
    });
  });
  return { functions: [...new Set(functions)], shared: transformMemory(spec, true) };
}

function convHooks(hooks: TileHooks): ConvHooks {
  const finish: ConvHooks['finish'] = (code, row, channel, value) => hooks.add(code, row, channel, value);
  return { ...hooks, finish, start: '0u', count: '0xffffffffu', end: hooks.now, scratch: '' };
}

/** Adds up the products of the blocks of x and the segments that lead from them to the block of rows `out`. */
function addBlocks(code: Code, kernel: ReturnType<typeof lineKernel>, hooks: TileHooks): void {
  const { form, shape } = kernel;
  const { block } = form;
  const farthest = form.spectra.segments.length - 1;
  code.line(`let skipped = max(blocks + out, ${farthest}u) - ${farthest}u;`);
  code.block('for (var block = skipped; block < blocks; block++)', (inner) => {
    inner.line(`var v = array<vec2<f32>, ${shape.held}>();`);
    inner.line(`let oldest = i32(${hooks.now} - ${hooks.tile} + block * ${block}u);`);
    const read = eachHeld(shape, (e) => [
      `let index = ${naturalPlace(shape, e)};`,
      `if (index < ${block}u) { v[${e}] = fft_read(pair, oldest + i32(index)); }`,
    ]);
    writeLines(inner, read);
    call(kernel, 'forward', 'v', inner);
    if (form.spectra.differences) exchangeOpposites(kernel, inner);
    inner.line(`let segment = (blocks + out - block) * ${2 * block}u;`);
    const sum = eachHeld(shape, (e) => [
      `let index = ${spectrumIndex(kernel, `segment + ${spectralPlace(shape, e)}`)};`,
      `sums[${e}] += ${productText(kernel, `v[${e}]`, 'index', `w[${e}]`)};`,
    ]);
    writeLines(inner, sum);
  });
}

/** The second half of the sums is that of the block's rows. */
function writeRows(code: Code, { form, shape }: ReturnType<typeof lineKernel>, hooks: TileHooks): void {
  const { block } = form;
  const lines = eachHeld(shape, (e) => [
    `let index = ${naturalPlace(shape, e)};`,
    `let target_row = out * ${block}u + index - ${block}u;`,
    `let wanted = index >= ${block}u && target_row >= ${hooks.firstRow} && target_row < ${hooks.rows};`,
    `if (wanted) { fft_write(pair, target_row, sums[${e}]); }`,
  ]);
  writeLines(code, lines);
}
