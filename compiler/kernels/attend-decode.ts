// Attention of one token over a cache (decode): positions are split over workgroups, each reading keys and values once for all its heads.
import {
  bend,
  checkAttend,
  eachElement,
  entryOf,
  keyRow,
  queryFactor,
  slotOf,
  timesEntry,
  valueRow,
  type AttendShape,
  type CacheReader,
  type Row,
} from './attend.ts';
import { attendReduce, partialsLength, partialsStart } from './attend-reduce.ts';
import {
  decodeTuning,
  partFloats,
  PEAKS,
  reach,
  sharedSizes,
  type DecodeTuning,
} from './attend-decode-tuning.ts';
import type { Action, Hook, Target, Templated } from './template.ts';
import { counted, forEachItem, LOWEST, names } from './text.ts';
import { Code, type SharedVariable } from './wgsl.ts';

export interface AttendDecodeSpec extends AttendShape, CacheReader {
  /** The most positions seen apart from the pinned ones: the window, or the capacity where there is none. At most `slots`. */
  readonly visible: number;
  /** The index of the current token: a uniform u32 of module scope. */
  readonly position: string;
  /** Statements that the whole workgroup runs first, under uniform control flow; it may declare names that `query`, `newKey`, `newValue` use. */
  readonly preamble?: (code: Code) => void;
  /** Bytes of workgroup memory that the preamble needs for itself. */
  readonly sharedBytes?: number;
  /** One element of the current token's query of a head. */
  readonly query: Hook<[group: string, per: string, d: string]>;
  /** The current token's key and value, where this kernel has to append them; without them they are in the cache already. */
  readonly newKey?: Hook<[group: string, d: string]>;
  readonly newValue?: Hook<[group: string, d: string]>;
  readonly store?: {
    readonly writeKey: Action<[group: string, slot: string, d: string, value: string]>;
    readonly writeValue: Action<[group: string, slot: string, d: string, value: string]>;
  };
  /** Statements before `finish` in the kernel that finishes: run by the whole workgroup. */
  readonly finishPreamble?: (code: Code) => void;
  /** One element of the result. */
  readonly finish: Action<[group: string, per: string, d: string, value: string]>;
  /** Scratch memory between the two kernels, f32, `partials` of them; used only where there is a reduce. */
  readonly writePartial: Action<[index: string, value: string]>;
  readonly readPartial: Hook<[index: string]>;
  readonly reserved?: readonly string[];
}

export interface AttendDecode {
  readonly split: Templated;
  /** Absent where one workgroup sees all positions of a head: `split` then calls `finish` itself. */
  readonly reduce?: Templated;
  /** f32 values of scratch memory that `split` writes and `reduce` reads; 0 without a reduce. */
  readonly partials: number;
}

/** Everything the parts below share. */
interface Kernel {
  readonly spec: AttendDecodeSpec;
  readonly tuning: DecodeTuning;
  readonly keys: Row;
  readonly values: Row;
  readonly at: Readonly<Record<(typeof LOCALS)[number], string>>;
  /** Per head: highest score so far and total weight. */
  readonly peaks: readonly string[];
  readonly totals: readonly string[];
  /** Per entry of the value row that an invocation has, and head: the weighted sum. */
  readonly sums: readonly (readonly string[])[];
}

const LOCALS = [
  'current',
  'queries',
  'new_key',
  'weights',
  'maxima',
  'group',
  'first_head',
  'start',
  'limit',
  'entry',
  'part',
] as const;

export function attendDecode(spec: AttendDecodeSpec, target: Target): AttendDecode {
  checkAttend(spec);
  if (spec.visible > spec.slots) throw new Error('internal: attention sees more positions than it has slots');
  const tuning = decodeTuning(spec, target);
  const code = new Code().reserve(['workgroup_id', 'local_invocation_index', ...(spec.reserved ?? [])]);
  const kernel = declare(code, spec, tuning);
  writeKernel(code, kernel);
  const split: Templated = {
    body: {
      workgroup: [tuning.workgroup, 1, 1],
      shared: sharedVariables(kernel),
      builtins: ['workgroup_id', 'local_invocation_index'],
      features: tuning.cluster > 1 ? ['subgroups'] : [],
      barriers: barriers(kernel),
      functions: [],
      code,
    },
    grid: [tuning.splits, spec.groups, tuning.headTiles],
  };
  if (tuning.splits === 1) return { split, partials: 0 };
  return { split, reduce: attendReduce(spec, tuning, target), partials: partialsLength(spec, tuning) };
}

function declare(code: Code, spec: AttendDecodeSpec, tuning: DecodeTuning): Kernel {
  const values = valueRow(spec, spec);
  const entries = Math.ceil(values.length / tuning.workgroup);
  return {
    spec,
    tuning,
    keys: keyRow(spec, spec),
    values,
    at: names(code, LOCALS),
    peaks: counted(tuning.heads, () => code.fresh('peak')),
    totals: counted(tuning.heads, () => code.fresh('total')),
    sums: counted(entries, () => counted(tuning.heads, () => code.fresh('sum'))),
  };
}

function sharedVariables(kernel: Kernel): readonly SharedVariable[] {
  const { spec, tuning, keys, at } = kernel;
  const sizes = sharedSizes(spec, tuning.workgroup, tuning.heads);
  const rows = (name: string, count: number): SharedVariable => ({
    name,
    type: `array<${keys.type}, ${count / keys.width}>`,
    bytes: 4 * count,
  });
  const floats = (name: string, count: number): SharedVariable => ({
    name,
    type: `array<f32, ${count}>`,
    bytes: 4 * count,
  });
  return [
    rows(at.queries, sizes.query),
    ...(spec.newKey === undefined ? [] : [rows(at.new_key, sizes.key)]),
    floats(at.weights, sizes.scratch),
    floats(at.maxima, sizes.peaks),
  ];
}

function barriers(kernel: Kernel): number {
  const { tuning } = kernel;
  const perTile = (folds(kernel) ? 3 : 2) + (tuning.tiles > 1 ? 1 : 0);
  const batches = tuning.parts > 1 ? Math.ceil(tuning.heads / batchOf(kernel)) : 0;
  return 1 + perTile * tuning.tiles + 2 * batches;
}

function writeKernel(code: Code, kernel: Kernel): void {
  const { spec, tuning, at } = kernel;
  code.line(`let ${at.current} = ${spec.position};`);
  code.line(`let ${at.group} = ${bounded('workgroup_id.y', spec.groups)};`);
  code.line(`let ${at.first_head} = ${bounded('workgroup_id.z', tuning.headTiles)} * ${tuning.heads}u;`);
  code.line(
    '// Positions are counted backwards from the current one; the pinned ones come after the window.',
  );
  const span = tuning.workgroup * tuning.tiles;
  code.line(`let ${at.start} = ${bounded('workgroup_id.x', tuning.splits)} * ${span}u;`);
  code.line(`let ${at.limit} = min(${at.current} + 1u, ${reach(spec)}u);`);
  if (tuning.splits > 1) writeEarlyExit(code, kernel);
  spec.preamble?.(code);
  stageQueries(code, kernel);
  writeAccumulators(code, kernel);
  code.line('workgroupBarrier();');
  if (tuning.tiles === 1) writeTile(code, kernel, at.start);
  else writeTiles(code, kernel);
  if (tuning.splits === 1) spec.finishPreamble?.(code);
  if (tuning.parts > 1) finishFromParts(code, kernel);
  else finishAlone(code, kernel);
}

/** A number of which Tint can see the bound. */
function bounded(text: string, count: number): string {
  return count === 1 ? '0u' : `min(${text}, ${count - 1}u)`;
}

/** A split that begins before the first position says that it has seen nothing. */
function writeEarlyExit(code: Code, kernel: Kernel): void {
  const { spec, tuning, at } = kernel;
  code.block(`if (${at.start} >= ${at.limit})`, (exit) => {
    exit.block(`if (local_invocation_index < ${tuning.heads}u)`, (inner) => {
      const head = inner.let('head', `${at.first_head} + local_invocation_index`);
      guardHead(inner, kernel, head, (write) => {
        const start = write.let('partial', partialsStart(spec, tuning, at.group, head, 'workgroup_id.x'));
        spec.writePartial(write, start, LOWEST);
        spec.writePartial(write, `${start} + 1u`, '0.0');
      });
    });
    exit.line('return;');
  });
}

/** The last workgroup of a group's heads may have fewer of them. */
function guardHead(code: Code, kernel: Kernel, head: string, body: (inner: Code) => void): void {
  const { spec, tuning } = kernel;
  if (tuning.headTiles * tuning.heads === spec.per) body(code);
  else code.block(`if (${head} < ${spec.per}u)`, body);
}

/** Queries go to workgroup memory, scaled; the new key too, and to the cache. */
function stageQueries(code: Code, kernel: Kernel): void {
  const { spec, tuning, keys, at } = kernel;
  const factor = queryFactor(spec);
  forEachItem(code, tuning.workgroup, tuning.heads * keys.length, (inner, item) => {
    const head = inner.let('head', `min(${at.first_head} + ${item} / ${keys.length}u, ${spec.per - 1}u)`);
    const entry = inner.let('entry', `${item} % ${keys.length}u`);
    const value = entryOf(inner, keys, entry, (d) => inner.let('q', spec.query(inner, at.group, head, d)));
    inner.line(`${at.queries}[${item}] = ${value} * ${factor};`);
  });
  const { newKey } = spec;
  if (newKey === undefined) return;
  code.block(`if (${at.start} == 0u)`, (first) => {
    forEachItem(first, tuning.workgroup, keys.length, (inner, entry) => {
      const key = inner.let(
        'k',
        entryOf(inner, keys, entry, (d) => inner.let('k', newKey(inner, at.group, d))),
      );
      inner.line(`${at.new_key}[${entry}] = ${key};`);
      storeOnce(inner, kernel, keys, entry, key, 'writeKey');
    });
  });
}

/** Of the workgroups that hold a group's heads, the first one appends. */
function storeOnce(
  code: Code,
  kernel: Kernel,
  row: Row,
  entry: string,
  value: string,
  write: 'writeKey' | 'writeValue',
): void {
  const { spec, tuning, at } = kernel;
  const store = (inner: Code): void => {
    const slot = inner.let('slot', slotOf(spec, at.current));
    eachElement(inner, row, entry, value, (d, element) =>
      spec.store?.[write](inner, at.group, slot, d, element),
    );
  };
  if (tuning.headTiles === 1) store(code);
  else code.block('if (workgroup_id.z == 0u)', store);
}

function writeAccumulators(code: Code, kernel: Kernel): void {
  const { tuning, values, at } = kernel;
  if (tuning.parts > 1) {
    code.line(`let ${at.entry} = local_invocation_index % ${values.length}u;`);
    code.line(`let ${at.part} = local_invocation_index / ${values.length}u;`);
  }
  for (const peak of kernel.peaks) code.line(`var ${peak} = ${LOWEST};`);
  for (const total of kernel.totals) code.line(`var ${total} = 0.0;`);
  for (const sum of kernel.sums.flat()) code.line(`var ${sum} = ${values.zero};`);
}

function writeTiles(code: Code, kernel: Kernel): void {
  const { tuning, at } = kernel;
  code.loop(code.fresh('tile'), tuning.tiles, (inner, tile) => {
    const base = inner.let('base', `${at.start} + ${tile} * ${tuning.workgroup}u`);
    inner.block(`if (${base} >= ${at.limit})`, (stop) => stop.line('break;'));
    writeTile(inner, kernel, base);
    inner.line('workgroupBarrier();');
  });
}

/** One position per invocation for the scores, then one entry of the value row per invocation for the weighted sums. */
function writeTile(code: Code, kernel: Kernel, base: string): void {
  const { tuning, at } = kernel;
  const index = code.let('index', `${base} + local_invocation_index`);
  const seen = code.let('seen', `${index} < ${at.limit}`);
  const scores = writeScores(code, kernel, index, seen);
  const maxima = writeMaxima(code, kernel, scores);
  scores.forEach((score, head) => {
    const peak = kernel.peaks[head];
    const next = code.let('next_peak', `max(${peak}, ${maxima[head]})`);
    if (tuning.tiles > 1) {
      const keep = code.let('keep', `exp2(${peak} - ${next})`);
      code.line(`${kernel.totals[head]} *= ${keep};`);
      for (const sums of kernel.sums) code.line(`${sums[head]} *= ${keep};`);
    }
    code.line(`${peak} = ${next};`);
    code.line(
      `${at.weights}[${head * tuning.workgroup}u + local_invocation_index] = select(0.0, exp2(${score} - ${peak}), ${seen});`,
    );
  });
  code.line('workgroupBarrier();');
  writeWeightedSums(code, kernel, base);
}

/** The position's slot: lags within the window, then pinned positions. */
function slotAt(code: Code, kernel: Kernel, index: string): string {
  const { spec } = kernel;
  const lagged = `${kernel.at.current} - ${index}`;
  const pinned = spec.window !== undefined && (spec.pinned ?? 0) > 0;
  const position = code.let(
    'position',
    pinned ? `select(${index} - ${spec.visible}u, ${lagged}, ${index} < ${spec.visible}u)` : lagged,
  );
  return code.let('slot', slotOf(spec, position));
}

/** One score per head: the product of its query with this invocation's key. */
function writeScores(code: Code, kernel: Kernel, index: string, seen: string): readonly string[] {
  const { spec, keys, at } = kernel;
  const scores = kernel.peaks.map(() => code.fresh('score'));
  for (const score of scores) code.line(`var ${score} = 0.0;`);
  const accumulate = (inner: Code, read: (body: Code, entry: string) => string): void => {
    inner.loop(inner.fresh('entry'), keys.length, (body, entry) => {
      const key = body.let('k', read(body, entry));
      scores.forEach((score, head) => {
        const query = `${at.queries}[${head * keys.length}u + ${entry}]`;
        body.line(`${score} += ${timesEntry(keys, query, key)};`);
      });
    });
  };
  const fromCache = (inner: Code): void => {
    const slot = slotAt(inner, kernel, index);
    accumulate(inner, (body, entry) => keys.read(body, at.group, slot, entry));
  };
  if (spec.newKey === undefined) code.block(`if (${seen})`, fromCache);
  else {
    code.block(
      `if (${index} == 0u)`,
      (inner) => accumulate(inner, (_, entry) => `${at.new_key}[${entry}]`),
      '}',
    );
    code.block(`if (${seen} && ${index} != 0u)`, fromCache);
  }
  for (const score of scores) code.line(`${score} = select(${LOWEST}, ${bend(spec, score)}, ${seen});`);
  return scores;
}

/** Whether the maxima of the clusters are so many that they are folded before every invocation goes through them. */
function folds(kernel: Kernel): boolean {
  return kernel.tuning.workgroup / kernel.tuning.cluster > PEAKS;
}

/** The tile's highest score per head, known to every invocation. */
function writeMaxima(code: Code, kernel: Kernel, scores: readonly string[]): readonly string[] {
  const { tuning, at } = kernel;
  const { workgroup, cluster, heads } = tuning;
  const count = workgroup / cluster;
  const memory = folds(kernel) ? at.weights : at.maxima;
  const highest = scores.map((score) => {
    if (cluster === 1) return score;
    const name = code.fresh('highest');
    code.line(`var ${name} = ${score};`);
    for (let distance = 1; distance < cluster; distance *= 2)
      code.line(`${name} = max(${name}, subgroupShuffleXor(${name}, ${distance}u));`);
    return name;
  });
  const store = (inner: Code, lane: string): void =>
    highest.forEach((name, head) => inner.line(`${memory}[${head * count}u + ${lane}] = ${name};`));
  if (cluster === 1) store(code, 'local_invocation_index');
  else
    code.block(`if (local_invocation_index % ${cluster}u == 0u)`, (inner) =>
      store(inner, `local_invocation_index / ${cluster}u`),
    );
  code.line('workgroupBarrier();');
  if (folds(kernel)) foldMaxima(code, kernel, count);
  const left = Math.min(count, PEAKS);
  return counted(heads, (head) => {
    const name = code.fresh('tile_peak');
    code.line(`var ${name} = ${at.maxima}[${head * left}u];`);
    if (left > 1)
      code.loop(code.fresh('other'), left, (inner, other) =>
        inner.line(`${name} = max(${name}, ${at.maxima}[${head * left}u + ${other}]);`),
      );
    return name;
  });
}

function foldMaxima(code: Code, kernel: Kernel, count: number): void {
  const { tuning, at } = kernel;
  const each = count / PEAKS;
  forEachItem(code, tuning.workgroup, tuning.heads * PEAKS, (inner, item) => {
    const start = inner.let('first', `${item} / ${PEAKS}u * ${count}u + ${item} % ${PEAKS}u`);
    const terms = counted(each, (index) => `${at.weights}[${start} + ${index * PEAKS}u]`);
    inner.line(`${at.maxima}[${item}] = ${terms.reduce((left, right) => `max(${left}, ${right})`)};`);
  });
  code.line('workgroupBarrier();');
}

/** The entries of the value row that this invocation sums up, with their index in the row. */
function entriesOf(code: Code, kernel: Kernel): readonly string[] {
  const { tuning, values, at } = kernel;
  if (tuning.parts > 1) return [at.entry];
  return kernel.sums.map((_, index) =>
    code.let('entry', `min(local_invocation_index + ${index * tuning.workgroup}u, ${values.length - 1}u)`),
  );
}

function writeWeightedSums(code: Code, kernel: Kernel, base: string): void {
  const { spec, tuning, values, at } = kernel;
  const { parts, workgroup } = tuning;
  const whole = (inner: Code): void => {
    const entries = entriesOf(inner, kernel);
    if (spec.newValue !== undefined) addNewValue(inner, kernel, base, entries);
    inner.loop(inner.fresh('step'), workgroup / parts, (body, step) => {
      const offset = parts === 1 ? step : body.let('offset', `${step} * ${parts}u + ${at.part}`);
      const index = body.let('index', `${base} + ${offset}`);
      const fresh = spec.newValue === undefined ? '' : ` && ${index} != 0u`;
      body.block(`if (${index} < ${at.limit}${fresh})`, (use) => {
        const slot = slotAt(use, kernel, index);
        const read = entries.map((entry) => use.let('v', values.read(use, at.group, slot, entry)));
        addWeighted(use, kernel, offset, read);
      });
    });
  };
  if (parts > 1 && parts * values.length < workgroup) code.block(`if (${at.part} < ${parts}u)`, whole);
  else whole(code);
}

function addWeighted(code: Code, kernel: Kernel, offset: string, read: readonly string[]): void {
  kernel.totals.forEach((total, head) => {
    const weight = code.let('weight', `${kernel.at.weights}[${head * kernel.tuning.workgroup}u + ${offset}]`);
    code.line(`${total} += ${weight};`);
    read.forEach((value, entry) => code.line(`${kernel.sums[entry]?.[head]} += ${weight} * ${value};`));
  });
}

/** The current token's own value, by the invocations that hold its entries; they append it as well. */
function addNewValue(code: Code, kernel: Kernel, base: string, entries: readonly string[]): void {
  const { spec, tuning, values, at } = kernel;
  const { newValue } = spec;
  if (newValue === undefined) return;
  const mine = tuning.parts > 1 ? ` && ${at.part} == 0u` : '';
  code.block(`if (${base} == 0u${mine})`, (inner) => {
    const read = entries.map((entry, index) => {
      const value = inner.let(
        'v',
        entryOf(inner, values, entry, (d) => inner.let('v', newValue(inner, at.group, d))),
      );
      const unguarded = tuning.parts > 1 || (index + 1) * tuning.workgroup <= values.length;
      const store = (body: Code): void => storeOnce(body, kernel, values, entry, value, 'writeValue');
      if (unguarded) store(inner);
      else inner.block(`if (local_invocation_index < ${values.length - index * tuning.workgroup}u)`, store);
      return value;
    });
    addWeighted(inner, kernel, '0u', read);
  });
}

/** Every invocation has whole sums of its own entries. */
function finishAlone(code: Code, kernel: Kernel): void {
  const { tuning, values } = kernel;
  kernel.sums.forEach((sums, index) => {
    const count = Math.min(tuning.workgroup, values.length - index * tuning.workgroup);
    const write = (inner: Code): void => {
      const entry = inner.let('entry', `local_invocation_index + ${index * tuning.workgroup}u`);
      sums.forEach((sum, head) => {
        const [peak = '', total = ''] = [kernel.peaks[head], kernel.totals[head]];
        const name = inner.let('head', `${kernel.at.first_head} + ${head}u`);
        guardHead(inner, kernel, name, (body) =>
          writeResult(body, kernel, name, entry, { sum, total, peak }),
        );
      });
    };
    if (count === tuning.workgroup) code.block('', write);
    else code.block(`if (local_invocation_index < ${count}u)`, write);
  });
}

interface HeadSum {
  readonly sum: string;
  readonly total: string;
  readonly peak: string;
}

/** One entry of one head: the result itself, or a partial one for the reduce. */
function writeResult(code: Code, kernel: Kernel, head: string, entry: string, of: HeadSum): void {
  const { spec, tuning, values, at } = kernel;
  if (tuning.splits === 1) {
    const result = code.let('result', `${of.sum} / ${of.total}`);
    eachElement(code, values, entry, result, (d, element) => spec.finish(code, at.group, head, d, element));
    return;
  }
  const start = code.let('partial', partialsStart(spec, tuning, at.group, head, 'workgroup_id.x'));
  code.block(`if (${entry} == 0u)`, (inner) => {
    spec.writePartial(inner, start, of.peak);
    spec.writePartial(inner, `${start} + 1u`, of.total);
  });
  eachElement(code, values, entry, of.sum, (d, element) =>
    spec.writePartial(code, `${start} + 2u + ${d}`, element),
  );
}

/** Heads whose parts fit the scratch memory at once. */
function batchOf(kernel: Kernel): number {
  const { spec, tuning, values } = kernel;
  const { scratch } = sharedSizes(spec, tuning.workgroup, tuning.heads);
  return Math.min(tuning.heads, Math.floor(scratch / partFloats(values, tuning.parts)));
}

/** The parts' sums are added up through workgroup memory, a batch of heads at a time. */
function finishFromParts(code: Code, kernel: Kernel): void {
  const batch = batchOf(kernel);
  for (let first = 0; first < kernel.tuning.heads; first += batch)
    finishBatch(code, kernel, first, Math.min(batch, kernel.tuning.heads - first));
}

function finishBatch(code: Code, kernel: Kernel, first: number, count: number): void {
  const { tuning, values, at } = kernel;
  const { parts } = tuning;
  const stride = partFloats(values, parts);
  code.line('workgroupBarrier();');
  code.block(parts * values.length < tuning.workgroup ? `if (${at.part} < ${parts}u)` : '', (inner) => {
    const sums = kernel.sums[0] ?? [];
    counted(count, (index) => {
      const head = first + index;
      const place = inner.let(
        'place',
        `${index * stride}u + (${at.part} * ${values.length}u + ${at.entry}) * ${values.width}u`,
      );
      const lanes = values.width === 1 ? [''] : ['.x', '.y', '.z', '.w'];
      lanes.forEach((lane, offset) =>
        inner.line(`${at.weights}[${place} + ${offset}u] = ${sums[head]}${lane};`),
      );
      const total = `${index * stride + parts * values.length * values.width}u + ${at.part}`;
      inner.block(`if (${at.entry} == 0u)`, (body) =>
        body.line(`${at.weights}[${total}] = ${kernel.totals[head]};`),
      );
    });
  });
  code.line('workgroupBarrier();');
  forEachItem(code, tuning.workgroup, count * values.length, (inner, item) =>
    addParts(inner, kernel, first, count, item),
  );
}

function addParts(code: Code, kernel: Kernel, first: number, count: number, item: string): void {
  const { tuning, values, at } = kernel;
  const { parts } = tuning;
  const stride = partFloats(values, parts);
  const local = code.let('head_of_batch', `${item} / ${values.length}u`);
  const entry = code.let('entry', `${item} % ${values.length}u`);
  const { sum, total } = names(code, ['sum', 'total']);
  code.line(`var ${sum} = ${values.zero};`);
  code.line(`var ${total} = 0.0;`);
  code.loop(code.fresh('part'), parts, (inner, part) => {
    const place = inner.let(
      'place',
      `${local} * ${stride}u + (${part} * ${values.length}u + ${entry}) * ${values.width}u`,
    );
    const lanes = counted(values.width, (lane) => `${at.weights}[${place} + ${lane}u]`);
    inner.line(`${sum} += ${values.width === 1 ? lanes[0] : `vec4<f32>(${lanes.join(', ')})`};`);
    inner.line(
      `${total} += ${at.weights}[${local} * ${stride}u + ${parts * values.length * values.width}u + ${part}];`,
    );
  });
  const head = code.let('head', `${at.first_head} + ${first}u + ${local}`);
  const peak = kernel.peaks
    .slice(first, first + count)
    .reduce((chosen, name, index) =>
      index === 0 ? name : `select(${chosen}, ${name}, ${local} == ${index}u)`,
    );
  guardHead(code, kernel, head, (inner) =>
    writeResult(inner, kernel, head, entry, { sum, total, peak: inner.let('peak', peak) }),
  );
}
