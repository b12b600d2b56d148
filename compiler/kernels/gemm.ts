// The product of a matrix and many tokens (prefill): tiles in workgroup memory, 4 × 4 sums in each invocation.
import { checkContract, quadsOf, type GemmSpec } from './contract.ts';
import {
  gemmTuning,
  PADDING,
  PER_INVOCATION,
  STAGE_QUADS,
  tileBytes,
  type GemmTuning,
} from './gemm-tuning.ts';
import { counted } from './text.ts';
import type { Target, Templated } from './template.ts';
import { Code, type SharedVariable } from './wgsl.ts';

/** Everything the parts below share. */
interface Gemm {
  readonly spec: GemmSpec;
  readonly tuning: GemmTuning;
  readonly invocations: number;
  readonly inputs: Tile;
  readonly weights: Tile;
  readonly names: Names;
}

/** Four quads of the depth of so many tokens or rows, in workgroup memory as [quad][token or row]. */
interface Tile {
  /** One workgroup variable; of the weights one per stream. */
  readonly memories: readonly string[];
  readonly pitch: number;
  /** What this invocation brings to the tile in every stage. */
  readonly loads: readonly Load[];
}

interface Load {
  /** vec4 variables that hold the next stage's quad, one for each of the tile's memories. */
  readonly held: readonly string[];
  /** Place in the tile. */
  readonly place: string;
  /** The token or row to read, clamped to the last. */
  readonly source: string;
  /** The quad within the stage. */
  readonly quad: string;
}

interface Names {
  /** Where this invocation's rows begin in the tile; they are a quarter of the tile apart, so that neighbours have neighbouring rows. */
  readonly column: string;
  /** Where its four neighbouring tokens begin in the tile. */
  readonly line: string;
  readonly firstToken: string;
  readonly firstRow: string;
  /** vec4 variables: [stream][token of the invocation], one component per row of the invocation. */
  readonly sums: readonly (readonly string[])[];
  /** Whether any of its tokens is in the run; the others' products are skipped, since short runs leave most of a tile empty. */
  readonly isLive: string;
}

const COMPONENTS = ['x', 'y', 'z', 'w'] as const;

/**
 * `finish(token, row, Σ_depth weight[row][depth] · input[token][depth])` for every row and each of the run's tokens. Workgroup x is the
 * tile of tokens and y that of rows, so that neighbours read the same weights. Tokens and rows past the last are computed from what
 * lies there or from the last, and thrown away. The next stage's quads are loaded while this stage's are used.
 */
export function gemm(spec: GemmSpec, target: Target, tuning = gemmTuning(spec, target)): Templated {
  checkContract(spec);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const kernel = declare(code, spec, tuning);
  const stages = Math.ceil(quadsOf(spec.depth) / STAGE_QUADS);
  const blocks = Math.ceil(spec.rows / tuning.rows);
  if (blocks > target.maxWorkgroupsPerDimension) throw new Error(`internal: ${spec.rows} rows fit no grid`);
  writeStages(code, kernel, stages);
  writeResults(code, kernel);
  const body = {
    workgroup: [kernel.invocations, 1, 1],
    shared: [kernel.inputs, kernel.weights].flatMap(tileMemory),
    builtins: ['workgroup_id', 'local_invocation_index'],
    features: [],
    barriers: stages > 1 ? 2 * stages : 1,
    functions: [],
    code,
  } as const;
  if (tileBytes(tuning, spec.streams) > target.maxSharedBytes)
    throw new Error('internal: the tiles of a product do not fit the workgroup memory');
  return { body, grid: [{ tile: tuning.tokens, times: 1 }, blocks, 1] };
}

function tileMemory({ memories, pitch }: Tile): readonly SharedVariable[] {
  const length = STAGE_QUADS * pitch;
  return memories.map((name) => ({ name, type: `array<vec4<f32>, ${length}>`, bytes: 16 * length }));
}

function declare(code: Code, spec: GemmSpec, tuning: GemmTuning): Gemm {
  const invocations = (tuning.tokens * tuning.rows) / PER_INVOCATION ** 2;
  const columns = tuning.rows / PER_INVOCATION;
  const places = {
    column: code.let('column', `local_invocation_index % ${columns}u`),
    line: code.let('line', `local_invocation_index / ${columns}u * ${PER_INVOCATION}u`),
    firstToken: code.let('first_token', `workgroup_id.x * ${tuning.tokens}u`),
    firstRow: code.let('first_row', `workgroup_id.y * ${tuning.rows}u`),
  };
  const tile = (hint: string, copies: number, size: number, first: string, count: number): Tile => ({
    memories: counted(copies, () => code.fresh(`${hint}_tile`)),
    pitch: size + PADDING,
    loads: counted((size * STAGE_QUADS) / invocations, (pass) =>
      declareLoad(code, { hint, copies, pitch: size + PADDING, first, count }, pass * invocations),
    ),
  });
  const inputs = tile('input', 1, tuning.tokens, places.firstToken, spec.tokens.maximum);
  const weights = tile('weight', spec.streams, tuning.rows, places.firstRow, spec.rows);
  const sums = counted(spec.streams, () => counted(PER_INVOCATION, () => variable(code, 'sum')));
  const isLive = code.let('is_live', `${places.firstToken} + ${places.line} < ${spec.tokens.count}`);
  return { spec, tuning, invocations, inputs, weights, names: { ...places, sums, isLive } };
}

interface LoadShape {
  readonly hint: string;
  readonly copies: number;
  readonly pitch: number;
  /** The tile's first token or row, and how many there are in all. */
  readonly first: string;
  readonly count: number;
}

function declareLoad(code: Code, shape: LoadShape, offset: number): Load {
  const { hint, copies, pitch, first, count } = shape;
  const item = offset === 0 ? 'local_invocation_index' : `(local_invocation_index + ${offset}u)`;
  const quad = code.let(`${hint}_quad`, `${item} % ${STAGE_QUADS}u`);
  const at = code.let(`${hint}_at`, `${item} / ${STAGE_QUADS}u`);
  return {
    quad,
    place: code.let(`${hint}_place`, `${quad} * ${pitch}u + ${at}`),
    source: code.let(`${hint}_source`, `min(${first} + ${at}, ${count - 1}u)`),
    held: counted(copies, () => variable(code, `next_${hint}`)),
  };
}

function variable(code: Code, hint: string): string {
  const name = code.fresh(hint);
  code.line(`var ${name} = vec4<f32>();`);
  return name;
}

/**
 * Load, then stage by stage: into workgroup memory, load the next, add up. The last stage loads its own quads again, which are near,
 * so that the loop's body is written once.
 */
function writeStages(code: Code, kernel: Gemm, stages: number): void {
  writeLoads(code, kernel, undefined);
  code.loop(code.fresh('stage'), stages, (inner, stage) => {
    for (const { memories, loads } of [kernel.inputs, kernel.weights])
      for (const load of loads)
        memories.forEach((memory, copy) => inner.line(`${memory}[${load.place}] = ${load.held[copy]};`));
    inner.line('workgroupBarrier();');
    if (stages > 1) writeLoads(inner, kernel, inner.let('next', `min(${stage} + 1u, ${stages - 1}u)`));
    inner.block(`if (${kernel.names.isLive})`, (live) => writeProducts(live, kernel));
    if (stages > 1) inner.line('workgroupBarrier();');
  });
}

/** The quads of one stage, the first where none is named. Past the depth the last quad is read, and the input counts as zero. */
function writeLoads(code: Code, kernel: Gemm, stage: string | undefined): void {
  const { spec, inputs, weights } = kernel;
  const quads = quadsOf(spec.depth);
  const isRagged = quads % STAGE_QUADS !== 0;
  const rawQuad = (load: Load): string =>
    stage === undefined ? load.quad : code.let('quad', `${stage} * ${STAGE_QUADS}u + ${load.quad}`);
  const clamped = (raw: string): string => (isRagged ? code.let('quad', `min(${raw}, ${quads - 1}u)`) : raw);
  for (const load of weights.loads) {
    const quad = clamped(rawQuad(load));
    load.held.forEach((held, stream) =>
      code.line(`${held} = ${spec.weight(code, stream, load.source, quad, '0u')};`),
    );
  }
  for (const load of inputs.loads) {
    const raw = rawQuad(load);
    const value = spec.input(code, load.source, clamped(raw), '0u');
    const kept = isRagged ? `select(vec4<f32>(), ${value}, ${raw} < ${quads}u)` : value;
    code.line(`${load.held[0]} = ${kept};`);
  }
}

/** Adds one stage's products to the sums: for each quad, the outer products of four tokens' and four rows' components. */
function writeProducts(code: Code, kernel: Gemm): void {
  const { names, inputs, weights, tuning } = kernel;
  const columns = tuning.rows / PER_INVOCATION;
  code.loop(code.fresh('part'), STAGE_QUADS, (inner, part) => {
    const read = (memory: string | undefined, pitch: number, at: string): string =>
      `${memory}[${part} * ${pitch}u + ${at}]`;
    const tokens = counted(PER_INVOCATION, (token) =>
      inner.let('x', read(inputs.memories[0], inputs.pitch, plus(names.line, token))),
    );
    names.sums.forEach((sums, stream) => {
      const rows = counted(PER_INVOCATION, (row) =>
        inner.let('w', read(weights.memories[stream], weights.pitch, plus(names.column, row * columns))),
      );
      for (const component of COMPONENTS) {
        const across = inner.let(
          'across',
          `vec4<f32>(${rows.map((row) => `${row}.${component}`).join(', ')})`,
        );
        sums.forEach((sum, token) =>
          inner.line(`${sum} = fma(vec4<f32>(${tokens[token]}.${component}), ${across}, ${sum});`),
        );
      }
    });
  });
}

/**
 * Finishes the invocation's sums, except for tokens past the run's last and rows past the last. Only this copy of the sums is
 * indexed by a variable, so that they themselves stay in registers, and the epilogue is printed once.
 */
function writeResults(code: Code, kernel: Gemm): void {
  const { names, spec, tuning } = kernel;
  const columns = tuning.rows / PER_INVOCATION;
  const results = names.sums.map((sums) => {
    const name = code.fresh('results');
    const components = sums.flatMap((sum) => COMPONENTS.map((component) => `${sum}.${component}`));
    code.line(`var ${name} = array<f32, ${components.length}>(${components.join(', ')});`);
    return name;
  });
  code.loop(code.fresh('result'), PER_INVOCATION ** 2, (inner, index) => {
    const token = inner.let('token', `${names.firstToken} + ${names.line} + ${index} / ${PER_INVOCATION}u`);
    const row = inner.let(
      'row',
      `${names.firstRow} + ${names.column} + ${index} % ${PER_INVOCATION}u * ${columns}u`,
    );
    const beyond = spec.rows % tuning.rows === 0 ? '' : ` && ${row} < ${spec.rows}u`;
    inner.block(`if (${token} < ${spec.tokens.count}${beyond})`, (guarded) => {
      const sums = results.map((name) => guarded.let('total', `${name}[${index}]`));
      spec.finish(guarded, token, row, sums, []);
    });
  });
}

function plus(name: string, offset: number): string {
  return offset === 0 ? name : `${name} + ${offset}u`;
}
