// The elementwise scan over a run of tokens (prefill): the state stays in registers, two barriers for each tile of tokens.
import { foldedIndex, foldGrid, type TokenRange } from './contract.ts';
import { isShared, namesRead, readOperand, type ScanOperand, type ScanValues } from './scan-operands.ts';
import { lengthOf, scanTuning, type ScanTuning } from './scan-tuning.ts';
import type { Action, Hook, Target, Templated } from './template.ts';
import { counted, forEachItem, names, sharedFloats } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

/**
 * For each of `parallel` independent columns of `column` states, token after token: every state becomes `update` of itself, then
 * y = Σ over the column of `output`. Nothing in `update` and `output` looks at another state.
 */
export interface ScanSpec {
  readonly parallel: number;
  readonly column: number;
  readonly tokens: TokenRange;
  readonly operands: readonly ScanOperand[];
  readonly stateRead: Hook<[p: string, n: string]>;
  readonly stateWrite: Action<[p: string, n: string, value: string]>;
  /** The state after a token; `values` are the operands at this token and state. */
  readonly update: (code: Code, values: ScanValues, state: string) => string;
  /** One state's share of the token's result, from the state after the token; or before it, if `outputFirst`. */
  readonly output: (code: Code, values: ScanValues, state: string) => string;
  readonly outputFirst?: boolean;
  /** Tokens of a segment, where the segments of a run go in parallel; a multiple of the tuning's. */
  readonly segment?: number;
  /** Where given, nothing is put out: `stateWrite` is given each segment's state, and then its product of these decays is stored. */
  readonly local?: {
    readonly decay: (code: Code, values: ScanValues) => string;
    readonly store: Action<[p: string, n: string, product: string]>;
  };
  /** Uses the result of one token and column. `values` has only the operands that do not vary over the column. */
  readonly finish: (code: Code, token: string, p: string, y: string, values: ScanValues) => void;
  readonly reserved?: readonly string[];
}

/** Everything the parts below share. */
interface Kernel {
  readonly spec: ScanSpec;
  readonly tuning: ScanTuning;
  /** Operands of the step, and those of them that go through workgroup memory, with their variables' names. */
  readonly step: readonly ScanOperand[];
  readonly staged: ReadonlyMap<ScanOperand, string>;
  /** Operands of the end of a token. */
  readonly ending: readonly ScanOperand[];
  readonly at: Readonly<Record<(typeof LOCALS)[number], string>>;
  readonly states: readonly string[];
  /** The products of the decays, one for each state; none but in a local pass. */
  readonly products: readonly string[];
}

const LOCALS = ['results', 'count', 'first_column', 'lane', 'channel', 'p', 'first_token'] as const;

export function scanElementwise(spec: ScanSpec, target: Target): Templated {
  const { step, ending } = operandsRead(spec);
  const tuning = scanTuning(spec.column, step, target);
  const shared = step.filter((operand) => isShared(operand, tuning.lanes));
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const grid = foldGrid(Math.ceil(spec.parallel / tuning.channels), target);
  const kernel: Kernel = {
    spec,
    tuning,
    step,
    staged: new Map(shared.map((operand) => [operand, code.fresh(`${operand.name}_tile`)])),
    ending,
    at: names(code, LOCALS),
    states: counted(tuning.each, () => code.fresh('state')),
    products: spec.local === undefined ? [] : counted(tuning.each, () => code.fresh('product')),
  };
  writeKernel(code, kernel, foldedIndex(grid));
  return {
    body: {
      workgroup: [tuning.workgroup, 1, 1],
      shared: sharedVariables(kernel),
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: tuning.cluster > 1 ? ['subgroups'] : [],
      barriers: 2 * Math.ceil(32 / tuning.tokens),
      functions: [],
      code,
    },
    grid: spec.segment === undefined ? grid : [grid[0], grid[1], { tile: spec.segment, times: 1 }],
  };
}

function operandsRead(spec: ScanSpec): { step: readonly ScanOperand[]; ending: readonly ScanOperand[] } {
  const inStep = namesRead(spec.operands, (code, values) => {
    spec.update(code, values, 'state');
    if (spec.local === undefined) spec.output(code, values, 'state');
    else spec.local.decay(code, values);
  });
  const flat = spec.operands.filter(({ over }) => over === 'parallel' || over === 'none');
  const inEnding = namesRead(flat, (code, values) => {
    if (spec.local === undefined) spec.finish(code, 'token', 'p', 'y', values);
  });
  return {
    step: spec.operands.filter(({ name }) => inStep.has(name)),
    ending: flat.filter(({ name }) => inEnding.has(name)),
  };
}

function sharedVariables({ spec, tuning, staged, at }: Kernel): readonly SharedVariable[] {
  const tiles = [...staged].map(([operand, name]) =>
    sharedFloats(name, tuning.tokens * lengthOf(operand, spec.column, tuning.channels)),
  );
  if (spec.local !== undefined) return tiles;
  return [...tiles, sharedFloats(at.results, (tuning.tokens * tuning.workgroup) / tuning.cluster)];
}

function writeKernel(code: Code, kernel: Kernel, workgroup: string): void {
  const { spec, tuning, at } = kernel;
  const { segment } = spec;
  const start = segment === undefined ? '0u' : code.let('start', `workgroup_id.z * ${segment}u`);
  const end = spec.tokens.count;
  code.line(`let ${at.count} = ${segment === undefined ? end : `min(${end}, ${start} + ${segment}u)`};`);
  code.line(`let ${at.first_column} = ${workgroup} * ${tuning.channels}u;`);
  code.line(`let ${at.lane} = ${tuning.lanes === 1 ? '0u' : `local_invocation_index % ${tuning.lanes}u`};`);
  const channel = tuning.lanes === 1 ? 'local_invocation_index' : `local_invocation_index / ${tuning.lanes}u`;
  code.line(`let ${at.channel} = ${channel};`);
  code.line(`let ${at.p} = min(${at.first_column} + ${at.channel}, ${spec.parallel - 1}u);`);
  const columns = counted(tuning.each, (index) => columnIndex(code, kernel, index));
  const fixed = readFixed(code, kernel, columns);
  kernel.states.forEach((state, index) =>
    code.line(`var ${state} = ${spec.stateRead(code, at.p, columns[index] ?? '0u')};`),
  );
  for (const product of kernel.products) code.line(`var ${product} = 1.0;`);
  const head = `for (var ${at.first_token} = ${start}; ${at.first_token} < ${at.count}; ${at.first_token} += ${tuning.tokens}u)`;
  code.block(head, (tile) => {
    stageOperands(tile, kernel);
    tile.line('workgroupBarrier();');
    writeTokens(tile, kernel, columns, fixed);
    tile.line('workgroupBarrier();');
    if (spec.local === undefined) writeEndings(tile, kernel);
  });
  writeStates(code, kernel, columns);
}

/** The index in the column of an invocation's state; the column's last one again where the lanes have more than the column. */
function columnIndex(code: Code, { spec, tuning, at }: Kernel, index: number): string {
  if (tuning.lanes === 1) return `${index}u`;
  const raw = `${at.lane} * ${tuning.each}u + ${index}u`;
  const last = (tuning.lanes - 1) * tuning.each + index;
  return code.let('n', last < spec.column ? raw : `min(${raw}, ${spec.column - 1}u)`);
}

/** Whether some lane has nothing to do for its state of this index. */
function isPadded({ spec, tuning }: Kernel, index: number): boolean {
  return (tuning.lanes - 1) * tuning.each + index >= spec.column;
}

/** Names of an operand's value for each state of the invocation. */
type PerState = readonly string[];

/** Operands that are the same for all tokens are read once. */
function readFixed(
  code: Code,
  kernel: Kernel,
  columns: readonly string[],
): ReadonlyMap<ScanOperand, PerState> {
  const fixed = kernel.step.filter(({ temporal }) => !temporal);
  return new Map(
    fixed.map((operand) => [
      operand,
      perState(operand, columns, (n) => readOperand(code, operand, { token: '0u', p: kernel.at.p, n })),
    ]),
  );
}

/** One value for each state where the operand varies over the column, else the same for all. */
function perState(operand: ScanOperand, columns: readonly string[], read: (n: string) => string): PerState {
  if (operand.over === 'column' || operand.over === 'both') return columns.map(read);
  const value = read('0u');
  return columns.map(() => value);
}

/** Past the run's last token the last one is read again, and not used. */
function stageOperands(code: Code, kernel: Kernel): void {
  const { spec, tuning, at } = kernel;
  for (const [operand, tile] of kernel.staged) {
    const length = lengthOf(operand, spec.column, tuning.channels);
    forEachItem(code, tuning.workgroup, tuning.tokens * length, (inner, item) => {
      const token = inner.let(
        'token',
        `min(${at.first_token} + ${length === 1 ? item : `${item} / ${length}u`}, ${at.count} - 1u)`,
      );
      const index = length === 1 ? '0u' : inner.let('index', `${item} % ${length}u`);
      const p =
        operand.over === 'parallel' ? `min(${at.first_column} + ${index}, ${spec.parallel - 1}u)` : '0u';
      const place = { token, p: p === '0u' ? p : inner.let('p', p), n: index };
      inner.line(`${tile}[${item}] = ${readOperand(inner, operand, place)};`);
    });
  }
}

function writeTokens(
  code: Code,
  kernel: Kernel,
  columns: readonly string[],
  fixed: ReadonlyMap<ScanOperand, PerState>,
): void {
  const { tuning, at } = kernel;
  code.loop(code.fresh('step'), tuning.tokens, (inner, step) => {
    const token = inner.let('token', `${at.first_token} + ${step}`);
    inner.block(`if (${token} >= ${at.count})`, (stop) => stop.line('break;'));
    const values = new Map(fixed);
    for (const operand of kernel.step)
      if (operand.temporal)
        values.set(
          operand,
          perState(operand, columns, (n) => readTemporal(inner, kernel, operand, { step, token, n })),
        );
    if (kernel.spec.local !== undefined) return writeLocal(inner, kernel, values, kernel.spec.local.decay);
    const y = inner.fresh('y');
    inner.line(`var ${y} = 0.0;`);
    kernel.states.forEach((state, index) => writeState(inner, kernel, values, state, index, y));
    for (let distance = 1; distance < tuning.cluster; distance *= 2)
      inner.line(`${y} += subgroupShuffleXor(${y}, ${distance}u);`);
    const partials = tuning.lanes / tuning.cluster;
    const lane =
      partials === 1 ? '' : ` + ${tuning.cluster === 1 ? at.lane : `${at.lane} / ${tuning.cluster}u`}`;
    const place = `(${step} * ${tuning.channels}u + ${at.channel})${partials === 1 ? '' : ` * ${partials}u`}${lane}`;
    const store = `${at.results}[${place}] = ${y};`;
    if (tuning.cluster === 1) inner.line(store);
    else inner.block(`if (${at.lane} % ${tuning.cluster}u == 0u)`, (body) => body.line(store));
  });
}

function writeLocal(
  code: Code,
  { spec, states, products }: Kernel,
  values: ReadonlyMap<ScanOperand, PerState>,
  decay: (code: Code, values: ScanValues) => string,
): void {
  states.forEach((state, index) => {
    const seen = valuesAt(values, index);
    code.line(`${products[index] ?? ''} *= ${decay(code, seen)};`);
    code.line(`${state} = ${spec.update(code, seen, state)};`);
  });
}

function readTemporal(
  code: Code,
  kernel: Kernel,
  operand: ScanOperand,
  where: { readonly step: string; readonly token: string; readonly n: string },
): string {
  const { spec, tuning, at } = kernel;
  const tile = kernel.staged.get(operand);
  if (tile === undefined) return readOperand(code, operand, { token: where.token, p: at.p, n: where.n });
  const length = lengthOf(operand, spec.column, tuning.channels);
  const offset =
    operand.over === 'column' ? ` + ${where.n}` : operand.over === 'parallel' ? ` + ${at.channel}` : '';
  return code.let(
    operand.name,
    `${tile}[${length === 1 ? where.step : `${where.step} * ${length}u`}${offset}]`,
  );
}

/** The values that one state sees, by name. */
function valuesAt(values: ReadonlyMap<ScanOperand, PerState>, index: number): ScanValues {
  return Object.fromEntries([...values].map(([operand, texts]) => [operand.name, texts[index] ?? '']));
}

function writeState(
  code: Code,
  kernel: Kernel,
  values: ReadonlyMap<ScanOperand, PerState>,
  state: string,
  index: number,
  y: string,
): void {
  const { spec, at, tuning } = kernel;
  const seen = valuesAt(values, index);
  const add = (): void => {
    const share = spec.output(code, seen, state);
    const inside = `${at.lane} * ${tuning.each}u + ${index}u < ${spec.column}u`;
    code.line(`${y} += ${isPadded(kernel, index) ? `select(0.0, ${share}, ${inside})` : share};`);
  };
  if (spec.outputFirst === true) add();
  code.line(`${state} = ${spec.update(code, seen, state)};`);
  if (spec.outputFirst !== true) add();
}

/** The results of the tile's tokens, spread over all invocations so that neighbours have neighbouring columns. */
function writeEndings(code: Code, kernel: Kernel): void {
  const { spec, tuning, at } = kernel;
  const partials = tuning.lanes / tuning.cluster;
  forEachItem(code, tuning.workgroup, tuning.tokens * tuning.channels, (inner, item) => {
    const token = inner.let('token', `${at.first_token} + ${item} / ${tuning.channels}u`);
    const p = inner.let('p', `${at.first_column} + ${item} % ${tuning.channels}u`);
    const whole = spec.parallel % tuning.channels === 0;
    inner.block(`if (${token} < ${at.count}${whole ? '' : ` && ${p} < ${spec.parallel}u`})`, (body) => {
      const terms = counted(partials, (partial) =>
        partials === 1 ? `${at.results}[${item}]` : `${at.results}[${item} * ${partials}u + ${partial}u]`,
      );
      const y = body.let('y', terms.join(' + '));
      const read = kernel.ending.map((operand) => [
        operand.name,
        readOperand(body, operand, { token, p, n: '0u' }),
      ]);
      spec.finish(body, token, p, y, Object.fromEntries(read));
    });
  });
}

function writeStates(code: Code, kernel: Kernel, columns: readonly string[]): void {
  const { spec, tuning, at } = kernel;
  const write = (outer: Code): void =>
    kernel.states.forEach((state, index) => {
      const store = (inner: Code): void => {
        spec.stateWrite(inner, at.p, columns[index] ?? '0u', state);
        spec.local?.store(inner, at.p, columns[index] ?? '0u', kernel.products[index] ?? '1.0');
      };
      if (!isPadded(kernel, index)) store(outer);
      else outer.block(`if (${at.lane} * ${tuning.each}u + ${index}u < ${spec.column}u)`, store);
    });
  if (spec.parallel % tuning.channels === 0) write(code);
  else code.block(`if (${at.first_column} + ${at.channel} < ${spec.parallel}u)`, write);
}
