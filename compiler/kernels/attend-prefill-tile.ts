// One tile of prefill attention: scores from staged keys, the running softmax, and the weighted sums from staged values.
import { bend, entryOf, inScoreUnit, slotOf } from './attend.ts';
import type { PrefillKernel } from './attend-prefill.ts';
import { PREFILL_WORKGROUP } from './attend-prefill-tuning.ts';
import { counted, forEachItem, LOWEST } from './text.ts';
import type { Code } from './wgsl.ts';

/** The scores of four rows against one column. */
interface Column {
  readonly score: string;
  readonly seen: string;
}

/** The position of column `index` of all that the tile of queries sees; the last one again past the end. */
function positionOf(code: Code, { spec, at }: PrefillKernel, index: string): string {
  const inside = `min(${index}, ${at.span} - 1u)`;
  const fromFirst = spec.window === undefined && spec.chunk === undefined;
  if (fromFirst) return code.let('position', inside);
  if ((spec.pinned ?? 0) === 0) return code.let('position', `${at.begin} + ${inside}`);
  const column = code.let('column', inside);
  return code.let(
    'position',
    `select(${at.begin} + ${column} - ${at.pins}, ${column}, ${column} < ${at.pins})`,
  );
}

/** Products of queries and keys, a span of their elements at a time. `stageQueries` is called for each span. */
export function writeScores(
  code: Code,
  kernel: PrefillKernel,
  base: string,
  stageQueries: (code: Code, first: string) => void,
): readonly string[] {
  const { tuning, at } = kernel;
  const scores = counted(tuning.each, () => code.fresh('score'));
  for (const score of scores) code.line(`var ${score} = vec4<f32>();`);
  const span = (inner: Code, first: string): void => {
    inner.line('workgroupBarrier();');
    stageQueries(inner, first);
    stageKeys(inner, kernel, base, first);
    inner.line('workgroupBarrier();');
    inner.loop(inner.fresh('element'), tuning.span, (body, element) => {
      const row = tuning.resident && first !== '0u' ? `(${first} + ${element})` : element;
      const query = body.let('q', `${at.queries}[${row} * ${tuning.rows / 4}u + ${at.down}]`);
      const key = keysOf(body, kernel, element);
      scores.forEach((score, column) =>
        body.line(`${score} = fma(${query}, vec4<f32>(${key}.${'xyzw'.charAt(column)}), ${score});`),
      );
    });
  };
  if (tuning.spans === 1) span(code, '0u');
  else
    code.loop(code.fresh('part'), tuning.spans, (inner, part) =>
      span(inner, inner.let('first', `${part} * ${tuning.span}u`)),
    );
  return scores;
}

/** This invocation's columns of one staged element. */
function keysOf(code: Code, { tuning, at }: PrefillKernel, element: string): string {
  const fours = tuning.columns / 4;
  if (tuning.each === 4) return code.let('k', `${at.rows}[${element} * ${fours}u + ${at.across}]`);
  const four = code.let('k', `${at.rows}[${element} * ${fours}u + ${at.across} / 2u]`);
  return code.let('k', `select(${four}.xy, ${four}.zw, ${at.across} % 2u == 1u)`);
}

/** Keys go to workgroup memory with four columns in a vec4; elements past the key's last are zero times a query's zero. */
function stageKeys(code: Code, kernel: PrefillKernel, base: string, first: string): void {
  const { spec, tuning, keys, at } = kernel;
  const { width } = keys;
  const entries = tuning.span / width;
  const fours = tuning.columns / 4;
  forEachItem(code, PREFILL_WORKGROUP, entries * fours, (inner, item) => {
    const local = inner.let('entry', `${item} % ${entries}u`);
    const four = inner.let('four', `${item} / ${entries}u`);
    const raw = first === '0u' ? local : `${first} / ${width}u + ${local}`;
    const entry = inner.let('entry', `min(${raw}, ${keys.length - 1}u)`);
    const columns = [0, 1, 2, 3].map((column) => {
      const position = positionOf(inner, kernel, `${base} + ${four} * 4u + ${column}u`);
      return inner.let('k', keys.read(inner, at.group, inner.let('slot', slotOf(spec, position)), entry));
    });
    counted(width, (lane) => {
      const parts = columns.map((column) => (width === 1 ? column : `${column}.${'xyzw'.charAt(lane)}`));
      const element = width === 1 ? local : `(${local} * 4u + ${lane}u)`;
      inner.line(`${at.rows}[${element} * ${fours}u + ${four}] = vec4<f32>(${parts.join(', ')});`);
    });
  });
}

/** Turns scores into weights, in workgroup memory, and rescales what was summed up under a lower highest score. */
export function writeSoftmax(
  code: Code,
  kernel: PrefillKernel,
  base: string,
  scores: readonly string[],
): void {
  const { tuning, at } = kernel;
  const fours = tuning.rows / 4;
  const columns = scores.map((score, column) => maskColumn(code, kernel, base, score, column));
  const local = columns.map(({ score }) => score).reduce((left, right) => `max(${left}, ${right})`);
  code.line(`${at.weights}[${at.across} * ${fours}u + ${at.down}] = ${local};`);
  code.line('workgroupBarrier();');
  const next = code.fresh('next_peak');
  code.line(`var ${next} = ${at.peak};`);
  code.loop(code.fresh('other'), tuning.across, (inner, other) =>
    inner.line(`${next} = max(${next}, ${at.weights}[${other} * ${fours}u + ${at.down}]);`),
  );
  code.line('workgroupBarrier();');
  const keep = code.let('keep', `exp2(${at.peak} - ${next})`);
  code.line(`${at.peak} = ${next};`);
  code.line(`${at.total} *= ${keep};`);
  for (const rows of kernel.sums)
    rows.forEach((sum, row) => code.line(`${sum} *= ${keep}.${'xyzw'.charAt(row)};`));
  columns.forEach(({ score, seen }, column) => {
    const weight = code.let('weight', `select(vec4<f32>(), exp2(${score} - ${next}), ${seen})`);
    code.line(`${at.total} += ${weight};`);
    code.line(
      `${at.weights}[(${at.across} * ${tuning.each}u + ${column}u) * ${fours}u + ${at.down}] = ${weight};`,
    );
  });
}

/** Turns scores into weights, each a function of its own score. */
export function writeWeights(
  code: Code,
  kernel: PrefillKernel,
  base: string,
  scores: readonly string[],
  weigh: string,
): void {
  const { tuning, at } = kernel;
  scores.forEach((product, column) => {
    const { score, seen } = maskColumn(code, kernel, base, product, column);
    const rows = ['x', 'y', 'z', 'w'].map((lane) => `${weigh}(${score}.${lane})`);
    const place = `(${at.across} * ${tuning.each}u + ${column}u) * ${tuning.rows / 4}u + ${at.down}`;
    code.line(`${at.weights}[${place}] = select(vec4<f32>(), vec4<f32>(${rows.join(', ')}), ${seen});`);
  });
  code.line('workgroupBarrier();');
}

function maskColumn(
  code: Code,
  kernel: PrefillKernel,
  base: string,
  product: string,
  column: number,
): Column {
  const { spec, tuning, at } = kernel;
  const index = code.let('index', `${base} + ${at.across} * ${tuning.each}u + ${column}u`);
  const position = positionOf(code, kernel, index);
  const four = code.let('position', `vec4<u32>(${position})`);
  const tests = [
    ...(spec.ahead === true ? [] : [`(${four} <= ${at.row_position})`]),
    `vec4<bool>(${index} < ${at.span})`,
    ...(spec.chunk === undefined ? [] : [`(${four} - ${at.row_block} < vec4<u32>(${spec.chunk}u))`]),
    ...(spec.window === undefined ? [] : [isNear(kernel, spec.window, position, four)]),
  ];
  const seen = code.let('seen', tests.join(' & '));
  const bent = spec.softcap === undefined ? product : bend(spec, product, 'vec4<f32>');
  const all = spec.bias === undefined ? bent : `${bent} + ${biasOf(code, kernel, position)}`;
  const unseen = `vec4<f32>(${spec.weigh === undefined ? LOWEST : '0.0'})`;
  return { score: code.let('score', `select(${unseen}, ${all}, ${seen})`), seen };
}

/** Whether a position is in the window, on both sides where later ones are seen, or pinned. */
function isNear({ spec, at }: PrefillKernel, window: number, position: string, four: string): string {
  const lag =
    spec.ahead === true
      ? `max(${at.row_position}, ${four}) - min(${at.row_position}, ${four})`
      : `${at.row_position} - ${four}`;
  const near = `(${lag} < vec4<u32>(${window}u))`;
  const pinned = spec.pinned ?? 0;
  return pinned === 0 ? near : `(${near} | vec4<bool>(${position} < ${pinned}u))`;
}

/** The bias of each of the four rows. */
function biasOf(code: Code, { spec, at }: PrefillKernel, position: string): string {
  const rows = ['x', 'y', 'z', 'w'].map((lane) => {
    const read = spec.bias?.(
      code,
      at.group,
      `${at.row_head}.${lane}`,
      `${at.row_position}.${lane}`,
      position,
    );
    return code.let('bias', read ?? '0.0');
  });
  return inScoreUnit(spec, `vec4<f32>(${rows.join(', ')})`);
}

/** Adds the tile's values, weighted: each pass stages as many quads of the value rows as there are invocations across. */
export function writeWeightedSums(code: Code, kernel: PrefillKernel, base: string): void {
  const { tuning, at } = kernel;
  kernel.sums.forEach((rows, pass) => {
    if (pass > 0) code.line('workgroupBarrier();');
    stageValues(code, kernel, base, pass);
    code.line('workgroupBarrier();');
    code.loop(code.fresh('column'), tuning.columns, (inner, column) => {
      const weight = inner.let('weight', `${at.weights}[${column} * ${tuning.rows / 4}u + ${at.down}]`);
      const value = inner.let('v', `${at.rows}[${column} * ${tuning.across}u + ${at.across}]`);
      rows.forEach((sum, row) =>
        inner.line(`${sum} = fma(vec4<f32>(${weight}.${'xyzw'.charAt(row)}), ${value}, ${sum});`),
      );
    });
  });
}

/** What lies past the value row is read from its last element and never used. */
function stageValues(code: Code, kernel: PrefillKernel, base: string, pass: number): void {
  const { spec, tuning, values, at } = kernel;
  forEachItem(code, PREFILL_WORKGROUP, tuning.columns * tuning.across, (inner, item) => {
    const column = inner.let('column', `${item} / ${tuning.across}u`);
    const local = `${at.first_quad} + ${pass * tuning.across}u + ${item} % ${tuning.across}u`;
    const quad = inner.let('quad', `min(${local}, ${Math.ceil(spec.value / 4) - 1}u)`);
    const position = positionOf(inner, kernel, `${base} + ${column}`);
    const slot = inner.let('slot', slotOf(spec, position));
    const value =
      values.width === 4
        ? values.read(inner, at.group, slot, quad)
        : entryOf(inner, { ...values, width: 4 }, quad, (d) =>
            inner.let(
              'v',
              values.read(inner, at.group, slot, inner.let('d', `min(${d}, ${spec.value - 1}u)`)),
            ),
          );
    inner.line(`${at.rows}[${item}] = ${value};`);
  });
}
