// What an attend means, in f64: for each position and head the scores of what is in sight, their weights, and the weighted sum.
import { hasAxis, offsetTable, requireAxis, withoutAxes } from '../axes.ts';
import { elementCount, type Axis, type Body, type ValueType } from '../graph.ts';
import type { History } from '../history.ts';
import { internal } from '../internal.ts';
import type { EvaluateTemporal, PrepareBody, Signature } from '../op.ts';
import { attendInputs, type AttendAttrs, type LagTable } from './attend-inputs.ts';

/** Where things lie for each head: a head is one index of q's axes without `over`. */
interface Tables {
  readonly q: Int32Array;
  readonly sink: Int32Array;
  readonly k: Int32Array;
  readonly v: Int32Array;
  readonly overQ: Int32Array;
  readonly overK: Int32Array;
  /** v's own axes: in v, and in the result. */
  readonly valueFrom: Int32Array;
  readonly biases: readonly BiasPlaces[];
}

interface BiasPlaces extends LagTable {
  readonly head: Int32Array;
  readonly lag: Int32Array;
}

/** What all positions of a run share. */
interface Run {
  readonly attrs: AttendAttrs;
  readonly tables: Tables;
  readonly keys: History;
  readonly values: History;
  readonly biases: readonly Float64Array[];
  readonly weigh: ((score: number) => number) | undefined;
  readonly out: Float64Array;
}

/** What one position asks: its query, the sinks' scores, and the positions in sight. */
interface Asked {
  readonly row: number;
  readonly position: number;
  readonly query: Float64Array;
  readonly sink: Float64Array | undefined;
  readonly seen: Int32Array;
}

export function prepareAttend(
  { inputs, attrs }: Signature<AttendAttrs>,
  prepareBody: PrepareBody,
): EvaluateTemporal {
  const types = attendInputs(inputs, attrs);
  const tables = tablesOf(inputs, attrs);
  const size = elementCount(types.query.axes);
  const sinkSize = types.sink?.temporal === true ? elementCount(types.sink.axes) : 0;
  const weigh = attrs.body && scalarFunction(attrs.body, prepareBody);
  return (operands, out, { count, position, histories }) => {
    if (position > 0 && attrs.causal === false)
      internal('a sequence whose positions see later ones was continued');
    const keys = histories[1] ?? internal('attend lacks its keys');
    const values = histories[2] ?? internal('attend lacks its values');
    const { query, sink, biases } = attendInputs(operands, attrs);
    const run = { attrs, tables, keys, values, biases, weigh, out };
    for (let i = 0; i < count; i++)
      attendHeads(run, {
        row: i,
        position: position + i,
        query: query.subarray(i * size, (i + 1) * size),
        sink: sink?.subarray(i * sinkSize),
        seen: positionsInSight(position + i, keys.end, attrs),
      });
  };
}

function tablesOf(inputs: readonly ValueType[], attrs: AttendAttrs): Tables {
  const { query, key, value, sink, biases } = attendInputs(inputs, attrs);
  const heads = withoutAxes(query.axes, [attrs.over]);
  const over: readonly Axis[] = [requireAxis(query.axes, attrs.over)];
  return {
    q: offsetTable(heads, query.axes),
    k: offsetTable(heads, key.axes),
    sink: offsetTable(heads, sink?.axes ?? []),
    v: offsetTable(heads, value.axes),
    overQ: offsetTable(over, query.axes),
    overK: offsetTable(over, key.axes),
    valueFrom: offsetTable(
      value.axes.filter((axis) => !hasAxis(heads, axis.name)),
      value.axes,
    ),
    biases: biases.map(({ axes }, i) => {
      const table = attrs.biases![i]!;
      return {
        ...table,
        head: offsetTable(heads, axes),
        lag: offsetTable([requireAxis(axes, table.axis)], axes),
      };
    }),
  };
}

function scalarFunction(body: Body, prepareBody: PrepareBody): (score: number) => number {
  const evaluate = prepareBody(body);
  const argument = new Float64Array(1);
  const given = new Map([['score', argument]]);
  return (score) => {
    argument[0] = score;
    return evaluate(given)['weight']![0]!;
  };
}

/** The positions in sight of `t` in a sequence of `end`, in order. */
export function positionsInSight(t: number, end: number, attrs: AttendAttrs): Int32Array {
  const { window = Infinity, pinned = 0, chunk = Infinity, causal = true } = attrs;
  const block = Number.isFinite(chunk) ? t - (t % chunk) : 0;
  const first = Math.max(block, t - window + 1);
  const last = causal ? t : Math.min(end, block + chunk, t + window) - 1;
  const before = Math.min(first, pinned);
  return Int32Array.from({ length: before + last + 1 - first }, (_, i) =>
    i < before ? i : first + i - before,
  );
}

function attendHeads(run: Run, asked: Asked): void {
  const { tables, values, weigh, out } = run;
  const { row, seen, sink } = asked;
  const scores = new Float64Array(seen.length);
  const width = tables.valueFrom.length;
  for (let head = 0; head < tables.q.length; head++) {
    scoreHead(run, asked, head, scores);
    if (weigh === undefined) softmax(scores, sink?.[tables.sink[head]!] ?? -Infinity);
    else for (let s = 0; s < seen.length; s++) scores[s] = weigh(scores[s]!);
    const at = (row * tables.q.length + head) * width;
    for (let s = 0; s < seen.length; s++) {
      const rows = values.rows(seen[s]!);
      const base = values.offset(seen[s]!) + tables.v[head]!;
      for (let j = 0; j < width; j++) out[at + j]! += scores[s]! * rows[base + tables.valueFrom[j]!]!;
    }
  }
}

function scoreHead(run: Run, { query, position, seen }: Asked, head: number, scores: Float64Array): void {
  const { attrs, keys, tables } = run;
  const { softcap } = attrs;
  const { q, k, overQ, overK } = tables;
  const scale = attrs.perVisible === true ? attrs.scale / seen.length : attrs.scale;
  for (let s = 0; s < seen.length; s++) {
    const rows = keys.rows(seen[s]!);
    const base = keys.offset(seen[s]!) + k[head]!;
    let sum = 0;
    for (let i = 0; i < overQ.length; i++) sum += query[q[head]! + overQ[i]!]! * rows[base + overK[i]!]!;
    const bent = softcap === undefined ? sum * scale : softcap * Math.tanh((sum * scale) / softcap);
    scores[s] = bent + biasAt(run, position - seen[s]!, head);
  }
}

/** The bias of a position that lies `lag` behind. */
function biasAt({ tables, biases }: Run, lag: number, head: number): number {
  const ahead = tables.biases.findIndex((table) => table.ahead);
  const index = lag < 0 && ahead >= 0 ? ahead : tables.biases.findIndex((table) => !table.ahead);
  const table = tables.biases[index];
  if (table === undefined) return 0;
  const near = Math.min(Math.max(Math.abs(lag) - table.first, 0), table.lag.length - 1);
  const entry = table.farthestFirst ? table.lag.length - 1 - near : near;
  return biases[index]![table.head[head]! + table.lag[entry]!]!;
}

/** In place; the sink has its share of the total and nothing else. */
function softmax(scores: Float64Array, sink: number): void {
  let largest = sink;
  for (const score of scores) largest = Math.max(largest, score);
  let total = Math.exp(sink - largest);
  for (let i = 0; i < scores.length; i++) total += scores[i] = Math.exp(scores[i]! - largest);
  for (let i = 0; i < scores.length; i++) scores[i]! /= total;
}
