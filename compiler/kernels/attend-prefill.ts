// Attention of a run of tokens over a cache that holds their keys and values already (prefill): tiles, with the softmax kept up online.
import {
  checkAttend,
  countBehind,
  keyRow,
  queryFactor,
  sightOf,
  valueRow,
  withSink,
  type AttendShape,
  type BiasHook,
  type CacheReader,
  type Row,
} from './attend.ts';
import {
  PREFILL_WORKGROUP,
  prefillTuning,
  tileBarriers,
  type PrefillTuning,
} from './attend-prefill-tuning.ts';
import { writeScores, writeSoftmax, writeWeightedSums, writeWeights } from './attend-prefill-tile.ts';
import type { TokenRange } from './contract.ts';
import type { Action, Hook, Target, Templated } from './template.ts';
import { counted, forEachItem, LOWEST, names } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

export interface AttendPrefillSpec extends AttendShape, CacheReader {
  readonly tokens: TokenRange;
  /** The index of the run's first token: a uniform u32 of module scope. */
  readonly position: string;
  /** Statements that the whole workgroup runs first. */
  readonly preamble?: (code: Code) => void;
  readonly query: Hook<[token: string, group: string, per: string, d: string]>;
  /** What is added to scores, by where query and key are. */
  readonly bias?: BiasHook;
  /** The score of a head's sink, where it has one. */
  readonly sink?: Hook<[token: string, group: string, per: string]>;
  /** One element of the result; never asked for a token past the run's last. */
  readonly finish: Action<[token: string, group: string, per: string, d: string, value: string]>;
  readonly reserved?: readonly string[];
}

/** Everything the parts of the kernel share. */
export interface PrefillKernel {
  readonly spec: AttendPrefillSpec;
  readonly tuning: PrefillTuning;
  readonly keys: Row;
  readonly values: Row;
  readonly at: Readonly<Record<(typeof LOCALS)[number], string>>;
  /** Weighted sums: for each pass over the value row, four rows' vec4. */
  readonly sums: readonly (readonly string[])[];
}

const LOCALS = [
  // Workgroup memory: queries as [element][four rows], keys as [element][four columns] or values as [column][quad], weights as [column][four rows].
  'queries',
  'rows',
  'weights',
  // The workgroup's place.
  'current',
  'count',
  'group',
  'first_head',
  'first_token',
  'first_quad',
  // The invocation's place in a tile.
  'across',
  'down',
  // Positions that the tile of queries sees: the pinned ones, then those from `begin` on.
  'begin',
  'pins',
  'span',
  // Of the invocation's four rows: positions, highest scores, total weights of its own columns.
  'row_position',
  'row_block',
  'row_head',
  'peak',
  'total',
] as const;

export function attendPrefill(spec: AttendPrefillSpec, target: Target): Templated {
  checkAttend(spec);
  const tuning = prefillTuning(spec, target);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const kernel: PrefillKernel = {
    spec,
    tuning,
    keys: keyRow(spec, spec),
    values: valueRow(spec, spec),
    at: names(code, LOCALS),
    sums: counted(tuning.passes, () => counted(4, () => code.fresh('sum'))),
  };
  writeKernel(code, kernel);
  return {
    body: {
      workgroup: [PREFILL_WORKGROUP, 1, 1],
      shared: sharedVariables(kernel),
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      // For each tile of positions.
      barriers: tileBarriers(tuning, spec),
      functions: [],
      code,
    },
    grid: [{ tile: tuning.tokens, times: 1 }, spec.groups, tuning.headTiles * tuning.valueTiles],
  };
}

function sharedVariables({ tuning, at }: PrefillKernel): readonly SharedVariable[] {
  const { queries, rows, weights } = tuning.memory;
  const sizes = [
    [at.queries, queries],
    [at.rows, rows],
    [at.weights, weights],
  ] as const;
  return sizes.map(([name, count]) => ({ name, type: `array<vec4<f32>, ${count}>`, bytes: 16 * count }));
}

function writeKernel(code: Code, kernel: PrefillKernel): void {
  const { spec, tuning, at } = kernel;
  writePlace(code, kernel);
  spec.preamble?.(code);
  writeRange(code, kernel);
  if (tuning.resident) stageQueries(code, kernel, '0u', tuning.span * tuning.spans);
  if (spec.weigh === undefined) {
    code.line(`var ${at.peak} = vec4<f32>(${LOWEST});`);
    code.line(`var ${at.total} = vec4<f32>();`);
  }
  for (const sum of kernel.sums.flat()) code.line(`var ${sum} = vec4<f32>();`);
  const base = code.fresh('base');
  code.block(`for (var ${base} = 0u; ${base} < ${at.span}; ${base} += ${tuning.columns}u)`, (inner) => {
    const scores = writeScores(inner, kernel, base, (body, first) => {
      if (!tuning.resident) stageQueries(body, kernel, first, tuning.span);
    });
    if (spec.weigh === undefined) writeSoftmax(inner, kernel, base, scores);
    else writeWeights(inner, kernel, base, scores, spec.weigh);
    writeWeightedSums(inner, kernel, base);
  });
  if (spec.weigh === undefined) writeTotals(code, kernel);
  writeResults(code, kernel);
}

function writePlace(code: Code, { spec, tuning, at }: PrefillKernel): void {
  const { headTiles, valueTiles } = tuning;
  code.line(`let ${at.current} = ${spec.position};`);
  code.line(`let ${at.count} = ${spec.tokens.count};`);
  code.line(`let ${at.first_token} = workgroup_id.x * ${tuning.tokens}u;`);
  code.line(`if (${at.first_token} >= ${at.count}) { return; }`);
  code.line(`let ${at.group} = ${spec.groups === 1 ? '0u' : `min(workgroup_id.y, ${spec.groups - 1}u)`};`);
  const headTile = headTiles === 1 ? '0u' : `workgroup_id.z % ${headTiles}u * ${tuning.heads}u`;
  code.line(`let ${at.first_head} = ${headTile};`);
  const valueTile =
    valueTiles === 1
      ? '0u'
      : `min(workgroup_id.z / ${headTiles}u, ${valueTiles - 1}u) * ${tuning.valueQuads}u`;
  code.line(`let ${at.first_quad} = ${valueTile};`);
  code.line(`let ${at.across} = local_invocation_index % ${tuning.across}u;`);
  code.line(`let ${at.down} = local_invocation_index / ${tuning.across}u;`);
}

/** Which positions any of the tile's queries sees. */
function writeRange(code: Code, kernel: PrefillKernel): void {
  const { spec, tuning, at } = kernel;
  const last = code.let('last_token', `min(${at.first_token} + ${tuning.tokens}u, ${at.count})`);
  const rows = [0, 1, 2, 3].map(
    (row) => `min(${at.first_token} + (${at.down} * 4u + ${row}u) / ${tuning.heads}u, ${at.count} - 1u)`,
  );
  code.line(`let ${at.row_position} = ${at.current} + vec4<u32>(${rows.join(', ')});`);
  if (spec.bias !== undefined) {
    const heads = [0, 1, 2, 3].map(
      (row) => `min(${at.first_head} + (${at.down} * 4u + ${row}u) % ${tuning.heads}u, ${spec.per - 1}u)`,
    );
    code.line(`let ${at.row_head} = vec4<u32>(${heads.join(', ')});`);
  }
  if (spec.chunk !== undefined || spec.ahead === true) return writeSight(code, kernel, last);
  const { window } = spec;
  if (window === undefined) {
    code.line(`let ${at.span} = ${at.current} + ${last};`);
    return;
  }
  const first = code.let('first_position', `${at.current} + ${at.first_token}`);
  code.line(`let ${at.begin} = select(0u, ${first} - ${window - 1}u, ${first} >= ${window}u);`);
  const pinned = spec.pinned ?? 0;
  if (pinned > 0) code.line(`let ${at.pins} = min(${pinned}u, ${at.begin});`);
  code.line(`let ${at.span} = ${at.current} + ${last} - ${at.begin}${pinned > 0 ? ` + ${at.pins}` : ''};`);
}

/** The same where positions see their own block, or later ones: from the first query's first to the last query's last. */
function writeSight(code: Code, { spec, at }: PrefillKernel, last: string): void {
  const { chunk } = spec;
  if (chunk !== undefined)
    code.line(`let ${at.row_block} = ${at.row_position} / vec4<u32>(${chunk}u) * vec4<u32>(${chunk}u);`);
  const end = code.let('end', `${at.current} + ${at.count}`);
  const first = code.let('first_position', `${at.current} + ${at.first_token}`);
  const final = code.let('last_position', `${at.current} + ${last} - 1u`);
  code.line(`let ${at.begin} = ${sightOf(spec, first, end).first};`);
  code.line(`let ${at.span} = ${sightOf(spec, final, end).past} - ${at.begin};`);
}

/** How many positions a query sees, as a number. */
function seenCount(code: Code, { spec, at }: PrefillKernel, token: string): string {
  const position = code.let('position', `${at.current} + ${token}`);
  if (spec.ahead !== true) return `f32(${countBehind(spec, position)})`;
  const { first, past } = sightOf(spec, position, `${at.current} + ${at.count}`);
  return `f32(${past} - ${first})`;
}

/** Queries from element `first` on go to workgroup memory, scaled, four rows in a vec4. */
function stageQueries(code: Code, kernel: PrefillKernel, first: string, length: number): void {
  const { spec, tuning, at } = kernel;
  const factor = queryFactor(spec);
  const padded = tuning.span * tuning.spans > spec.key;
  forEachItem(code, PREFILL_WORKGROUP, (length * tuning.rows) / 4, (inner, item) => {
    const local = inner.let('element', `${item} % ${length}u`);
    const quad = inner.let('four', `${item} / ${length}u`);
    const raw = first === '0u' ? local : inner.let('d', `${first} + ${local}`);
    const d = padded ? inner.let('d', `min(${raw}, ${spec.key - 1}u)`) : raw;
    const rows = [0, 1, 2, 3].map((row) => {
      const index = inner.let('row', row === 0 ? `${quad} * 4u` : `${quad} * 4u + ${row}u`);
      const { token, head } = rowOf(inner, kernel, index);
      const bounded = inner.let('token', `min(${token}, ${at.count} - 1u)`);
      const query = spec.query(inner, bounded, at.group, head, d);
      return inner.let(
        'q',
        spec.perVisible === true ? `${query} / ${seenCount(inner, kernel, bounded)}` : query,
      );
    });
    const value = `vec4<f32>(${rows.join(', ')}) * ${factor}`;
    const place = `${at.queries}[${local} * ${tuning.rows / 4}u + ${quad}]`;
    inner.line(`${place} = ${padded ? `select(vec4<f32>(), ${value}, ${raw} < ${spec.key}u)` : value};`);
  });
}

/** A row's token, which may lie past the run, and its head, bounded. */
function rowOf(
  code: Code,
  { spec, tuning, at }: PrefillKernel,
  row: string,
): { token: string; head: string } {
  const token = code.let('token', `${at.first_token} + ${row} / ${tuning.heads}u`);
  const head = code.let('head', `min(${at.first_head} + ${row} % ${tuning.heads}u, ${spec.per - 1}u)`);
  return { token, head };
}

/** The rows' total weights, over all columns. */
function writeTotals(code: Code, { tuning, at }: PrefillKernel): void {
  const fours = tuning.rows / 4;
  code.line('workgroupBarrier();');
  code.line(`${at.weights}[${at.across} * ${fours}u + ${at.down}] = ${at.total};`);
  code.line('workgroupBarrier();');
  code.line(`${at.total} = vec4<f32>();`);
  code.loop(code.fresh('other'), tuning.across, (inner, other) =>
    inner.line(`${at.total} += ${at.weights}[${other} * ${fours}u + ${at.down}];`),
  );
}

function writeResults(code: Code, kernel: PrefillKernel): void {
  const { spec, tuning, at } = kernel;
  [0, 1, 2, 3].forEach((lane) => {
    code.block('', (inner) => {
      const row = inner.let('row', `${at.down} * 4u + ${lane}u`);
      const token = inner.let('token', `${at.first_token} + ${row} / ${tuning.heads}u`);
      const head = inner.let('head', `${at.first_head} + ${row} % ${tuning.heads}u`);
      const guards = [
        `${token} < ${at.count}`,
        ...(tuning.tokens * tuning.heads === tuning.rows
          ? []
          : [`${row} < ${tuning.tokens * tuning.heads}u`]),
        ...(tuning.headTiles * tuning.heads === spec.per ? [] : [`${head} < ${spec.per}u`]),
      ];
      inner.block(`if (${guards.join(' && ')})`, (body) => {
        const part = 'xyzw'.charAt(lane);
        const total = withSink(
          `${at.total}.${part}`,
          `${at.peak}.${part}`,
          spec.sink?.(body, token, at.group, head),
        );
        const share = spec.weigh === undefined ? ` * ${body.let('inverse', `1.0 / (${total})`)}` : '';
        kernel.sums.forEach((rows, pass) =>
          writeQuad(body, kernel, { token, head }, pass, `${rows[lane]}${share}`),
        );
      });
    });
  });
}

/** Four elements of one result, as far as there are so many. */
function writeQuad(
  code: Code,
  kernel: PrefillKernel,
  row: { readonly token: string; readonly head: string },
  pass: number,
  value: string,
): void {
  const { spec, tuning, at } = kernel;
  const local = code.let('local', `${pass * tuning.across}u + ${at.across}`);
  const write = (inner: Code): void => {
    const result = inner.let('result', value);
    ['x', 'y', 'z', 'w'].forEach((lane, index) => {
      const d = inner.let('d', `(${at.first_quad} + ${local}) * 4u + ${index}u`);
      const finish = (body: Code): void =>
        spec.finish(body, row.token, at.group, row.head, d, `${result}.${lane}`);
      if (spec.value % 4 === 0 && spec.value / 4 === tuning.valueQuads * tuning.valueTiles) finish(inner);
      else inner.block(`if (${d} < ${spec.value}u)`, finish);
    });
  };
  if ((pass + 1) * tuning.across <= tuning.valueQuads) write(code);
  else code.block(`if (${local} < ${tuning.valueQuads}u)`, write);
}
