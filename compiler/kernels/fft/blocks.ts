// A long convolution by blocks (partitioned overlap-save): the transforms of all blocks of x, then for each block of outputs the sum of
// their products with the filter's segments, which goes back in the same kernel.
import type { NamedKernel, Templated } from '../template.ts';
import type { Code } from '../wgsl.ts';
import { distances } from './forms.ts';
import {
  beginLines,
  bodyOf,
  call,
  type LineKernel,
  pairGroups,
  productText,
  readPair,
  rowText,
  spectrumIndex,
  writeLines,
  writePair,
} from './lines.ts';
import { eachHeld } from './layout.ts';
import { oppositeFunction } from './order.ts';
import type { ConvForm, ConvHooks } from './problem.ts';
import { naturalPlace, spectralPlace } from './transform.ts';

export function blockKernels(form: ConvForm, hooks: ConvHooks): readonly NamedKernel[] {
  return form.tiles.flatMap((_, tile): readonly NamedKernel[] => {
    const name = form.tiles.length === 1 ? '' : ` of tile ${tile + 1}`;
    const last = tile === form.tiles.length - 1;
    return [
      [`transforms${name}`, transformBlocks(form, hooks, tile)],
      [last ? '' : `products${name}`, sumBlocks(form, hooks, tile)],
    ];
  });
}

/** Blocks that begin at or before the first wanted position and are not empty, and blocks from there on, as names. */
function liveBlocks(code: Code, { form, hooks }: LineKernel): readonly [string, string] {
  const { block, history } = form;
  const begin = code.let('begin', hooks.start);
  const end = code.let('end', hooks.end);
  const before = code.let('before', `min((${begin} + ${block - 1}u) / ${block}u, ${history}u)`);
  const after = code.let('after', `(max(${end}, ${begin}) - ${begin} + ${block - 1}u) / ${block}u`);
  return [before, after];
}

function transformBlocks(form: ConvForm, hooks: ConvHooks, tile: number): Templated {
  const kernel = beginLines(form, hooks, tile, 0);
  const { code, shape } = kernel;
  const { block, history } = form;
  const later = form.scratch / kernel.form.tiles[0]!.pairs / (2 * block) - history;
  const [before, after] = liveBlocks(code, kernel);
  code.line(
    `if (workgroup_id.y + ${before} < ${history}u || workgroup_id.y >= ${after} + ${history}u) { return; }`,
  );
  readPair(kernel);
  const from = code.let('from', `i32(${hooks.start}) + (i32(workgroup_id.y) - ${history}) * ${block}`);
  const read = `v[e] = fft_read(pair, ${from} + i32(index));`;
  writeLines(
    code,
    eachHeld(shape, (e) => [`let index = ${naturalPlace(shape, e)};`, `if (index < ${block}u) { ${read} }`]),
  );
  call(kernel, 'forward');
  code.block(`if (pair < ${kernel.tile.pairs}u)`, (inner) => {
    const base = inner.let('base', `workgroup_id.y * ${2 * block}u`);
    const lines = eachHeld(shape, (e) => [
      `${scratchAt(kernel, `${base} + ${spectralPlace(shape, e)}`)} = v[${e}];`,
    ]);
    writeLines(inner, lines);
  });
  return { body: bodyOf(kernel, false), grid: [pairGroups(kernel), history + later, 1] };
}

/** One number of the scratch memory: neighbouring pairs are neighbours. */
function scratchAt({ hooks, tile }: LineKernel, index: string, pair = 'pair'): string {
  return `${hooks.scratch}[(${index}) * ${tile.pairs}u + ${pair}]`;
}

function sumBlocks(form: ConvForm, hooks: ConvHooks, tile: number): Templated {
  const kernel = beginLines(form, hooks, tile, 0);
  const { code, shape } = kernel;
  const { block, history } = form;
  const [lowest, highest] = distances(form.problem, block);
  const [before, after] = liveBlocks(code, kernel);
  code.line(`let row = ${rowText(kernel)};`);
  const own = code.let('own', `min(pair, ${kernel.tile.pairs - 1}u)`);
  const out = code.let('out', 'i32(workgroup_id.y)');
  const first = code.let('first', `max(${out} - ${highest}, -i32(${before}))`);
  const last = code.let('last', `min(${out} - ${lowest}, i32(${after}) - 1)`);
  code.block(`for (var block = ${first}; block <= ${last}; block++)`, (inner) => {
    const base = inner.let('base', `u32(block + ${history}) * ${2 * block}u`);
    const segment = inner.let('segment', `u32(${out} - block - (${lowest})) * ${2 * block}u`);
    inner.block(`for (var e = 0u; e < ${shape.held}u; e++)`, (each) => {
      const place = each.let('place', spectralPlace(shape, 'e'));
      const value = each.let('value', scratchAt(kernel, `${base} + ${place}`, own));
      const index = each.let('index', spectrumIndex(kernel, `${segment} + ${place}`));
      const opposite = form.spectra.differences
        ? each.let('other', scratchAt(kernel, `${base} + fft_opposite(${place})`, own))
        : '';
      each.line(`v[e] += ${productText(kernel, value, index, opposite)};`);
    });
  });
  if (form.spectra.differences) kernel.functions.push(oppositeFunction('fft_opposite', shape.radices));
  call(kernel, 'inverse');
  writePair(kernel);
  // The first half wraps around to tokens that no run has.
  const token = code.let('token', `workgroup_id.y * ${block}u - ${block}u`);
  writeLines(
    code,
    eachHeld(shape, (e) => [
      `let index = ${naturalPlace(shape, e)};`,
      `if (index >= ${block}u) { fft_write(pair, ${token} + index, v[${e}]); }`,
    ]),
  );
  return { body: bodyOf(kernel, false), grid: [pairGroups(kernel), { tile: block, times: 1 }, 1] };
}
