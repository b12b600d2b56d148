// A long convolution whose window is a matrix: transforms of columns, then rows there and back with the product between, then columns back.
import type { NamedKernel, Templated } from '../template.ts';
import {
  beginLines,
  bodyOf,
  call,
  type LineKernel,
  multiplyHeld,
  pairGroups,
  readPair,
  rowText,
  writeLines,
  writePair,
} from './lines.ts';
import { eachHeld } from './layout.ts';
import { frequencyText, oppositeFunction, positionText } from './order.ts';
import type { ConvForm, ConvHooks } from './problem.ts';
import { exchangeLines, naturalPlace, spectralPlace } from './transform.ts';
import { readWindow, writeWindow } from './window.ts';

export function fourStepKernels(form: ConvForm, hooks: ConvHooks): readonly NamedKernel[] {
  return form.tiles.flatMap((_, tile): readonly NamedKernel[] => {
    const name = form.tiles.length === 1 ? '' : ` of tile ${tile + 1}`;
    const last = tile === form.tiles.length - 1;
    return [
      [`columns${name}`, columnsForward(form, hooks, tile)],
      [`rows${name}`, form.spectra.differences ? rowPairs(form, hooks, tile) : rows(form, hooks, tile)],
      [last ? '' : `results${name}`, columnsBack(form, hooks, tile)],
    ];
  });
}

function sizes({ shapes }: ConvForm): readonly [number, number] {
  return [shapes[0]!.points, shapes[1]!.points];
}

function columnsForward(form: ConvForm, hooks: ConvHooks, tile: number): Templated {
  const kernel = beginLines(form, hooks, tile, 0);
  const { code, shape } = kernel;
  const [, width] = sizes(form);
  readPair(kernel);
  readWindow(kernel, code, (e) => columnIndex(kernel, naturalPlace(shape, e)));
  call(kernel, 'forward');
  code.block(`if (pair < ${kernel.tile.pairs}u)`, (inner) =>
    writeLines(
      inner,
      eachHeld(shape, (e) => [
        `let place = ${spectralPlace(shape, e)};`,
        `let value = fft_turned(v[${e}], ${turnOf(kernel, 'place')});`,
        `${scratchAt(kernel, 'place', 'workgroup_id.y', width)} = value;`,
      ]),
    ),
  );
  kernel.functions.push(turnFunction(kernel));
  return { body: bodyOf(kernel, false), grid: [pairGroups(kernel), width, 1] };
}

function columnsBack(form: ConvForm, hooks: ConvHooks, tile: number): Templated {
  const kernel = beginLines(form, hooks, tile, 0);
  const { code, shape } = kernel;
  const [, width] = sizes(form);
  const own = code.let('own', `min(pair, ${kernel.tile.pairs - 1}u)`);
  writeLines(
    code,
    eachHeld(shape, (e) => [
      `let place = ${spectralPlace(shape, e)};`,
      `let value = ${scratchAt(kernel, 'place', 'workgroup_id.y', width, own)};`,
      `let turn = ${turnOf(kernel, 'place')};`,
      `v[${e}] = fft_turned(value, vec2<f32>(turn.x, -turn.y));`,
    ]),
  );
  call(kernel, 'inverse');
  writePair(kernel);
  writeWindow(kernel, code, (e) => columnIndex(kernel, naturalPlace(shape, e)));
  kernel.functions.push(turnFunction(kernel));
  return { body: bodyOf(kernel, false), grid: [pairGroups(kernel), width, 1] };
}

/** Index in the window of a row of this workgroup's column. */
function columnIndex({ form }: LineKernel, row: string): string {
  return `(${row}) * ${sizes(form)[1]}u + workgroup_id.y`;
}

/** One number of the matrix; neighbouring pairs are neighbours. */
function scratchAt(
  { hooks, tile }: LineKernel,
  row: string,
  column: string,
  width: number,
  pair = 'pair',
): string {
  return `${hooks.scratch}[((${row}) * ${width}u + ${column}) * ${tile.pairs}u + ${pair}]`;
}

/** What a number is turned by between columns and rows: e^(−2πi · frequency of the column's transform · column / points). */
function turnOf({ shape }: LineKernel, place: string): string {
  return `fft_turn((${frequencyText(shape.radices, place)}) * workgroup_id.y)`;
}

/** The turn of an index below the number of points, as the product of a coarse and a fine one. */
function turnFunction({ form, hooks }: LineKernel): string {
  const [height, width] = sizes(form);
  const [coarse, fine] = [height + width, height + width + form.turns[2]!.count];
  const step = form.turns[2]!.step;
  return [
    'fn fft_turn(index: u32) -> vec2<f32> {',
    `  return fft_turned(${hooks.turn(`${coarse}u + index / ${step}u`)}, ${hooks.turn(`${fine}u + index % ${step}u`)});`,
    '}',
  ].join('\n');
}

/** Rows where neighbouring channels share their filters: each by itself. */
function rows(form: ConvForm, hooks: ConvHooks, tile: number): Templated {
  const kernel = beginLines(form, hooks, tile, 1);
  const { code } = kernel;
  const [height, width] = sizes(form);
  code.line(`let row = ${rowText(kernel)};`);
  moveRow(kernel, 'v', 'workgroup_id.y', 'read');
  call(kernel, 'forward');
  const positionOf = (e: string): string => `workgroup_id.y * ${width}u + ${spectralPlace(kernel.shape, e)}`;
  multiplyHeld(kernel, 'v', 'v', positionOf);
  call(kernel, 'inverse');
  moveRow(kernel, 'v', 'workgroup_id.y', 'write');
  return { body: bodyOf(kernel, false), grid: [pairGroups(kernel), height, 1] };
}

function moveRow(kernel: LineKernel, variable: string, row: string, way: 'read' | 'write'): void {
  const { code, shape, form, tile } = kernel;
  const [, width] = sizes(form);
  const at = (e: string): string => scratchAt(kernel, row, `(${naturalPlace(shape, e)})`, width, 'own');
  if (way === 'read') {
    if (variable === 'v') code.line(`let own = min(pair, ${tile.pairs - 1}u);`);
    writeLines(
      code,
      eachHeld(shape, (e) => [`${variable}[${e}] = ${at(e)};`]),
    );
  } else
    code.block(`if (pair < ${tile.pairs}u)`, (inner) =>
      writeLines(
        inner,
        eachHeld(shape, (e) => [`${at(e)} = ${variable}[${e}];`]),
      ),
    );
}

/** A row and that of the opposite frequencies, which have each other's conjugates. Rows that are their own opposites are done twice over. */
function rowPairs(form: ConvForm, hooks: ConvHooks, tile: number): Templated {
  const kernel = beginLines(form, hooks, tile, 1);
  const { code, shape, functions } = kernel;
  const [height, width] = sizes(form);
  const { radices } = form.shapes[0]!;
  code.line(`let row = ${rowText(kernel)};`);
  code.line(`let frequency = workgroup_id.y;`);
  code.line(`let one = ${positionText(radices, 'frequency')};`);
  code.line(`let counter = (${height}u - frequency) % ${height}u;`);
  code.line(`let other = ${positionText(radices, 'counter')};`);
  for (const name of ['u', 'w', 'x']) code.line(`var ${name} = array<vec2<f32>, ${shape.held}>();`);
  moveRow(kernel, 'v', 'one', 'read');
  moveRow(kernel, 'u', 'other', 'read');
  call(kernel, 'forward');
  call(kernel, 'forward', 'u');
  const place = (e: string): string => spectralPlace(shape, e);
  const opposite = (e: string): string => `fft_opposite_in_row(frequency, ${place(e)})`;
  writeLines(code, exchangeLines(kernel.spec, place, opposite, 'w', 'u'));
  writeLines(code, exchangeLines(kernel.spec, place, opposite, 'x', 'v'));
  multiplyHeld(kernel, 'v', 'w', (e) => `one * ${width}u + ${place(e)}`);
  multiplyHeld(kernel, 'u', 'x', (e) => `other * ${width}u + ${place(e)}`);
  call(kernel, 'inverse');
  call(kernel, 'inverse', 'u');
  moveRow(kernel, 'v', 'one', 'write');
  moveRow(kernel, 'u', 'other', 'write');
  functions.push(oppositeFunction('fft_opposite', shape.radices));
  functions.push(
    [
      // The frequency in the row goes down by one more where the column's frequency is not zero.
      'fn fft_opposite_in_row(frequency: u32, position: u32) -> u32 {',
      `  return select(${width - 1}u - position, fft_opposite(position), frequency == 0u);`,
      '}',
    ].join('\n'),
  );
  return { body: twiceOver(bodyOf(kernel, true)), grid: [pairGroups(kernel), height / 2 + 1, 1] };
}

/** Every function is called twice. */
function twiceOver(body: Templated['body']): Templated['body'] {
  return { ...body, barriers: 2 * body.barriers };
}
