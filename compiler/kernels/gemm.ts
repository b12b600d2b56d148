// The product of a matrix and many tokens (prefill): tiles in workgroup memory, 4 × 4 sums in each invocation.
import { checkContract, quadsOf, type GemmSpec } from './contract.ts';
import {
  gemmTuning,
  PADDING,
  PER_INVOCATION,
  STEP_QUADS,
  tileBytes,
  type GemmTuning,
} from './gemm-tuning.ts';
import type { Target, Templated } from './template.ts';
import { Code, type SharedVariable } from './wgsl.ts';

/** Everything the parts below share. */
interface Gemm {
  readonly spec: GemmSpec;
  readonly tuning: GemmTuning;
  readonly invocations: number;
  readonly inputs: Tile;
  /** One per stream. */
  readonly weights: readonly Tile[];
  readonly names: Names;
}

/** Four quads of the depth of so many tokens or rows, in workgroup memory as [quad][token or row]. */
interface Tile {
  readonly memory: string;
  readonly size: number;
  readonly pitch: number;
  /** What this invocation brings to the tile in every step. */
  readonly loads: readonly Load[];
}

interface Load {
  /** vec4 variable that holds the next step's quad. */
  readonly held: string;
  /** Place in the tile. */
  readonly place: string;
  /** The token or row to read, clamped to the last. */
  readonly source: string;
  /** The quad within the step. */
  readonly quad: string;
}

interface Names {
  /** This invocation's place among those that share its tokens, and among those that share its rows. */
  readonly column: string;
  readonly line: string;
  readonly firstToken: string;
  readonly firstRow: string;
  /** vec4 variables: [stream][token of the invocation], one component per row of the invocation. */
  readonly sums: readonly (readonly string[])[];
}

/**
 * `finish(token, row, Σ_depth weight[row][depth] · input[token][depth])` for every row and each of the run's tokens. Workgroup x is the
 * tile of tokens and y that of rows, so that neighbours read the same weights. Tokens and rows past the last are computed from what
 * lies there or from the last, and thrown away. The next step's quads are loaded while this step's are used.
 */
export function gemm(spec: GemmSpec, target: Target, tuning = gemmTuning(spec, target)): Templated {
  checkContract(spec);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const kernel = declare(code, spec, tuning);
  const steps = Math.ceil(quadsOf(spec.depth) / STEP_QUADS);
  const blocks = Math.ceil(spec.rows / tuning.rows);
  if (blocks > target.maxWorkgroupsPerDimension) throw new Error(`internal: ${spec.rows} rows fit no grid`);
  writeSteps(code, kernel, steps);
  writeResults(code, kernel);
  const body = {
    workgroup: [kernel.invocations, 1, 1],
    shared: [kernel.inputs, ...kernel.weights].map(tileMemory),
    builtins: ['workgroup_id', 'local_invocation_index'],
    features: [],
    barriers: steps > 1 ? 2 * steps : 1,
    functions: [],
    code,
  } as const;
  if (tileBytes(tuning, spec.streams) > target.maxSharedBytes)
    throw new Error('internal: the tiles of a product do not fit the workgroup memory');
  return { body, grid: [{ tile: tuning.tokens, times: 1 }, blocks, 1] };
}

function tileMemory(tile: Tile): SharedVariable {
  const length = STEP_QUADS * tile.pitch;
  return { name: tile.memory, type: `array<vec4<f32>, ${length}>`, bytes: 16 * length };
}

function declare(code: Code, spec: GemmSpec, tuning: GemmTuning): Gemm {
  const invocations = (tuning.tokens * tuning.rows) / PER_INVOCATION ** 2;
  const columns = tuning.rows / PER_INVOCATION;
  const names = {
    column: code.let('column', `local_invocation_index % ${columns}u`),
    line: code.let('line', `local_invocation_index / ${columns}u`),
    firstToken: code.let('first_token', `workgroup_id.x * ${tuning.tokens}u`),
    firstRow: code.let('first_row', `workgroup_id.y * ${tuning.rows}u`),
  };
  const tile = (hint: string, size: number, first: string, count: number): Tile => ({
    memory: code.fresh(`${hint}s`),
    size,
    pitch: size + PADDING,
    loads: counted((size * STEP_QUADS) / invocations, (pass) =>
      declareLoad(code, hint, size + PADDING, pass * invocations, first, count),
    ),
  });
  const inputs = tile('input', tuning.tokens, names.firstToken, spec.tokens.maximum);
  const weights = counted(spec.streams, () => tile('weight', tuning.rows, names.firstRow, spec.rows));
  const sums = counted(spec.streams, () => counted(PER_INVOCATION, () => variable(code, 'sum')));
  return { spec, tuning, invocations, inputs, weights, names: { ...names, sums } };
}

function declareLoad(
  code: Code,
  hint: string,
  pitch: number,
  offset: number,
  first: string,
  count: number,
): Load {
  const item = offset === 0 ? 'local_invocation_index' : `(local_invocation_index + ${offset}u)`;
  const quad = code.let(`${hint}_quad`, `${item} % ${STEP_QUADS}u`);
  const at = code.let(`${hint}_at`, `${item} / ${STEP_QUADS}u`);
  return {
    quad,
    place: code.let(`${hint}_place`, `${quad} * ${pitch}u + ${at}`),
    source: code.let(`${hint}_source`, `min(${first} + ${at}, ${count - 1}u)`),
    held: variable(code, `next_${hint}`),
  };
}

function variable(code: Code, hint: string): string {
  const name = code.fresh(hint);
  code.line(`var ${name} = vec4<f32>();`);
  return name;
}

/**
 * Load, then step by step: into workgroup memory, load the next, add up. The last step loads its own quads again, which are near,
 * so that the loop's body is written once.
 */
function writeSteps(code: Code, kernel: Gemm, steps: number): void {
  writeLoads(code, kernel, undefined);
  code.loop(code.fresh('step'), steps, (inner, step) => {
    for (const tile of [kernel.inputs, ...kernel.weights])
      for (const load of tile.loads) inner.line(`${tile.memory}[${load.place}] = ${load.held};`);
    inner.line('workgroupBarrier();');
    if (steps > 1) writeLoads(inner, kernel, inner.let('next', `min(${step} + 1u, ${steps - 1}u)`));
    writeProducts(inner, kernel);
    if (steps > 1) inner.line('workgroupBarrier();');
  });
}

/** The quads of one step. Past the depth the last quad is read, and the input counts as zero. */
function writeLoads(code: Code, kernel: Gemm, step: string | undefined): void {
  const { spec, inputs, weights } = kernel;
  const quads = quadsOf(spec.depth);
  const ragged = quads % STEP_QUADS !== 0;
  const quadOf = (load: Load): { readonly quad: string; readonly inside: string } => {
    const raw = step === undefined ? load.quad : code.let('quad', `${step} * ${STEP_QUADS}u + ${load.quad}`);
    if (!ragged) return { quad: raw, inside: 'true' };
    return { quad: code.let('quad', `min(${raw}, ${quads - 1}u)`), inside: `${raw} < ${quads}u` };
  };
  weights.forEach((tile, stream) => {
    for (const load of tile.loads)
      code.line(`${load.held} = ${spec.weight(code, stream, load.source, quadOf(load).quad)};`);
  });
  for (const load of inputs.loads) {
    const { quad, inside } = quadOf(load);
    const value = spec.input(code, load.source, quad);
    code.line(`${load.held} = ${ragged ? `select(vec4<f32>(), ${value}, ${inside})` : value};`);
  }
}

/** Adds one step's products to the sums: for each quad, the outer products of four tokens' and four rows' components. */
function writeProducts(code: Code, kernel: Gemm): void {
  const { names, inputs, weights, tuning } = kernel;
  const columns = tuning.rows / PER_INVOCATION;
  code.loop(code.fresh('quad'), STEP_QUADS, (inner, quad) => {
    const tokens = counted(PER_INVOCATION, (token) =>
      inner.let(
        'x',
        `${inputs.memory}[${quad} * ${inputs.pitch}u + ${names.line} * ${PER_INVOCATION}u + ${token}u]`,
      ),
    );
    weights.forEach((tile, stream) => {
      const rows = counted(PER_INVOCATION, (row) =>
        inner.let('w', `${tile.memory}[${quad} * ${tile.pitch}u + ${names.column} + ${row * columns}u]`),
      );
      for (const component of ['x', 'y', 'z', 'w']) {
        const across = inner.let(
          'across',
          `vec4<f32>(${rows.map((row) => `${row}.${component}`).join(', ')})`,
        );
        tokens.forEach((token, index) => {
          const sum = names.sums[stream]?.[index];
          inner.line(`${sum} = fma(vec4<f32>(${token}.${component}), ${across}, ${sum});`);
        });
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
    const components = sums.flatMap((sum) => ['x', 'y', 'z', 'w'].map((component) => `${sum}.${component}`));
    code.line(`var ${name} = array<f32, ${components.length}>(${components.join(', ')});`);
    return name;
  });
  code.loop(code.fresh('result'), PER_INVOCATION ** 2, (inner, index) => {
    const token = inner.let(
      'token',
      `${names.firstToken} + ${names.line} * ${PER_INVOCATION}u + ${index} / 4u`,
    );
    const row = inner.let('row', `${names.firstRow} + ${names.column} + ${index} % 4u * ${columns}u`);
    const beyond = spec.rows % tuning.rows === 0 ? '' : ` && ${row} < ${spec.rows}u`;
    inner.block(`if (${token} < ${spec.tokens.count}${beyond})`, (guarded) => {
      const sums = results.map((name) => guarded.let('total', `${name}[${index}]`));
      spec.finish(guarded, token, row, sums, []);
    });
  });
}

function counted<Item>(count: number, make: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
