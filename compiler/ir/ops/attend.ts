// Softmax attention over visible positions (Vaswani et al. 2017, arXiv:1706.03762), grouped by named axes.
import { hasAxis, offsetTable, requireAxis, unionAxes, withoutAxes } from '../axes.ts';
import { elementCount, type Axis, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { History } from '../history.ts';
import type { EvaluateTemporal, Remembered, Signature, TemporalOp } from '../op.ts';
import { requireNumber, requireTemporal, threeInputs } from './arguments.ts';

export type AttendAttrs = {
  /** The axis of q and k that scores sum over. */
  readonly over: string;
  readonly scale: number;
  /** Position s is visible at t iff t − s < window, or s < pinned; all s ≤ t without a window. */
  readonly window?: number;
  readonly pinned?: number;
  /** Scores become softcap·tanh(score / softcap). */
  readonly softcap?: number;
};

/**
 * q's axes without `over`, then v's own axes. Axes that q shares with k or v are matched; axes of q alone are query heads that
 * share keys and values; every axis of k must be q's. A fourth input, on axes of the heads, is one more score of every softmax that
 * no value stands behind: a learned sink (gpt-oss 2025, arXiv:2508.10925).
 */
const attend: TemporalOp<AttendAttrs> = {
  kind: 'temporal',
  infer,
  flops,
  remembers,
  states: () => [],
  causal: () => true,
  prepare,
};

function infer(inputs: readonly ValueType[], { over, window, pinned, softcap }: AttendAttrs): ValueType {
  const [q, k, v, sink] = operands(inputs);
  for (const value of [q, k, v]) requireTemporal(requireNumber(value, 'an operand of attend'), 'an operand');
  requireAxis(q.axes, over);
  requireAxis(k.axes, over);
  if (hasAxis(v.axes, over)) internal(`the values have the axis '${over}' that scores sum over`);
  const stray = k.axes.find((axis) => !hasAxis(q.axes, axis.name));
  if (stray !== undefined) internal(`the keys' axis '${stray.name}' is not an axis of the queries`);
  const loose = sink?.axes.find((axis) => axis.name === over || !hasAxis(q.axes, axis.name));
  if (loose !== undefined) internal(`the sink's axis '${loose.name}' is not an axis of the heads`);
  if (window !== undefined && !(window >= 1)) internal(`a window of ${window}`);
  if (pinned !== undefined && !(pinned >= 0)) internal(`${pinned} pinned positions`);
  if (softcap !== undefined && !(softcap > 0)) internal(`a softcap of ${softcap}`);
  unionAxes(q.axes, k.axes);
  return { dtype: 'f32', axes: unionAxes(withoutAxes(q.axes, [over]), v.axes), temporal: true };
}

type Operands = readonly [q: ValueType, k: ValueType, v: ValueType, sink: ValueType | undefined];

function operands(inputs: readonly ValueType[]): Operands {
  return [...threeInputs(inputs.slice(0, 3)), inputs[3]];
}

/** Scores, softmax and the weighted sum for each position in sight. */
function flops({ inputs, attrs }: Signature<AttendAttrs>, visible: number): number {
  const [q, , v] = operands(inputs);
  const { window = Infinity, pinned = 0 } = attrs;
  const seen = Math.min(visible, window + pinned);
  const heads = elementCount(withoutAxes(q.axes, [attrs.over]));
  return (
    seen *
    (2 * elementCount(q.axes) +
      4 * heads +
      2 * elementCount(unionAxes(withoutAxes(q.axes, [attrs.over]), v.axes)))
  );
}

/** A windowed op looks back window − 1 positions. */
function remembers({ attrs }: Signature<AttendAttrs>): readonly Remembered[] {
  const positions = (attrs.window ?? Infinity) - 1;
  const pinned = attrs.window === undefined ? 0 : (attrs.pinned ?? 0);
  return [1, 2].map((input) => ({ input, positions, pinned }));
}

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
}

function prepare({ inputs, attrs }: Signature<AttendAttrs>): EvaluateTemporal {
  const [q, k, v, sink] = operands(inputs);
  const heads = withoutAxes(q.axes, [attrs.over]);
  const over: readonly Axis[] = [requireAxis(q.axes, attrs.over)];
  const tables: Tables = {
    q: offsetTable(heads, q.axes),
    k: offsetTable(heads, k.axes),
    sink: offsetTable(heads, sink?.axes ?? []),
    v: offsetTable(heads, v.axes),
    overQ: offsetTable(over, q.axes),
    overK: offsetTable(over, k.axes),
    valueFrom: offsetTable(
      v.axes.filter((axis) => !hasAxis(heads, axis.name)),
      v.axes,
    ),
  };
  const size = elementCount(q.axes);
  const sinkSize = sink?.temporal === true ? elementCount(sink.axes) : 0;
  return ([queries, , , sinks], out, { count, position, histories }) => {
    const keys = histories[1] ?? internal('attend lacks its keys');
    const values = histories[2] ?? internal('attend lacks its values');
    for (let i = 0; i < count; i++) {
      const seen = positionsInSight(position + i, attrs);
      const row = {
        query: queries!.subarray(i * size, (i + 1) * size),
        sink: sinks?.subarray(i * sinkSize),
        seen,
      };
      attendHeads(row, keys, values, attrs, tables, out, i);
    }
  };
}

/** The positions in sight of `t`, in order. */
function positionsInSight(t: number, { window = Infinity, pinned = 0 }: AttendAttrs): Int32Array {
  const first = Math.max(0, t - window + 1);
  const before = Math.min(first, pinned);
  return Int32Array.from({ length: before + t + 1 - first }, (_, i) => (i < before ? i : first + i - before));
}

/** What one position asks: its query, the sinks' scores, and the positions in sight. */
interface Asked {
  readonly query: Float64Array;
  readonly sink: Float64Array | undefined;
  readonly seen: Int32Array;
}

function attendHeads(
  { query, sink, seen }: Asked,
  keys: History,
  values: History,
  attrs: AttendAttrs,
  tables: Tables,
  out: Float64Array,
  row: number,
): void {
  const scores = new Float64Array(seen.length);
  const width = tables.valueFrom.length;
  for (let head = 0; head < tables.q.length; head++) {
    scoreHead(query, keys, seen, attrs, tables, head, scores);
    softmax(scores, sink?.[tables.sink[head]!] ?? -Infinity);
    const at = (row * tables.q.length + head) * width;
    for (let s = 0; s < seen.length; s++) {
      const rows = values.rows(seen[s]!);
      const base = values.offset(seen[s]!) + tables.v[head]!;
      for (let j = 0; j < width; j++) out[at + j]! += scores[s]! * rows[base + tables.valueFrom[j]!]!;
    }
  }
}

function scoreHead(
  query: Float64Array,
  keys: History,
  seen: Int32Array,
  { scale, softcap }: AttendAttrs,
  { q, k, overQ, overK }: Tables,
  head: number,
  scores: Float64Array,
): void {
  for (let s = 0; s < seen.length; s++) {
    const rows = keys.rows(seen[s]!);
    const base = keys.offset(seen[s]!) + k[head]!;
    let sum = 0;
    for (let i = 0; i < overQ.length; i++) sum += query[q[head]! + overQ[i]!]! * rows[base + overK[i]!]!;
    scores[s] = softcap === undefined ? sum * scale : softcap * Math.tanh((sum * scale) / softcap);
  }
}

/** In place; the sink has its share of the total and nothing else. */
function softmax(scores: Float64Array, sink: number): void {
  let largest = sink;
  for (const score of scores) largest = Math.max(largest, score);
  let total = Math.exp(sink - largest);
  for (let i = 0; i < scores.length; i++) total += scores[i] = Math.exp(scores[i]! - largest);
  for (let i = 0; i < scores.length; i++) scores[i]! /= total;
}

export const attendOps = { attend };
