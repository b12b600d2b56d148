// The walk of the state over the chunks: one workgroup for each head and tile of its columns, in segments that go in parallel where there
// are any. All that a chunk's tokens find, and all that they add, is a product with vectors that were prepared.
import { carriedAt } from './chunk-carry.ts';
import { chunkLayout, type ChunkLayout, keyQuads, rowsOf, sourcesOf } from './chunk-sizes.ts';
import { stepToken } from './chunk-prepare.ts';
import type { ChunkSpec } from './chunk-spec.ts';
import { foldedIndex, foldGrid } from './contract.ts';
import type { Target, Templated } from './template.ts';
import { counted, forEachItem, names, sharedFloats } from './text.ts';
import { Code } from './wgsl.ts';

const WALK_NAMES = [
  'state',
  'written',
  'count',
  'head',
  'first_value',
  'chunk',
  'base',
  'first_token',
] as const;

interface WalkKernel {
  readonly spec: ChunkSpec;
  readonly layout: ChunkLayout;
  /** Virtual tokens of a chunk, and real ones. */
  readonly tokens: number;
  readonly whole: number;
  readonly columns: number;
  readonly rows: number;
  readonly sources: number;
  readonly quads: number;
  readonly at: Readonly<Record<(typeof WALK_NAMES)[number], string>>;
}

/** `results`: what every token finds, and the state after the run. `local`: what each segment adds to the state, for the carry. */
export function walkChunks(spec: ChunkSpec, target: Target, what: 'results' | 'local'): Templated {
  const { shape, tuning } = spec;
  const { columns, workgroup } = tuning.walk;
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...spec.reserved]);
  const kernel: WalkKernel = {
    spec,
    layout: chunkLayout(shape, tuning.tokens),
    tokens: tuning.tokens,
    whole: tuning.whole,
    columns,
    rows: rowsOf(shape),
    sources: sourcesOf(shape),
    quads: keyQuads(shape),
    at: names(code, WALK_NAMES),
  };
  const tiles = Math.ceil(shape.values / columns);
  const [width, folds] = foldGrid(shape.heads * tiles, target);
  writeWalk(code, kernel, foldedIndex([width, folds, 1]), tiles, what);
  return {
    body: {
      workgroup: [workgroup, 1, 1],
      shared: [
        sharedFloats(kernel.at.state, 4 * kernel.quads * columns),
        sharedFloats(kernel.at.written, kernel.sources * kernel.tokens * columns),
      ],
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers: (32 / tuning.whole) * (what === 'results' ? 3 : 2),
      functions: [],
      code,
    },
    grid: [width, folds, spec.segment === undefined ? 1 : { tile: spec.segment, times: 1 }],
  };
}

function writeWalk(
  code: Code,
  kernel: WalkKernel,
  workgroup: string,
  tiles: number,
  what: 'results' | 'local',
): void {
  const { spec, at, whole, columns, layout } = kernel;
  const { heads } = spec.shape;
  code.line(`let ${at.count} = ${spec.tokens.count};`);
  code.line(`let ${at.head} = ${tiles === 1 ? workgroup : `${workgroup} / ${tiles}u`};`);
  code.line(`let ${at.first_value} = ${tiles === 1 ? '0u' : `${workgroup} % ${tiles}u * ${columns}u`};`);
  readState(code, kernel, what);
  const chunks = `(${at.count} + ${whole - 1}u) / ${whole}u`;
  const per = spec.segment === undefined ? 0 : spec.segment / whole;
  const start = per === 0 ? '0u' : `workgroup_id.z * ${per}u`;
  const end = code.let('end', per === 0 ? chunks : `min(${start} + ${per}u, ${chunks})`);
  code.block(`for (var ${at.chunk} = ${start}; ${at.chunk} < ${end}; ${at.chunk}++)`, (chunk) => {
    chunk.line(`let ${at.first_token} = ${at.chunk} * ${whole}u;`);
    chunk.line(`let ${at.base} = (${at.chunk} * ${heads}u + ${at.head}) * ${layout.size}u;`);
    writeValues(chunk, kernel);
    chunk.line('workgroupBarrier();');
    if (what === 'results') {
      writeLooks(chunk, kernel);
      chunk.line('workgroupBarrier();');
    }
    writeUpdate(chunk, kernel);
    chunk.line('workgroupBarrier();');
  });
  if (what === 'local') storeLocal(code, kernel);
  else if (spec.segment === undefined) storeState(code, kernel);
}

/** One quad of keys of one column of the state, spread over the invocations; neighbours have neighbouring columns. */
function forEachQuad(
  code: Code,
  { spec, quads, columns }: WalkKernel,
  body: (inner: Code, quad: string, column: string) => void,
): void {
  forEachItem(code, spec.tuning.walk.workgroup, quads * columns, (inner, item) =>
    body(inner, inner.let('quad', `${item} / ${columns}u`), inner.let('column', `${item} % ${columns}u`)),
  );
}

/** Where the four keys of a quad are in workgroup memory. */
function placesOf({ columns }: WalkKernel, quad: string, column: string): readonly string[] {
  return counted(4, (lane) => `(${quad} * 4u + ${lane}u) * ${columns}u + ${column}`);
}

function stateQuad({ at }: WalkKernel, places: readonly string[]): string {
  return `vec4<f32>(${places.map((place) => `${at.state}[${place}]`).join(', ')})`;
}

function valueAt(
  code: Code,
  { spec, at, columns }: WalkKernel,
  column: string,
): { value: string; inside?: string } {
  const { values } = spec.shape;
  const raw = code.let('value', `${at.first_value} + ${column}`);
  if (values % columns === 0) return { value: raw };
  return { value: code.let('value', `min(${raw}, ${values - 1}u)`), inside: `${raw} < ${values}u` };
}

/** Zero for what the segments add; what is carried into the segment; or the state as it was left. Keys past the last are zero. */
function readState(code: Code, kernel: WalkKernel, what: 'results' | 'local'): void {
  const { spec, at } = kernel;
  const { keys } = spec.shape;
  forEachQuad(code, kernel, (inner, quad, column) => {
    const places = placesOf(kernel, quad, column);
    if (what === 'local') return void places.forEach((place) => inner.line(`${at.state}[${place}] = 0.0;`));
    const { value } = valueAt(inner, kernel, column);
    if (spec.segment !== undefined) {
      const held = inner.let(
        'held',
        `${spec.scratch}[${carriedAt(spec, 'workgroup_id.z', at.head, quad, value)}]`,
      );
      return void places.forEach((place, lane) =>
        inner.line(`${at.state}[${place}] = ${held}.${'xyzw'[lane]};`),
      );
    }
    places.forEach((place, lane) => {
      const raw = inner.let('key', `${quad} * 4u + ${lane}u`);
      const whole = keys % 4 === 0;
      const key = whole ? raw : inner.let('key', `min(${raw}, ${keys - 1}u)`);
      const held = spec.stateRead(inner, at.head, key, value);
      inner.line(`${at.state}[${place}] = ${whole ? held : `select(0.0, ${held}, ${raw} < ${keys}u)`};`);
    });
  });
}

/** What the chunk's tokens write; past the run nothing. */
function writeValues(code: Code, kernel: WalkKernel): void {
  const { spec, at, tokens, whole, columns } = kernel;
  const { corrections } = spec.shape;
  forEachItem(code, spec.tuning.walk.workgroup, whole * columns, (inner, item) => {
    const own = inner.let('own', `${item} / ${columns}u`);
    const column = inner.let('column', `${item} % ${columns}u`);
    const raw = inner.let('token', `${at.first_token} + ${own}`);
    const token = inner.let('token', `min(${raw}, ${at.count} - 1u)`);
    const { value } = valueAt(inner, kernel, column);
    bindSums(inner, kernel, own);
    spec.steps.forEach(({ writes }, step) =>
      writes.forEach((write, i) => {
        const text = write?.v(inner, token, at.head, value) ?? '0.0';
        const t = `${(corrections + i) * tokens}u + ${stepToken(own, step, spec.steps.length)}`;
        inner.line(
          `${at.written}[(${t}) * ${columns}u + ${column}] = select(0.0, ${text}, ${raw} < ${at.count});`,
        );
      }),
    );
    unbindSums(kernel);
  });
}

/** Sums that were prepared are at hand for the coefficients of a token of the chunk. */
function bindSums(code: Code, { spec, at, layout, whole }: WalkKernel, own: string): void {
  spec.sums.forEach((_, i) => {
    const place = code.let('place', `${i * whole}u + ${own}`);
    spec.bindSum(
      i,
      code.let('sum', `${spec.scratch}[${at.base} + ${layout.sums}u + ${place} / 4u][${place} % 4u]`),
    );
  });
}

function unbindSums({ spec }: WalkKernel): void {
  spec.sums.forEach((_, i) => spec.bindSum(i, undefined));
}

/** What the vectors of a few tokens find in one column: in the state before the chunk, and in what the chunk's tokens write. */
function writeLooks(code: Code, kernel: WalkKernel): void {
  const { spec, at, layout, tokens, columns, rows, quads } = kernel;
  const { group, workgroup } = spec.tuning.walk;
  const { corrections, writes } = spec.shape;
  forEachItem(code, workgroup, (tokens / group) * columns, (inner, item) => {
    const column = inner.let('column', `${item} % ${columns}u`);
    const first = inner.let(
      'first',
      group === 1 ? `${item} / ${columns}u` : `${item} / ${columns}u * ${group}u`,
    );
    const sums = counted(rows, () => counted(group, () => inner.fresh('sum')));
    for (const sum of sums.flat()) inner.line(`var ${sum} = 0.0;`);
    const each = (body: Code, held: string, start: number, quad: string, per: number): void =>
      sums.forEach((own, row) =>
        own.forEach((sum, g) => {
          const place = `${at.base} + ${start}u + (${row * tokens}u + ${first} + ${g}u) * ${per}u + ${quad}`;
          body.line(`${sum} += dot(${spec.scratch}[${place}], ${held});`);
        }),
      );
    inner.loop(inner.fresh('quad'), quads, (body, quad) =>
      each(
        body,
        body.let('held', stateQuad(kernel, placesOf(kernel, quad, column))),
        layout.rows,
        quad,
        quads,
      ),
    );
    const per = (writes * tokens) / 4;
    const quad = inner.fresh('quad');
    // Of a single write, later tokens are not seen.
    const end = writes === 1 ? `(${first} + ${group + 3}u) / 4u` : `${per}u`;
    inner.block(`for (var ${quad} = 0u; ${quad} < ${end}; ${quad}++)`, (body) => {
      const places = counted(
        4,
        (lane) => `(${corrections * tokens + lane}u + ${quad} * 4u) * ${columns}u + ${column}`,
      );
      const held = body.let(
        'held',
        `vec4<f32>(${places.map((place) => `${at.written}[${place}]`).join(', ')})`,
      );
      each(body, held, layout.pairs, quad, per);
    });
    sums
      .slice(0, corrections)
      .forEach((own, row) =>
        own.forEach((sum, g) =>
          inner.line(`${at.written}[(${row * tokens + g}u + ${first}) * ${columns}u + ${column}] = ${sum};`),
        ),
      );
    counted(group, (g) =>
      writeResult(
        inner,
        kernel,
        `${first} + ${g}u`,
        column,
        sums.slice(corrections).map((own) => own[g] ?? '0.0'),
      ),
    );
  });
}

/** Results are read at the last step of a token. */
function writeResult(
  code: Code,
  kernel: WalkKernel,
  t: string,
  column: string,
  rows: readonly string[],
): void {
  const { spec, at } = kernel;
  const steps = spec.steps.length;
  const virtual = code.let('t', t);
  const own = steps === 1 ? virtual : code.let('own', `${virtual} / ${steps}u`);
  const token = code.let('token', `${at.first_token} + ${own}`);
  const { value, inside } = valueAt(code, kernel, column);
  const guards = [
    ...(steps === 1 ? [] : [`${virtual} % ${steps}u == ${steps - 1}u`]),
    `${token} < ${at.count}`,
    ...(inside === undefined ? [] : [inside]),
  ];
  code.block(`if (${guards.join(' && ')})`, (body) => {
    bindSums(body, kernel, own);
    spec.finish(body, token, at.head, value, rows);
    unbindSums(kernel);
  });
}

/** The state after the chunk: what is left of it, and what the chunk's tokens add. */
function writeUpdate(code: Code, kernel: WalkKernel): void {
  const { spec, at, layout, tokens, columns, sources, quads } = kernel;
  const { decay } = spec.shape;
  forEachQuad(code, kernel, (inner, quad, column) => {
    const places = placesOf(kernel, quad, column);
    const value = inner.fresh('value');
    const left = `${spec.scratch}[${at.base} + ${layout.decay}u${decay === 'key' ? ` + ${quad}` : ''}]`;
    inner.line(`var ${value} = ${stateQuad(kernel, places)}${decay === 'none' ? '' : ` * ${left}`};`);
    inner.loop(inner.fresh('t'), sources * tokens, (step, t) =>
      step.line(
        `${value} += ${spec.scratch}[${at.base} + ${layout.sources}u + ${t} * ${quads}u + ${quad}] * ${at.written}[${t} * ${columns}u + ${column}];`,
      ),
    );
    places.forEach((place, lane) => inner.line(`${at.state}[${place}] = ${value}.${'xyzw'[lane]};`));
  });
}

function storeState(code: Code, kernel: WalkKernel): void {
  const { spec, at } = kernel;
  const { keys } = spec.shape;
  forEachQuad(code, kernel, (inner, quad, column) => {
    const { value, inside } = valueAt(inner, kernel, column);
    placesOf(kernel, quad, column).forEach((place, lane) => {
      const key = inner.let('key', `${quad} * 4u + ${lane}u`);
      const guards = [
        ...(keys % 4 === 0 ? [] : [`${key} < ${keys}u`]),
        ...(inside === undefined ? [] : [inside]),
      ];
      const store = (body: Code): void => spec.stateWrite(body, at.head, key, value, `${at.state}[${place}]`);
      if (guards.length === 0) store(inner);
      else inner.block(`if (${guards.join(' && ')})`, store);
    });
  });
}

function storeLocal(code: Code, kernel: WalkKernel): void {
  const { spec, at } = kernel;
  forEachQuad(code, kernel, (inner, quad, column) => {
    const { value, inside } = valueAt(inner, kernel, column);
    const held = stateQuad(kernel, placesOf(kernel, quad, column));
    const store = (body: Code): void =>
      void body.line(
        `${spec.scratch}[${carriedAt(spec, 'workgroup_id.z', at.head, quad, value)}] = ${held};`,
      );
    if (inside === undefined) store(inner);
    else inner.block(`if (${inside})`, store);
  });
}
