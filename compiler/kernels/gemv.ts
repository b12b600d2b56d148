// The product of a matrix and one vector (decode): lanes share a row's depth, then add up their partial sums.
import { checkContract, foldedIndex, foldGrid, quadsOf, type GemvSpec } from './contract.ts';
import { gemvTuning, type GemvTuning } from './gemv-tuning.ts';
import {
  laneSumBarriers,
  laneSumMemory,
  partialsOf,
  readLaneSum,
  laneSumPitch,
  laneSumStart,
  writeLaneSum,
  type LaneSum,
} from './lane-sum.ts';
import { counted } from './text.ts';
import type { Target, Templated } from './template.ts';
import { Code } from './wgsl.ts';

/** Everything the parts below share. */
interface Gemv {
  readonly spec: GemvSpec;
  readonly tuning: GemvTuning;
  readonly sum: LaneSum;
  /** Rows of a workgroup. */
  readonly block: number;
  readonly names: Names;
}

interface Names {
  readonly lane: string;
  readonly group: string;
  /** The workgroup's first row; may lie past the last row. */
  readonly first: string;
  readonly token: string;
  /** One per row of an invocation, clamped to the last row, as the weights know it. */
  readonly rows: readonly string[];
  /** vec4 variables: [row of the invocation][stream]. */
  readonly parts: readonly (readonly string[])[];
  /** f32 variables, one per rider. */
  readonly riders: readonly string[];
}

/**
 * `finish(row, Σ_depth weight[row][depth] · input[depth])` for all rows and streams of one token. A workgroup takes
 * `tuning.workgroup / tuning.lanes · tuning.rows` rows. Rows past the last are computed from the last row and thrown away, so that control flow stays uniform
 * up to the last barrier.
 */
export function gemv(spec: GemvSpec, target: Target, tuning = gemvTuning(spec, target)): Templated {
  checkContract(spec);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  spec.preamble?.(code, tuning.workgroup);
  const groups = tuning.workgroup / tuning.lanes;
  const block = groups * tuning.rows;
  const grid = foldGrid(Math.ceil(spec.rows / block), target);
  const sum: LaneSum = {
    groups,
    lanes: tuning.lanes,
    values: tuning.rows * spec.streams + spec.riders.length,
    cluster: tuning.cluster,
    memory: code.fresh('partials'),
  };
  const names = declare(code, spec, tuning, `${foldedIndex(grid)} * ${block}u`);
  const kernel = { spec, tuning, sum, block, names };
  writeDepth(code, kernel);
  writeTotals(code, kernel, grid[0] * grid[1] * block > spec.rows);
  const body = {
    workgroup: [tuning.workgroup, 1, 1],
    shared: laneSumMemory(sum),
    builtins: ['workgroup_id', 'local_invocation_index'],
    features: tuning.cluster > 1 ? ['subgroups'] : [],
    barriers: laneSumBarriers(sum),
    functions: [],
    code,
  } as const;
  return { body, grid: spec.tokens === 'one' ? grid : [grid[0], grid[1], { tile: 1, times: 1 }] };
}

function declare(code: Code, spec: GemvSpec, tuning: GemvTuning, firstRow: string): Names {
  const { lanes, rows } = tuning;
  const lane = code.let('lane', `local_invocation_index % ${lanes}u`);
  const group = code.let('group', `local_invocation_index / ${lanes}u`);
  const first = code.let('first_row', firstRow);
  const mine = rows === 1 ? `${first} + ${group}` : `${first} + ${group} * ${rows}u`;
  const variable = (hint: string, value: string): string => {
    const name = code.fresh(hint);
    code.line(`var ${name} = ${value};`);
    return name;
  };
  const token = spec.tokens === 'one' ? '0u' : code.let('token', 'workgroup_id.z');
  return {
    lane,
    group,
    first,
    token,
    rows: counted(rows, (index) => {
      const row = code.let('row', `min(${mine}${index === 0 ? '' : ` + ${index}u`}, ${spec.rows - 1}u)`);
      return spec.weightRow?.(code, token, row) ?? row;
    }),
    parts: counted(rows, () => counted(spec.streams, () => variable('part', 'vec4<f32>()'))),
    riders: spec.riders.map((rider) => variable(rider.name, '0.0')),
  };
}

/** The sum over the depth: whole rounds of `lanes` quads in a loop of constant trip count, then what is left. */
function writeDepth(code: Code, kernel: Gemv): void {
  const { lanes, unroll } = kernel.tuning;
  const quads = quadsOf(kernel.spec.depth);
  const rounds = Math.floor(quads / lanes);
  const loops = Math.floor(rounds / unroll);
  const lane = kernel.names.lane;
  const at = (round: number): string => (round === 0 ? lane : `${lane} + ${round * lanes}u`);
  if (loops > 1) {
    code.loop(code.fresh('turn'), loops, (inner, turn) => {
      const start = inner.let('start', `${turn} * ${unroll * lanes}u + ${lane}`);
      writeRounds(
        inner,
        kernel,
        counted(unroll, (round) => (round === 0 ? start : `${start} + ${round * lanes}u`)),
      );
    });
  }
  const done = loops > 1 ? loops * unroll : 0;
  if (rounds > done)
    writeRounds(
      code,
      kernel,
      counted(rounds - done, (round) => at(done + round)),
    );
  if (quads % lanes !== 0) writeRemainder(code, kernel, at(rounds), quads);
}

/** Loads of several quads first, then their products, so that the loads are in flight together. */
function writeRounds(code: Code, kernel: Gemv, at: readonly string[]): void {
  const loads = at.map((quad) => readQuad(code, kernel, code.let('quad', quad)));
  for (const load of loads) addQuad(code, kernel, load);
}

/** The quads that are too few for all lanes: the others read the last quad, and count it as zero. */
function writeRemainder(code: Code, kernel: Gemv, at: string, quads: number): void {
  const raw = code.let('beyond', at);
  const load = readQuad(code, kernel, code.let('quad', `min(${raw}, ${quads - 1}u)`));
  const inside = `${raw} < ${quads}u`;
  addQuad(code, kernel, {
    ...load,
    input: code.let('x', `select(vec4<f32>(), ${load.input}, ${inside})`),
    riders: load.riders.map((term) => `select(0.0, ${term}, ${inside})`),
  });
}

interface QuadLoad {
  readonly input: string;
  readonly weights: readonly (readonly string[])[];
  readonly riders: readonly string[];
}

function readQuad(code: Code, kernel: Gemv, quad: string): QuadLoad {
  const { spec, names } = kernel;
  return {
    weights: names.rows.map((row) =>
      counted(spec.streams, (stream) => code.let('w', spec.weight(code, stream, row, quad, names.token))),
    ),
    input: code.let('x', spec.input(code, names.token, quad, names.rows[0] ?? '0u')),
    riders: spec.riders.map((rider) => code.let(`${rider.name}_term`, rider.term(code, names.token, quad))),
  };
}

function addQuad(code: Code, kernel: Gemv, load: QuadLoad): void {
  kernel.names.parts.forEach((streams, row) =>
    streams.forEach((part, stream) => {
      code.line(`${part} = fma(${load.weights[row]?.[stream]}, ${load.input}, ${part});`);
    }),
  );
  kernel.names.riders.forEach((rider, index) => code.line(`${rider} += ${load.riders[index]};`));
}

function writeTotals(code: Code, kernel: Gemv, isRagged: boolean): void {
  const { names, sum } = kernel;
  const scalars = names.parts.flat().map((part) => {
    const name = code.fresh('sum');
    code.line(`var ${name} = dot(${part}, vec4<f32>(1.0));`);
    return name;
  });
  writeLaneSum(code, sum, [...scalars, ...names.riders], names.group, names.lane);
  if (partialsOf(sum) === 1) finishInLanes(code, kernel, scalars, isRagged);
  else finishFromMemory(code, kernel, isRagged);
}

/** Every lane has its group's totals: as many lanes as the group has rows finish one each. */
function finishInLanes(code: Code, kernel: Gemv, scalars: readonly string[], isRagged: boolean): void {
  const { spec, tuning, names } = kernel;
  const mine = code.let('mine', `${names.first} + ${names.group} * ${tuning.rows}u + ${names.lane}`);
  const guard = isRagged ? ` && ${mine} < ${spec.rows}u` : '';
  code.block(`if (${names.lane} < ${tuning.rows}u${guard})`, (inner) => {
    const row = inner.let('row', `min(${mine}, ${spec.rows - 1}u)`);
    const sums = counted(spec.streams, (stream) => {
      const ofRows = counted(tuning.rows, (index) => scalars[index * spec.streams + stream] ?? '');
      return inner.let('total', chooseByLane(names.lane, ofRows));
    });
    spec.finish(inner, names.token, row, sums, names.riders);
  });
}

/** The `lane`-th of the values, without indexing an array by a variable. */
function chooseByLane(lane: string, values: readonly string[]): string {
  return values.reduce((chosen, value, index) => `select(${chosen}, ${value}, ${lane} == ${index}u)`);
}

/** The first invocations finish one row of the workgroup each. */
function finishFromMemory(code: Code, kernel: Gemv, isRagged: boolean): void {
  const { spec, tuning, names, sum, block } = kernel;
  const mine = code.let('mine', `${names.first} + local_invocation_index`);
  const guard = isRagged ? ` && ${mine} < ${spec.rows}u` : '';
  code.block(`if (local_invocation_index < ${block}u${guard})`, (inner) => {
    const row = inner.let('row', `min(${mine}, ${spec.rows - 1}u)`);
    // A bound that Tint can prove, once, instead of a clamp on every read.
    const place = inner.let('place', `min(local_invocation_index, ${block - 1}u)`);
    const group = tuning.rows === 1 ? place : `${place} / ${tuning.rows}u`;
    const first = inner.let('first', laneSumStart(sum, group));
    const within = `${place} % ${tuning.rows}u * ${spec.streams * laneSumPitch(sum)}u`;
    const own = tuning.rows === 1 ? first : inner.let('own', `${first} + ${within}`);
    const sums = counted(spec.streams, (stream) => readLaneSum(inner, sum, 'total', own, stream));
    const riders = spec.riders.map((rider, index) =>
      readLaneSum(inner, sum, `${rider.name}_total`, first, tuning.rows * spec.streams + index),
    );
    spec.finish(inner, names.token, row, sums, riders);
  });
}
