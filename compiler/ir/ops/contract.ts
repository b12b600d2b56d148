// The contraction of two values over shared axes: every projection, and every weighted sum.
import { offsetTable, requireAxis, tableStep, unionAxes, withoutAxes } from '../axes.ts';
import { elementCount, type Axis, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { Evaluate, PlainOp, Signature } from '../op.ts';
import { requireNumber, twoInputs } from './arguments.ts';

export type ContractAttrs = { readonly over: readonly string[] };

/** Σ over `over` of a·b. Both have the axes of `over`; other axes that both have are matched, not summed. */
const contract: PlainOp<ContractAttrs> = { kind: 'contract', infer, flops, prepare };

function infer(inputs: readonly ValueType[], attrs: ContractAttrs): ValueType {
  const [a, b] = twoInputs(inputs);
  if (attrs.over.length === 0) internal('a contraction over no axis');
  for (const name of attrs.over) {
    requireAxis(a.axes, name);
    requireAxis(b.axes, name);
  }
  requireNumber(a, 'an operand of a contraction');
  requireNumber(b, 'an operand of a contraction');
  const axes = withoutAxes(unionAxes(a.axes, b.axes), attrs.over);
  return { dtype: 'f32', axes, temporal: a.temporal || b.temporal };
}

function flops({ inputs }: Signature<ContractAttrs>): number {
  const [a, b] = twoInputs(inputs);
  return 2 * elementCount(unionAxes(a.axes, b.axes));
}

/** Where the two operands' elements lie for each kept and each summed index. */
interface Tables {
  readonly keptA: Int32Array;
  readonly keptB: Int32Array;
  readonly overA: Int32Array;
  readonly overB: Int32Array;
  /** Elements from one position to the next. */
  readonly stepA: number;
  readonly stepB: number;
}

function prepare({ inputs, attrs, type }: Signature<ContractAttrs>): Evaluate {
  const [a, b] = twoInputs(inputs);
  const over: readonly Axis[] = attrs.over.map((name) => requireAxis(a.axes, name));
  const tables: Tables = {
    keptA: offsetTable(type.axes, a.axes),
    keptB: offsetTable(type.axes, b.axes),
    overA: offsetTable(over, a.axes),
    overB: offsetTable(over, b.axes),
    stepA: a.temporal ? elementCount(a.axes) : 0,
    stepB: b.temporal ? elementCount(b.axes) : 0,
  };
  const strideA = tableStep(tables.overA);
  const strideB = tableStep(tables.overB);
  const rows = rowLength(tables, type.axes);
  if (rows > 1 && (strideA ?? 0) + (strideB ?? 0) > 2) return byRows(tables, rows);
  return strideA === undefined || strideB === undefined ? byTable(tables) : byDots(tables, strideA, strideB);
}

/** Elements of the last kept axis, if along it one operand stands still and the other moves by 1; else 0. */
function rowLength({ keptA, keptB }: Tables, axes: readonly Axis[]): number {
  const length = axes.at(-1)?.size ?? 1;
  const steps = [keptA, keptB].map((table) => tableStep(table.subarray(0, length)));
  return steps.includes(0) && steps.includes(1) ? length : 0;
}

/** One dot product for each result; positions innermost but one, so that a weight's row stays in the cache. */
function byDots(tables: Tables, strideA: number, strideB: number): Evaluate {
  const { keptA, keptB, stepA, stepB } = tables;
  const length = tables.overA.length;
  const dot = strideA === 1 && strideB === 1 ? dotOfRows : stridedDot(strideA, strideB);
  return ([a, b], out, count) => {
    const positions = Math.min(count, out.length / keptA.length);
    for (let i = 0; i < keptA.length; i++)
      for (let position = 0; position < positions; position++) {
        const fromA = position * stepA + keptA[i]!;
        const fromB = position * stepB + keptB[i]!;
        out[position * keptA.length + i] = dot(a!, fromA, b!, fromB, length);
      }
  };
}

type Dot = (a: Float64Array, fromA: number, b: Float64Array, fromB: number, length: number) => number;

/** Four sums at a time, as each waits for the one before. */
const dotOfRows: Dot = (a, fromA, b, fromB, length) => {
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    sum0 += a[fromA + k]! * b[fromB + k]!;
    sum1 += a[fromA + k + 1]! * b[fromB + k + 1]!;
    sum2 += a[fromA + k + 2]! * b[fromB + k + 2]!;
    sum3 += a[fromA + k + 3]! * b[fromB + k + 3]!;
  }
  for (; k < length; k++) sum0 += a[fromA + k]! * b[fromB + k]!;
  return sum0 + sum1 + (sum2 + sum3);
};

function stridedDot(strideA: number, strideB: number): Dot {
  return (a, fromA, b, fromB, length) => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += a[fromA + k * strideA]! * b[fromB + k * strideB]!;
    return sum;
  };
}

/** Whole rows of results at a time, for an operand that is stored with a kept axis innermost. */
function byRows(tables: Tables, rows: number): Evaluate {
  const { keptA, keptB, overA, overB, stepA, stepB } = tables;
  const rowInB = keptB[1] !== keptB[0];
  return ([a, b], out, count) => {
    const [row, scalar] = rowInB ? [b!, a!] : [a!, b!];
    const positions = Math.min(count, out.length / keptA.length);
    for (let position = 0, at = 0; position < positions; position++)
      for (let i = 0; i < keptA.length; i += rows, at += rows) {
        const baseA = position * stepA + keptA[i]!;
        const baseB = position * stepB + keptB[i]!;
        out.fill(0, at, at + rows);
        for (let k = 0; k < overA.length; k++) {
          const fromA = baseA + overA[k]!;
          const fromB = baseB + overB[k]!;
          const from = rowInB ? fromB : fromA;
          const factor = scalar[rowInB ? fromA : fromB]!;
          for (let j = 0; j < rows; j++) out[at + j]! += factor * row[from + j]!;
        }
      }
  };
}

/** The general case: every index by table. */
function byTable({ keptA, keptB, overA, overB, stepA, stepB }: Tables): Evaluate {
  return ([a, b], out, count) => {
    const positions = Math.min(count, out.length / keptA.length);
    for (let position = 0, at = 0; position < positions; position++)
      for (let i = 0; i < keptA.length; i++) {
        const fromA = position * stepA + keptA[i]!;
        const fromB = position * stepB + keptB[i]!;
        let sum = 0;
        for (let k = 0; k < overA.length; k++) sum += a![fromA + overA[k]!]! * b![fromB + overB[k]!]!;
        out[at++] = sum;
      }
  };
}

export const contractOps = { contract };
