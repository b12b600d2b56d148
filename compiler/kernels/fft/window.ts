// A long convolution in one dispatch: a workgroup transforms the whole window of a few pairs of channels, multiplies and goes back.
import type { NamedKernel } from '../template.ts';
import type { Code } from '../wgsl.ts';
import {
  beginLines,
  bodyOf,
  call,
  type LineKernel,
  multiply,
  pairGroups,
  readPair,
  writeLines,
  writePair,
} from './lines.ts';
import { eachHeld } from './layout.ts';
import type { ConvForm, ConvHooks } from './problem.ts';
import { naturalPlace } from './transform.ts';

export function windowKernels(form: ConvForm, hooks: ConvHooks): readonly NamedKernel[] {
  return form.tiles.map((_, tile) => {
    const kernel = beginLines(form, hooks, tile, 0);
    readPair(kernel);
    readWindow(kernel, kernel.code, (e) => naturalPlace(kernel.shape, e));
    call(kernel, 'forward');
    multiply(kernel);
    call(kernel, 'inverse');
    writePair(kernel);
    writeWindow(kernel, kernel.code, (e) => naturalPlace(kernel.shape, e));
    const body = bodyOf(kernel, form.spectra.differences);
    return [form.tiles.length === 1 ? '' : `tile ${tile + 1}`, { body, grid: [pairGroups(kernel), 1, 1] }];
  });
}

/** Reads the window's numbers at these indices. */
export function readWindow(
  { form, hooks, shape }: LineKernel,
  code: Code,
  indexOf: (element: string) => string,
): void {
  const from = code.let('from', `i32(${hooks.start})${form.past === 0 ? '' : ` - ${form.past}`}`);
  writeLines(
    code,
    eachHeld(shape, (e) => [`v[${e}] = fft_read(pair, ${from} + i32(${indexOf(e)}));`]),
  );
}

/** Finishes the window's numbers at these indices; those before the first wanted position wrap around to tokens that no run has. */
export function writeWindow(
  { form, shape }: LineKernel,
  code: Code,
  indexOf: (element: string) => string,
): void {
  const before = form.past === 0 ? '' : ` - ${form.past}u`;
  writeLines(
    code,
    eachHeld(shape, (e) => [`fft_write(pair, ${indexOf(e)}${before}, v[${e}]);`]),
  );
}
