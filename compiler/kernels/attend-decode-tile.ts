// One tile of one-token attention: a score for each position, the tile's highest, and the weighted sums of values.
import { bend, entryOf, inScoreUnit, slotOf, timesEntry } from './attend.ts';
import { folds, type Kernel } from './attend-decode-kernel.ts';
import { storeOnce } from './attend-decode-stage.ts';
import { PEAKS } from './attend-decode-tuning.ts';
import { counted, forEachItem, LOWEST } from './text.ts';
import type { Code } from './wgsl.ts';

export function writeTiles(code: Code, kernel: Kernel): void {
  const { tuning, at } = kernel;
  code.loop(code.fresh('tile'), tuning.tiles, (inner, tile) => {
    const base = inner.let('base', `${at.start} + ${tile} * ${tuning.workgroup}u`);
    inner.block(`if (${base} >= ${at.limit})`, (stop) => stop.line('break;'));
    writeTile(inner, kernel, base);
    inner.line('workgroupBarrier();');
  });
}

/** One position per invocation for the scores, then one entry of the value row per invocation for the weighted sums. */
export function writeTile(code: Code, kernel: Kernel, base: string): void {
  const { at } = kernel;
  const index = code.let('index', `${base} + local_invocation_index`);
  const seen = code.let('seen', `${index} < ${at.limit}`);
  const scores = writeScores(code, kernel, index, seen);
  if (kernel.spec.weigh === undefined) writeSoftmax(code, kernel, scores, seen);
  else writeWeights(code, kernel, scores, seen, kernel.spec.weigh);
  code.line('workgroupBarrier();');
  writeWeightedSums(code, kernel, base);
}

/** Weights relative to the highest score so far, to which what was summed up before is rescaled. */
function writeSoftmax(code: Code, kernel: Kernel, scores: readonly string[], seen: string): void {
  const { tuning, at } = kernel;
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
}

/** Each weight is a function of its own score. */
function writeWeights(
  code: Code,
  { tuning, at }: Kernel,
  scores: readonly string[],
  seen: string,
  weigh: string,
): void {
  scores.forEach((score, head) =>
    code.line(
      `${at.weights}[${head * tuning.workgroup}u + local_invocation_index] = select(0.0, ${weigh}(${score}), ${seen});`,
    ),
  );
}

/** The position's slot. */
function slotAt(code: Code, kernel: Kernel, index: string): string {
  return code.let('slot', slotOf(kernel.spec, positionAt(code, kernel, index)));
}

/** Lags within the window, then pinned positions. */
function positionAt(code: Code, kernel: Kernel, index: string): string {
  const { spec } = kernel;
  const lagged = `${kernel.at.current} - ${index}`;
  const pinned = spec.window !== undefined && (spec.pinned ?? 0) > 0;
  return code.let(
    'position',
    pinned ? `select(${index} - ${spec.visible}u, ${lagged}, ${index} < ${spec.visible}u)` : lagged,
  );
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
  const position = spec.bias === undefined ? '' : positionAt(code, kernel, index);
  const unseen = spec.weigh === undefined ? LOWEST : '0.0';
  scores.forEach((score, head) => {
    const all = [bend(spec, score), ...biasOf(code, kernel, head, position)].join(' + ');
    code.line(`${score} = select(${unseen}, ${all}, ${seen});`);
  });
  return scores;
}

function biasOf(code: Code, kernel: Kernel, head: number, position: string): readonly string[] {
  const { spec, tuning, at } = kernel;
  if (spec.bias === undefined) return [];
  const index = `${at.first_head} + ${head}u`;
  const whole = tuning.headTiles * tuning.heads === spec.per;
  const name = code.let('head', whole ? index : `min(${index}, ${spec.per - 1}u)`);
  return [inScoreUnit(spec, spec.bias(code, at.group, name, at.current, position))];
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
    if (kernel.spec.weigh === undefined) code.line(`${total} += ${weight};`);
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
