// The elementwise scan over a run of tokens (prefill): the state stays in registers, two barriers for each tile of tokens.
import { foldedIndex, foldGrid, type TokenRange } from './contract.ts';
import { isShared, namesRead, readOperand, type ScanOperand, type ScanValues } from './scan-operands.ts';
import { lengthOf, scanTuning, type ScanTuning } from './scan-tuning.ts';
import type { Target, Templated } from './template.ts';
import { counted, forEachItem, names, sharedFloats } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

/**
 * For each of `parallel` independent columns of `column` elements, token after token: the states of an element become `update` of
 * themselves, and each reading is Σ over the column of a share of `output`. Nothing in these looks at another element.
 */
export interface ScanSpec {
  readonly parallel: number;
  readonly column: number;
  readonly tokens: TokenRange;
  readonly operands: readonly ScanOperand[];
  /** States of each element, by number below. */
  readonly states: number;
  readonly stateRead: (code: Code, state: number, p: string, n: string) => string;
  readonly stateWrite: (code: Code, state: number, p: string, n: string, value: string) => void;
  /** An element's states after a token; `values` are the operands at this token and element. */
  readonly update: (code: Code, values: ScanValues, states: readonly string[]) => readonly string[];
  readonly readings: number;
  /** One element's share of each reading. `before` counts only if `looksBack`. */
  readonly output: (
    code: Code,
    values: ScanValues,
    after: readonly string[],
    before: readonly string[],
  ) => readonly string[];
  /** Whether a reading looks at a state before the token. */
  readonly looksBack: boolean;
  /** Tokens of a segment, where the segments of a run go in parallel; a multiple of the tuning's. */
  readonly segment?: number;
  /**
   * Where given, nothing is put out: `stateWrite` is given what each segment makes of its states, and `store` what its tokens multiply
   * them by, which starts as `start`.
   */
  readonly local?: {
    readonly start: readonly string[];
    readonly multiply: (code: Code, values: ScanValues, products: readonly string[]) => readonly string[];
    readonly store: (code: Code, product: number, p: string, n: string, value: string) => void;
  };
  /** Uses the readings of one token and column. `values` has only the operands that do not vary over the column. */
  readonly finish: (
    code: Code,
    token: string,
    p: string,
    readings: readonly string[],
    values: ScanValues,
  ) => void;
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
  /** The states of each of the invocation's elements. */
  readonly states: readonly (readonly string[])[];
  /** What multiplies the states of each element; none but in a local pass. */
  readonly products: readonly (readonly string[])[];
}

const LOCALS = ['results', 'count', 'first_column', 'lane', 'channel', 'p', 'first_token'] as const;

export function scanElementwise(spec: ScanSpec, target: Target): Templated {
  const { step, ending } = operandsRead(spec);
  const tuning = scanTuning(spec, step, target);
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
    states: counted(tuning.each, () => counted(spec.states, () => code.fresh('state'))),
    products: counted(tuning.each, () => (spec.local?.start ?? []).map(() => code.fresh('product'))),
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
    const states = counted(spec.states, () => 'state');
    spec.update(code, values, states);
    if (spec.local === undefined) spec.output(code, values, states, states);
    else spec.local.multiply(code, values, spec.local.start);
  });
  const flat = spec.operands.filter(({ over }) => over === 'parallel' || over === 'none');
  const inEnding = namesRead(flat, (code, values) => {
    const readings = counted(spec.readings, () => 'y');
    if (spec.local === undefined) spec.finish(code, 'token', 'p', readings, values);
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
  return [...tiles, sharedFloats(at.results, spec.readings * resultFloats(tuning))];
}

/** f32 values of one reading of a tile's tokens, one for each that is still to be added up. */
function resultFloats({ tokens, workgroup, cluster }: ScanTuning): number {
  return (tokens * workgroup) / cluster;
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
  kernel.states.forEach((states, index) =>
    states.forEach((state, which) =>
      code.line(`var ${state} = ${spec.stateRead(code, which, at.p, columns[index] ?? '0u')};`),
    ),
  );
  for (const products of kernel.products)
    products.forEach((product, which) => code.line(`var ${product} = ${spec.local?.start[which] ?? '1.0'};`));
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
    if (kernel.spec.local !== undefined) return writeLocal(inner, kernel, values, kernel.spec.local);
    const readings = counted(kernel.spec.readings, () => inner.fresh('y'));
    for (const y of readings) inner.line(`var ${y} = 0.0;`);
    kernel.states.forEach((_, index) => writeElement(inner, kernel, values, index, readings));
    for (const y of readings)
      for (let distance = 1; distance < tuning.cluster; distance *= 2)
        inner.line(`${y} += subgroupShuffleXor(${y}, ${distance}u);`);
    const partials = tuning.lanes / tuning.cluster;
    const lane =
      partials === 1 ? '' : ` + ${tuning.cluster === 1 ? at.lane : `${at.lane} / ${tuning.cluster}u`}`;
    const place = `(${step} * ${tuning.channels}u + ${at.channel})${partials === 1 ? '' : ` * ${partials}u`}${lane}`;
    const store = (body: Code): void =>
      readings.forEach((y, reading) =>
        body.line(`${at.results}[${place}${offsetText(reading * resultFloats(tuning))}] = ${y};`),
      );
    if (tuning.cluster === 1) store(inner);
    else inner.block(`if (${at.lane} % ${tuning.cluster}u == 0u)`, store);
  });
}

function offsetText(offset: number): string {
  return offset === 0 ? '' : ` + ${offset}u`;
}

function writeLocal(
  code: Code,
  { spec, states, products }: Kernel,
  values: ReadonlyMap<ScanOperand, PerState>,
  local: NonNullable<ScanSpec['local']>,
): void {
  states.forEach((own, index) => {
    const seen = valuesAt(values, index);
    const factors = products[index] ?? [];
    assign(code, factors, local.multiply(code, seen, factors));
    assign(code, own, spec.update(code, seen, own));
  });
}

/** New values, each of which may be made from all old ones. */
function assign(code: Code, variables: readonly string[], values: readonly string[]): void {
  const given = variables.length === 1 ? values : named(code, values, variables);
  variables.forEach((variable, which) => code.line(`${variable} = ${given[which] ?? variable};`));
}

/** The values as names that last when `changing` do not. */
function named(code: Code, values: readonly string[], changing: readonly string[]): readonly string[] {
  const lasts = (value: string): boolean => /^[A-Za-z]\w*$/.test(value) && !changing.includes(value);
  return values.map((value) => (lasts(value) ? value : code.let('next', value)));
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

/** The values that one element sees, by name. */
function valuesAt(values: ReadonlyMap<ScanOperand, PerState>, index: number): ScanValues {
  return Object.fromEntries([...values].map(([operand, texts]) => [operand.name, texts[index] ?? '']));
}

/** The update of one element's states, and its shares of the readings. */
function writeElement(
  code: Code,
  kernel: Kernel,
  values: ReadonlyMap<ScanOperand, PerState>,
  index: number,
  readings: readonly string[],
): void {
  const { spec, at, tuning } = kernel;
  const states = kernel.states[index] ?? [];
  const seen = valuesAt(values, index);
  const add = (after: readonly string[]): void => {
    const inside = `${at.lane} * ${tuning.each}u + ${index}u < ${spec.column}u`;
    spec.output(code, seen, after, states).forEach((share, reading) => {
      const text = isPadded(kernel, index) ? `select(0.0, ${share}, ${inside})` : share;
      code.line(`${readings[reading] ?? ''} += ${text};`);
    });
  };
  const updated = spec.update(code, seen, states);
  // States that readings look at before the token have to stay until these are at hand.
  const after = spec.looksBack ? named(code, updated, states) : states;
  if (spec.looksBack) add(after);
  assign(code, states, spec.looksBack ? after : updated);
  if (!spec.looksBack) add(states);
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
      const readings = counted(spec.readings, (reading) => {
        const offset = reading * resultFloats(tuning);
        const terms = counted(partials, (partial) =>
          partials === 1
            ? `${at.results}[${item}${offsetText(offset)}]`
            : `${at.results}[${item} * ${partials}u + ${offset + partial}u]`,
        );
        return body.let('y', terms.join(' + '));
      });
      const read = kernel.ending.map((operand) => [
        operand.name,
        readOperand(body, operand, { token, p, n: '0u' }),
      ]);
      spec.finish(body, token, p, readings, Object.fromEntries(read));
    });
  });
}

function writeStates(code: Code, kernel: Kernel, columns: readonly string[]): void {
  const { spec, tuning, at } = kernel;
  const write = (outer: Code): void =>
    kernel.states.forEach((states, index) => {
      const n = columns[index] ?? '0u';
      const store = (inner: Code): void => {
        states.forEach((state, which) => spec.stateWrite(inner, which, at.p, n, state));
        kernel.products[index]?.forEach((product, which) =>
          spec.local?.store(inner, which, at.p, n, product),
        );
      };
      if (!isPadded(kernel, index)) store(outer);
      else outer.block(`if (${at.lane} * ${tuning.each}u + ${index}u < ${spec.column}u)`, store);
    });
  if (spec.parallel % tuning.channels === 0) write(code);
  else code.block(`if (${at.first_column} + ${at.channel} < ${spec.parallel}u)`, write);
}
