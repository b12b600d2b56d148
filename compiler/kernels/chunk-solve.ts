// Forward substitution in a chunk: what a token's corrections find depends on what earlier corrections of the chunk have added. It is solved
// once for all columns of the state, so that a walk of the state has nothing to solve.
import type { PrepareKernel } from './chunk-prepare.ts';
import { forEachItem } from './text.ts';
import type { Code } from './wgsl.ts';

export function writeSolution(code: Code, kernel: PrepareKernel): void {
  const { spec } = kernel;
  const { workgroup } = spec.tuning.prepare;
  forEachItem(code, workgroup, spec.shape.writes * kernel.tokens, (inner, item) =>
    solvePairs(inner, kernel, item),
  );
  code.line('// Other invocations have stored the vectors.').line('storageBarrier();');
  forEachItem(code, workgroup, kernel.quads, (inner, quad) => solveRows(inner, kernel, quad));
  code.line('workgroupBarrier();');
}

/** The pair of a row at token `t` and a source at token `s`. */
function pairAt(
  { at, tokens, sources }: PrepareKernel,
  row: string,
  source: string,
  s: string,
  t: string,
): string {
  return `${at.pairs}[((${row} * ${sources}u + ${source}) * ${tokens}u + ${s}) * ${tokens}u + ${t}]`;
}

/** What each token finds of one write, in place: one invocation for each write and its token. */
function solvePairs(code: Code, kernel: PrepareKernel, item: string): void {
  const { spec, tokens, rows } = kernel;
  const { corrections, writes } = spec.shape;
  const source = code.let('written', `${corrections}u${writes === 1 ? '' : ` + ${item} / ${tokens}u`}`);
  const s = code.let('s', writes === 1 ? item : `${item} % ${tokens}u`);
  const solve = (inner: Code, row: string, t: string, end: string): void => {
    const place = pairAt(kernel, row, source, s, t);
    const sum = inner.fresh('sum');
    inner.line(`var ${sum} = ${place};`);
    const earlier = inner.fresh('earlier');
    inner.block(`for (var ${earlier} = 0u; ${earlier} < ${end}; ${earlier}++)`, (body) => {
      for (let i = 0; i < corrections; i++)
        body.line(
          `${sum} += ${pairAt(kernel, row, `${i}u`, earlier, t)} * ${pairAt(kernel, `${i}u`, source, s, earlier)};`,
        );
    });
    inner.line(`${place} = ${sum};`);
  };
  code.loop(code.fresh('t'), tokens, (inner, t) => {
    for (let row = 0; row < corrections; row++) solve(inner, `${row}u`, t, t);
  });
  code.loop(code.fresh('t'), tokens, (inner, t) => {
    for (let row = corrections; row < rows; row++) solve(inner, `${row}u`, t, `${t} + 1u`);
  });
}

/** What each token finds in the state before the chunk, in place: one invocation for each quad of keys. */
function solveRows(code: Code, kernel: PrepareKernel, quad: string): void {
  const { spec, at, layout, tokens, rows, quads } = kernel;
  const { corrections } = spec.shape;
  const solved = code.fresh('solved');
  code.line(`var ${solved} = array<vec4<f32>, ${corrections * tokens}>();`);
  const solve = (inner: Code, row: number, t: string, end: string, keep: boolean): void => {
    const place = inner.let(
      'place',
      `${at.base} + ${layout.rows}u + (${row * tokens}u + ${t}) * ${quads}u + ${quad}`,
    );
    const sum = inner.fresh('sum');
    inner.line(`var ${sum} = ${spec.scratch}[${place}];`);
    const earlier = inner.fresh('earlier');
    inner.block(`for (var ${earlier} = 0u; ${earlier} < ${end}; ${earlier}++)`, (body) => {
      for (let i = 0; i < corrections; i++)
        body.line(
          `${sum} += ${pairAt(kernel, `${row}u`, `${i}u`, earlier, t)} * ${solved}[${i * tokens}u + ${earlier}];`,
        );
    });
    inner.line(`${spec.scratch}[${place}] = ${sum};`);
    if (keep) inner.line(`${solved}[${row * tokens}u + ${t}] = ${sum};`);
  };
  code.loop(code.fresh('t'), tokens, (inner, t) => {
    for (let row = 0; row < corrections; row++) solve(inner, row, t, t, true);
  });
  code.loop(code.fresh('t'), tokens, (inner, t) => {
    for (let row = corrections; row < rows; row++) solve(inner, row, t, `${t} + 1u`, false);
  });
}

/** Stores what tokens find of writes: for each row and token, quads of the writes' tokens. */
export function writePairs(code: Code, kernel: PrepareKernel): void {
  const { spec, at, layout, tokens, rows } = kernel;
  const { corrections, writes } = spec.shape;
  const per = (writes * tokens) / 4;
  forEachItem(code, spec.tuning.prepare.workgroup, rows * tokens * per, (inner, item) => {
    const row = inner.let('row', `${item} / ${tokens * per}u`);
    const t = inner.let('t', `${item} / ${per}u % ${tokens}u`);
    const first = inner.let('first', `${item} % ${per}u * 4u`);
    const source = inner.let('source', `${corrections}u + ${first} / ${tokens}u`);
    const s = inner.let('s', `${first} % ${tokens}u`);
    const quad = [0, 1, 2, 3].map((lane) => pairAt(kernel, row, source, `(${s} + ${lane}u)`, t));
    inner.line(`${spec.scratch}[${at.base} + ${layout.pairs}u + ${item}] = vec4<f32>(${quad.join(', ')});`);
  });
}
