// The Toeplitz form: for channels that share a filter, products of matrices. A block of outputs is a matrix of taps, made on the fly out of a
// slice of the filter, times x, whose columns are the channels of one or more blocks.
import type { Target, Templated } from '../template.ts';
import { counted, forEachItem, names, sharedFloats } from '../text.ts';
import { Code } from '../wgsl.ts';
import type { LongConvSpec } from './spec.ts';
import { TOEPLITZ } from './tuning.ts';

const WORKGROUP = (TOEPLITZ.block / TOEPLITZ.rows) * (TOEPLITZ.columns / TOEPLITZ.across);

/** How the columns of a workgroup are shared out: so many channels of so many blocks. */
export function toeplitzColumns(members: number): { readonly channels: number; readonly blocks: number } {
  const channels = Math.min(members, TOEPLITZ.columns);
  return { channels, blocks: Math.floor(TOEPLITZ.columns / channels) };
}

interface Kernel {
  readonly spec: LongConvSpec;
  readonly at: Readonly<Record<(typeof NAMES)[number], string>>;
  readonly channels: number;
  readonly blocks: number;
  /** Positions of x before a block's first that its taps reach, a multiple of the depth, and steps of the depth from there on. */
  readonly before: number;
  readonly steps: number;
}

const NAMES = ['taps', 'values', 'sums', 'group', 'first_member', 'first_token', 'begin', 'end'] as const;

export function toeplitzForm(spec: LongConvSpec, _target: Target): Templated {
  const code = new Code().reserve(spec.reserved);
  const at = names(code, NAMES);
  const kernel = { spec, at, ...toeplitzColumns(spec.members), ...lagRange(spec) };
  const tiles = Math.ceil(spec.members / kernel.channels);
  const { block, columns, depth } = TOEPLITZ;
  code.line(`let ${at.group} = workgroup_id.x;`);
  code.line(`let ${at.first_member} = workgroup_id.y % ${tiles}u * ${kernel.channels}u;`);
  code.line(`let ${at.first_token} = workgroup_id.y / ${tiles}u * ${kernel.blocks * block}u;`);
  code.line(`if (${at.first_token} >= ${spec.count}) { return; }`);
  code.line(`let ${at.begin} = ${spec.start} + ${at.first_token};`);
  code.line(`let ${at.end} = ${spec.end};`);
  addSteps(code, kernel);
  storeSums(code, kernel);
  const grid = spec.beyond
    ? tiles * Math.ceil(spec.maximum / (kernel.blocks * block))
    : { tile: kernel.blocks * block, times: tiles };
  return {
    body: {
      workgroup: [WORKGROUP, 1, 1],
      shared: [
        sharedFloats(at.taps, block + depth - 1),
        { name: at.values, type: `array<vec4<f32>, ${(depth * columns) / 4}>`, bytes: 4 * depth * columns },
        sharedFloats(at.sums, block * columns),
      ],
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: [],
      barriers: 2 * kernel.steps + 1,
      functions: [],
      code,
    },
    grid: [spec.channels / spec.members, grid, 1],
  };
}

/** The positions of x that a block of outputs needs, by its own first position. */
function lagRange({ filters }: LongConvSpec): Pick<Kernel, 'before' | 'steps'> {
  const { block, depth } = TOEPLITZ;
  const reach = (ahead: boolean): number =>
    Math.max(0, ...filters.filter((each) => each.ahead === ahead).map(({ size, first }) => size - 1 + first));
  const before = Math.ceil(reach(false) / depth) * depth;
  return { before, steps: Math.ceil((before + block + reach(true)) / depth) };
}

/** Goes through x a few positions at a time, and leaves all sums in workgroup memory. */
function addSteps(code: Code, kernel: Kernel): void {
  const { at, before, steps, blocks } = kernel;
  const { block, depth, columns, rows, across } = TOEPLITZ;
  const sums = counted(rows, (i) => code.fresh(`sum_${i}`));
  for (const sum of sums) code.line(`var ${sum} = vec4<f32>();`);
  const column = code.let('column', `local_invocation_index % ${columns / across}u`);
  const row = code.let('row', `local_invocation_index / ${columns / across}u * ${rows}u`);
  // Nothing lies before the sequence, for the last of the blocks either.
  const last = code.let('last', `${at.begin} + ${(blocks - 1) * block}u`);
  const from = before === 0 ? '0u' : `(${before}u - min(${last}, ${before}u)) / ${depth}u`;
  const step = code.fresh('step');
  code.block(`for (var ${step} = ${from}; ${step} < ${steps}u; ${step}++)`, (inner) => {
    const first = inner.let('first', `i32(${step} * ${depth}u) - ${before}`);
    loadTaps(inner, kernel, first);
    loadValues(inner, kernel, first);
    inner.line('workgroupBarrier();');
    const taps = counted(rows + depth - 1, () => inner.fresh('tap'));
    // Tap k is that of the invocation's first row and the last position, k rows further on.
    taps.forEach((tap, k) => inner.line(`let ${tap} = ${at.taps}[${row} + ${k}u];`));
    counted(depth, (j) => {
      const x = inner.let('x', `${at.values}[${j * (columns / 4)}u + ${column}]`);
      sums.forEach((sum, r) => inner.line(`${sum} += ${taps[r + depth - 1 - j]!} * ${x};`));
    });
    inner.line('workgroupBarrier();');
  });
  sums.forEach((sum, r) =>
    counted(across, (lane) =>
      code.line(
        `${at.sums}[(${row} + ${r}u) * ${columns}u + ${column} * ${across}u + ${lane}u] = ${sum}.${'xyzw'.charAt(lane)};`,
      ),
    ),
  );
  code.line('workgroupBarrier();');
}

/** taps[k] is the tap of lag k − (depth − 1) − first, of all filters together. */
function loadTaps(code: Code, { spec, at }: Kernel, first: string): void {
  const { block, depth } = TOEPLITZ;
  forEachItem(code, WORKGROUP, block + depth - 1, (each, item) => {
    const lag = each.let('lag', `i32(${item}) - ${depth - 1} - ${first}`);
    const sum = each.fresh('tap_sum');
    each.line(`var ${sum} = 0.0;`);
    const channel = each.let('channel', spec.channelOf(at.group, '0u'));
    for (const { ahead, first: begins, size, tap } of spec.filters) {
      // A negative index is a very large one, which no filter has.
      const index = each.let('index', `u32(${ahead ? `-${lag}` : lag} - ${begins})`);
      each.block(`if (${index} < ${size}u)`, (then) => then.line(`${sum} += ${tap(then, channel, index)};`));
    }
    each.line(`${at.taps}[${item}] = ${sum};`);
  });
}

function loadValues(code: Code, kernel: Kernel, first: string): void {
  const { spec, at } = kernel;
  const { columns, depth } = TOEPLITZ;
  forEachItem(code, WORKGROUP, (depth * columns) / 4, (each, item) => {
    // Four at a time, as parts of a vector in memory cannot be written apart.
    const quad = counted(4, (lane) => {
      const x = each.fresh('own_x');
      each.line(`var ${x} = 0.0;`);
      const column = `(${item} % ${columns / 4}u * 4u + ${lane}u)`;
      const { member, token, inside } = columnAt(each, kernel, column, `${item} / ${columns / 4}u`);
      const position = each.let('position', `${spec.start} + ${token} + u32(${first})`);
      each.block(`if (${[`${position} < ${at.end}`, ...inside].join(' && ')})`, (then) =>
        then.line(
          `${x} = ${spec.readX(then, then.let('channel', spec.channelOf(at.group, member)), position)};`,
        ),
      );
      return x;
    });
    each.line(`${at.values}[${item}] = vec4<f32>(${quad.join(', ')});`);
  });
}

/** The channel of its group and the token of a column, and what says that there are such. */
function columnAt(code: Code, { spec, at, channels, blocks }: Kernel, column: string, row: string) {
  const { block, columns } = TOEPLITZ;
  const member = code.let('member', `${at.first_member} + ${column} % ${channels}u`);
  const token = code.let('token', `${at.first_token} + ${column} / ${channels}u * ${block}u + ${row}`);
  const inside = [
    ...(spec.members % channels === 0 ? [] : [`${member} < ${spec.members}u`]),
    ...(blocks * channels === columns ? [] : [`${column} < ${blocks * channels}u`]),
  ];
  return { member, token, inside };
}

function storeSums(code: Code, kernel: Kernel): void {
  const { spec, at } = kernel;
  const { block, columns } = TOEPLITZ;
  forEachItem(code, WORKGROUP, block * columns, (each, item) => {
    const { member, token, inside } = columnAt(
      each,
      kernel,
      `(${item} % ${columns}u)`,
      `${item} / ${columns}u`,
    );
    each.block(`if (${[`${token} < ${spec.count}`, ...inside].join(' && ')})`, (then) => {
      const channel = then.let('channel', spec.channelOf(at.group, member));
      spec.finish(then, token, channel, then.let('sum', `${at.sums}[${item}]`));
    });
  });
}
