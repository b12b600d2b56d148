// A recurrence in chunks of tokens: one workgroup for each head and tile of value columns keeps its part of the state in workgroup
// memory, and walks over the chunks. Decays are multiplied, never divided by, so whatever is at most 1 stays so.
import { writeChunkInputs, writeSlice } from './chunked-stage.ts';
import { writeParts, writePairSums, writeReadSums } from './chunked-sums.ts';
import { CHUNKED_NAMES, type ChunkedKernel, type ChunkedSpec, shapeOf } from './chunked-spec.ts';
import { CHUNK_TOKENS, chunkedTuning, decayElements } from './chunked-tuning.ts';
import { foldedIndex, foldGrid } from './contract.ts';
import type { Target, Templated } from './template.ts';
import { forEachItem, names, sharedFloats } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

/** Nothing where the state's columns or the vectors of a chunk do not fit workgroup memory. */
export function chunkedScan(spec: ChunkedSpec, target: Target): Templated | undefined {
  const shape = shapeOf(spec);
  const tuning = chunkedTuning(shape, target);
  if (tuning === undefined) return undefined;
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...spec.reserved]);
  const kernel: ChunkedKernel = { spec, tuning, shape, at: names(code, CHUNKED_NAMES) };
  const tiles = Math.ceil(spec.values / tuning.columns);
  const grid = foldGrid(spec.heads * tiles, target);
  writeCoordinates(code, kernel, foldedIndex(grid), tiles);
  writeChunks(code, kernel);
  return {
    body: {
      workgroup: [tuning.workgroup, 1, 1],
      shared: sharedVariables(kernel),
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers: (32 / CHUNK_TOKENS) * barriersOf(kernel),
      functions: [],
      code,
    },
    grid,
  };
}

function sharedVariables({ at, tuning, shape }: ChunkedKernel): readonly SharedVariable[] {
  const { columns, slice } = tuning;
  const decays = decayElements(shape, slice);
  return [
    sharedFloats(at.state, shape.keys * columns),
    sharedFloats(at.row_tile, shape.rows * CHUNK_TOKENS * slice),
    sharedFloats(at.source_tile, shape.sources * CHUNK_TOKENS * slice),
    ...(decays === 0 ? [] : [sharedFloats(at.decays, decays)]),
    sharedFloats(at.pairs, shape.rows * shape.sources * CHUNK_TOKENS * CHUNK_TOKENS),
    sharedFloats(at.found, shape.rows * CHUNK_TOKENS * columns),
    sharedFloats(at.written, shape.sources * CHUNK_TOKENS * columns),
  ];
}

function barriersOf({ tuning, spec }: ChunkedKernel): number {
  const { slices, pairParts, readParts } = tuning;
  const solving = spec.corrections.length > 0 ? 1 : 0;
  return 2 * slices + Math.max(pairParts, readParts) + solving + (slices > 1 ? 2 * slices : 1);
}

/** Which pair of tokens and which column of the state an invocation sums for. */
function writeCoordinates(code: Code, kernel: ChunkedKernel, workgroup: string, tiles: number): void {
  const { spec, tuning, shape, at } = kernel;
  const { columns } = tuning;
  const own = 'local_invocation_index';
  const pairs = shape.rows * shape.sources * CHUNK_TOKENS;
  const isAfter = (row: string): string =>
    spec.after.length === 0
      ? 'false'
      : spec.before.length === 0
        ? 'true'
        : `${row} >= ${spec.before.length}u`;
  code.line(`let ${at.count} = ${spec.tokens.count};`);
  code.line(`let ${at.head} = ${tiles === 1 ? workgroup : `${workgroup} / ${tiles}u`};`);
  code.line(`let ${at.first_value} = ${tiles === 1 ? '0u' : `${workgroup} % ${tiles}u * ${columns}u`};`);
  code.line(`let ${at.pair} = ${own} % ${pairs}u;`);
  code.line(`let ${at.pair_part} = ${own} / ${pairs}u;`);
  code.line(`let ${at.source_token} = ${at.pair} % ${CHUNK_TOKENS}u;`);
  code.line(`let ${at.pair_after} = ${isAfter(`${at.pair} / ${CHUNK_TOKENS * shape.sources}u`)};`);
  code.line(`let ${at.column} = ${own} % ${columns}u;`);
  code.line(`let ${at.row} = ${own} / ${columns}u % ${shape.rows}u;`);
  code.line(`let ${at.read_part} = ${own} / ${columns * shape.rows}u;`);
  code.line(`let ${at.read_after} = ${isAfter(at.row)};`);
}

function writeChunks(code: Code, kernel: ChunkedKernel): void {
  const { spec, at, tuning } = kernel;
  forEachState(code, kernel, (inner, { item, key, value }) =>
    inner.line(`${at.state}[${item}] = ${spec.stateRead(inner, at.head, key, value)};`),
  );
  const head = `for (var ${at.first_token} = 0u; ${at.first_token} < ${at.count}; ${at.first_token} += ${CHUNK_TOKENS}u)`;
  code.block(head, (chunk) => {
    writeChunkInputs(chunk, kernel);
    // A variable of a loop is zero only in its first round on some drivers, whatever WGSL says.
    chunk.line(`var ${at.pair_sums} = array<f32, ${CHUNK_TOKENS}>();`);
    chunk.line(`var ${at.read_sums} = array<f32, ${CHUNK_TOKENS}>();`);
    forEachSlice(chunk, kernel, (slice, firstKey) => {
      writeSlice(slice, kernel, firstKey, true);
      slice.line('workgroupBarrier();');
      writePairSums(slice, kernel);
      writeReadSums(slice, kernel, firstKey);
      slice.line('workgroupBarrier();');
    });
    writeParts(chunk, kernel);
    if (spec.corrections.length > 0) writeCorrections(chunk, kernel);
    writeResults(chunk, kernel);
    forEachSlice(chunk, kernel, (slice, firstKey) => {
      // Of a single slice the tiles are still there.
      if (tuning.slices > 1) {
        writeSlice(slice, kernel, firstKey, false);
        slice.line('workgroupBarrier();');
      }
      writeUpdate(slice, kernel, firstKey);
      slice.line('workgroupBarrier();');
    });
  });
  forEachState(code, kernel, (inner, { item, key, value, guard }) => {
    const store = (body: Code): void => spec.stateWrite(body, at.head, key, value, `${at.state}[${item}]`);
    if (guard === '') store(inner);
    else inner.block(`if (${guard})`, store);
  });
}

interface StateElement {
  readonly item: string;
  readonly key: string;
  /** The last value again where the tile has more columns than there are. */
  readonly value: string;
  /** A condition under which the column is there, or nothing if it always is. */
  readonly guard: string;
}

function forEachState(
  code: Code,
  { spec, tuning, at }: ChunkedKernel,
  body: (inner: Code, element: StateElement) => void,
): void {
  const { columns, workgroup } = tuning;
  forEachItem(code, workgroup, spec.keys * columns, (inner, item) => {
    const key = inner.let('key', `${item} / ${columns}u`);
    const raw = inner.let('value', `${at.first_value} + ${item} % ${columns}u`);
    const whole = spec.values % columns === 0;
    const value = whole ? raw : inner.let('value', `min(${raw}, ${spec.values - 1}u)`);
    body(inner, { item, key, value, guard: whole ? '' : `${raw} < ${spec.values}u` });
  });
}

function forEachSlice(
  code: Code,
  { tuning }: ChunkedKernel,
  body: (inner: Code, firstKey: string) => void,
): void {
  if (tuning.slices === 1) body(code, '0u');
  else
    code.loop(code.fresh('slice'), tuning.slices, (inner, slice) =>
      body(inner, inner.let('first_key', `${slice} * ${tuning.slice}u`)),
    );
}

/** Forward substitution: what a token's corrections find depends on what earlier tokens of the chunk wrote. */
function writeCorrections(code: Code, kernel: ChunkedKernel): void {
  const { spec, tuning, at } = kernel;
  const { columns } = tuning;
  code.block(`if (local_invocation_index < ${columns}u)`, (body) =>
    body.loop(body.fresh('t'), CHUNK_TOKENS, (step, t) =>
      spec.corrections.forEach((_, row) => {
        const place = `(${row * CHUNK_TOKENS}u + ${t}) * ${columns}u + ${at.column}`;
        const sum = writeRow(step, kernel, row, t, t, at.column);
        step.line(`${at.written}[${place}] = ${sum};`);
      }),
    ),
  );
  code.line('workgroupBarrier();');
}

/** What the vector of `row` finds at token `t`: in the state before the chunk, and in what tokens before `end` wrote. */
function writeRow(
  code: Code,
  { shape, tuning, at }: ChunkedKernel,
  row: number,
  t: string,
  end: string,
  column: string,
): string {
  const { columns } = tuning;
  const sum = code.fresh('sum');
  code.line(`var ${sum} = ${at.found}[(${row * CHUNK_TOKENS}u + ${t}) * ${columns}u + ${column}];`);
  const s = code.fresh('s');
  code.block(`for (var ${s} = 0u; ${s} < ${end}; ${s}++)`, (inner) => {
    for (let source = 0; source < shape.sources; source++) {
      const pair = `${at.pairs}[(${(row * shape.sources + source) * CHUNK_TOKENS}u + ${s}) * ${CHUNK_TOKENS}u + ${t}]`;
      const written = `${at.written}[(${source * CHUNK_TOKENS}u + ${s}) * ${columns}u + ${column}]`;
      inner.line(`${sum} += ${pair} * ${written};`);
    }
  });
  return sum;
}

function writeResults(code: Code, kernel: ChunkedKernel): void {
  const { spec, tuning, shape, at } = kernel;
  const { columns, workgroup } = tuning;
  forEachItem(code, workgroup, CHUNK_TOKENS * columns, (inner, item) => {
    const t = inner.let('t', `${item} / ${columns}u`);
    const token = inner.let('token', `${at.first_token} + ${t}`);
    const column = inner.let('column', `${item} % ${columns}u`);
    const value = inner.let('value', `${at.first_value} + ${column}`);
    const whole = spec.values % columns === 0;
    inner.block(`if (${token} < ${at.count}${whole ? '' : ` && ${value} < ${spec.values}u`})`, (body) => {
      const rows: string[] = [];
      for (let row = spec.corrections.length; row < shape.rows; row++)
        rows.push(writeRow(body, kernel, row, t, `${t} + 1u`, column));
      spec.finish(body, token, at.head, value, rows);
    });
  });
}

/** The state after the chunk, element by element: once all that is written is known, a walk over the tokens. */
function writeUpdate(code: Code, kernel: ChunkedKernel, firstKey: string): void {
  const { spec, tuning, shape, at } = kernel;
  const { columns, slice, workgroup } = tuning;
  forEachItem(code, workgroup, slice * columns, (inner, item) => {
    const own = inner.let('own', `${item} / ${columns}u`);
    const column = inner.let('column', `${item} % ${columns}u`);
    const update = (body: Code): void => {
      const place = `(${firstKey} + ${own}) * ${columns}u + ${column}`;
      const value = body.fresh('value');
      body.line(`var ${value} = ${at.state}[${place}];`);
      body.loop(body.fresh('t'), CHUNK_TOKENS, (step, t) => {
        if (shape.decay === 'head') step.line(`${value} *= ${at.decays}[${t}];`);
        if (shape.decay === 'key') step.line(`${value} *= ${at.decays}[${t} * ${slice}u + ${own}];`);
        for (let source = 0; source < shape.sources; source++) {
          const base = `(${source * CHUNK_TOKENS}u + ${t})`;
          const along = `${at.source_tile}[${base} * ${slice}u + ${own}]`;
          step.line(`${value} += ${along} * ${at.written}[${base} * ${columns}u + ${column}];`);
        }
      });
      body.line(`${at.state}[${place}] = ${value};`);
    };
    if (spec.keys % slice === 0) update(inner);
    else inner.block(`if (${firstKey} + ${own} < ${spec.keys}u)`, update);
  });
}
