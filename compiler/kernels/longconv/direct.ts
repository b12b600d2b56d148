// The direct form: each invocation sums up a filter for a few neighbouring positions of one channel, with x and taps in registers.
import type { Target, Templated } from '../template.ts';
import { counted, powerOfTwoAbove } from '../text.ts';
import { Code, plainBody } from '../wgsl.ts';
import type { FilterSpec, LongConvSpec } from './spec.ts';
import { DIRECT } from './tuning.ts';

export function directForm(spec: LongConvSpec, _target: Target): Templated {
  const { positions, workgroup } = DIRECT;
  const lanes = Math.min(workgroup, powerOfTwoAbove(spec.channels));
  const tiles = workgroup / lanes;
  const code = new Code().reserve(spec.reserved);
  const channel = code.let('channel', `workgroup_id.x * ${lanes}u + local_invocation_index % ${lanes}u`);
  const token = code.let(
    'token',
    `(workgroup_id.y * ${tiles}u + local_invocation_index / ${lanes}u) * ${positions}u`,
  );
  code.line(`if (${channel} >= ${spec.channels}u || ${token} >= ${spec.count}) { return; }`);
  const at = code.let('at', `${spec.start} + ${token}`);
  const end = code.let('end', spec.end);
  const sums = counted(positions, (i) => code.fresh(`sum_${i}`));
  for (const sum of sums) code.line(`var ${sum} = 0.0;`);
  for (const filter of spec.filters)
    code.block('', (inner) => addFilter(inner, spec, filter, { channel, at, end, sums }));
  sums.forEach((sum, i) => {
    const own = i === 0 ? token : code.let('own', `${token} + ${i}u`);
    const store = (inner: Code): void => spec.finish(inner, own, channel, sum);
    if (i === 0) code.block('', store);
    else code.block(`if (${own} < ${spec.count})`, store);
  });
  return {
    body: plainBody(workgroup, code),
    grid: [
      Math.ceil(spec.channels / lanes),
      spec.beyond ? Math.ceil(spec.maximum / positions / tiles) : { tile: positions * tiles, times: 1 },
      1,
    ],
  };
}

interface At {
  readonly channel: string;
  readonly at: string;
  readonly end: string;
  readonly sums: readonly string[];
}

/** Goes through the taps a block at a time; the block's values of x slide along, so that each is read once. */
function addFilter(code: Code, spec: LongConvSpec, filter: FilterSpec, { channel, at, end, sums }: At): void {
  const { positions: block } = DIRECT;
  const values = counted(2 * block - 1, (i) => code.fresh(`x_${i}`));
  const { first, size, ahead } = filter;
  // Value i of a block is x at base + i: the lags of a block's taps run through block − 1 … 0 behind it, or 0 … block − 1 ahead.
  const [from, to] = ahead ? aheadRange(code, filter, at, end) : behindRange(code, filter, at, end);
  const load = (inner: Code, base: string, i: number, target: string): void => {
    const position = inner.let('position', i === 0 ? base : `${base} + ${i}u`);
    inner.line(`${target} = 0.0;`);
    inner.block(`if (${position} < ${end})`, (then) =>
      then.line(`${target} = ${spec.readX(then, channel, position)};`),
    );
  };
  const kept = counted(block - 1, (i) => i);
  for (const value of values) code.line(`var ${value} = 0.0;`);
  code.block('', (inner) => {
    const base = inner.let(
      'base',
      ahead ? `${at} + ${first}u + ${from}` : `${at} - ${first}u - ${from} + 1u`,
    );
    // What the first block has in common with the one before it.
    kept.forEach((i) => load(inner, base, i, values[ahead ? i : i + block]!));
  });
  const tap = code.fresh('lag');
  code.block(`for (var ${tap} = ${from}; ${tap} < ${to}; ${tap} += ${block}u)`, (inner) => {
    const base = inner.let(
      'base',
      ahead ? `${at} + ${first}u + ${tap}` : `${at} - ${first}u - ${tap} - ${block - 1}u`,
    );
    const fresh = counted(block, (i) => (ahead ? i + block - 1 : i));
    for (const i of fresh) inner.block('', (each) => load(each, base, i, values[i]!));
    const taps = counted(block, (k) => {
      const name = inner.fresh(`tap_${k}`);
      inner.line(`var ${name} = 0.0;`);
      const read = (then: Code): void => {
        const index = then.let('index', k === 0 ? tap : `${tap} + ${k}u`);
        then.line(`${name} = ${filter.tap(then, channel, index)};`);
      };
      // The range may begin anywhere, so only its end says whether a tap is there.
      if (k === 0) inner.block('', read);
      else inner.block(`if (${tap} + ${k}u < ${size}u)`, read);
      return name;
    });
    sums.forEach((sum, row) => {
      const terms = taps.map((name, k) => `${name} * ${values[ahead ? row + k : row - k + block - 1]!}`);
      inner.line(`${sum} += ${terms.join(' + ')};`);
    });
    for (const i of kept) {
      const [target, source] = ahead ? [i, i + block] : [2 * block - 2 - i, block - 2 - i];
      inner.line(`${values[target]!} = ${values[source]!};`);
    }
  });
}

/** The taps that reach any x, as a range of expressions: those before the sequence give nothing, nor do positions from `end` on. */
function behindRange(code: Code, { first, size }: FilterSpec, at: string, end: string): [string, string] {
  const from = code.let('from_lag', `select(0u, ${at} - ${end} - ${first}u, ${at} >= ${end} + ${first}u)`);
  const last = `${at} + ${DIRECT.positions}u`;
  const to = code.let('to_lag', `min(${size}u, max(${last}, ${first}u) - ${first}u)`);
  return [from, to];
}

function aheadRange(code: Code, { first, size }: FilterSpec, at: string, end: string): [string, string] {
  const begins = `${at} + ${first}u`;
  const to = code.let('to_lag', `min(${size}u, max(${end}, ${begins}) - (${begins}))`);
  return ['0u', to];
}
