// Sums of products, the only derived work that is large: both operands are packed, and eight results made at once.
import { offsetsOf } from './operands.ts';
import type { Operand } from './operands.ts';

export interface Products {
  readonly sizes: readonly number[];
  /** Loops before this one are kept, the others summed over. */
  readonly kept: number;
  readonly out: Operand;
  readonly a: Operand;
  readonly b: Operand;
}

/** out = Σ a·b. Kept loops along which only one operand moves are the rows and columns of a product of matrices. */
export function sumProducts(products: Products): void {
  const { sizes, kept, out, a, b } = products;
  const loops = sizes.map((size, at) => ({
    size,
    summed: at >= kept,
    a: a.strides[at] ?? 0,
    b: b.strides[at] ?? 0,
    out: out.strides[at] ?? 0,
  }));
  const rows = loops.filter((loop) => !loop.summed && loop.a !== 0 && loop.b === 0);
  const columns = loops.filter((loop) => !loop.summed && loop.a === 0 && loop.b !== 0);
  const matrices = loops.filter((loop) => !loop.summed && (loop.a === 0) === (loop.b === 0));
  const depth = loops.filter((loop) => loop.summed);
  const table = (of: typeof loops, key: 'a' | 'b' | 'out'): Int32Array =>
    offsetsOf(
      of.map(({ size }) => size),
      of.map((loop) => loop[key]),
    );
  const [depthA, depthB] = [table(depth, 'a'), table(depth, 'b')];
  const [rowsA, rowsOut] = [table(rows, 'a'), table(rows, 'out')];
  const [columnsB, columnsOut] = [table(columns, 'b'), table(columns, 'out')];
  const [matricesA, matricesB, matricesOut] = [
    table(matrices, 'a'),
    table(matrices, 'b'),
    table(matrices, 'out'),
  ];
  const packedA = new Float64Array(rowsA.length * depthA.length);
  const packedB = new Float64Array(columnsB.length * depthB.length);
  for (let i = 0; i < matricesOut.length; i++) {
    pack(packedA, a.values, a.offset + matricesA[i]!, rowsA, depthA);
    pack(packedB, b.values, b.offset + matricesB[i]!, columnsB, depthB);
    const at = out.offset + matricesOut[i]!;
    multiply(out.values, at, rowsOut, columnsOut, packedA, packedB, depthA.length);
  }
}

/** Row after row, each along the summed index. */
function pack(
  packed: Float64Array,
  values: Float64Array,
  offset: number,
  rows: Int32Array,
  depth: Int32Array,
): void {
  for (let row = 0, at = 0; row < rows.length; row++) {
    const start = offset + rows[row]!;
    for (let k = 0; k < depth.length; k++) packed[at++] = values[start + depth[k]!]!;
  }
}

/** out[row, column] = Σ_k a[row, k]·b[column, k]. */
function multiply(
  out: Float64Array,
  at: number,
  rows: Int32Array,
  columns: Int32Array,
  a: Float64Array,
  b: Float64Array,
  depth: number,
): void {
  const [wholeRows, wholeColumns] = [rows.length & ~3, columns.length & ~1];
  for (let row = 0; row < wholeRows; row += 4)
    for (let column = 0; column < wholeColumns; column += 2)
      tile(out, at, rows, row, columns, column, a, b, depth);
  for (let row = 0; row < rows.length; row++)
    for (let column = row < wholeRows ? wholeColumns : 0; column < columns.length; column++)
      out[at + rows[row]! + columns[column]!] = dot(a, row * depth, b, column * depth, depth);
}

function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, depth: number): number {
  let even = 0;
  let odd = 0;
  let k = 0;
  for (; k + 1 < depth; k += 2) {
    even += a[atA + k]! * b[atB + k]!;
    odd += a[atA + k + 1]! * b[atB + k + 1]!;
  }
  if (k < depth) even += a[atA + k]! * b[atB + k]!;
  return even + odd;
}

/** Four rows by two columns: six reads for eight products, and as many sums as a machine has registers for. */
function tile(
  out: Float64Array,
  at: number,
  rows: Int32Array,
  row: number,
  columns: Int32Array,
  column: number,
  a: Float64Array,
  b: Float64Array,
  depth: number,
): void {
  let sum00 = 0;
  let sum01 = 0;
  let sum10 = 0;
  let sum11 = 0;
  let sum20 = 0;
  let sum21 = 0;
  let sum30 = 0;
  let sum31 = 0;
  const [from, beside] = [row * depth, column * depth];
  for (let k = 0; k < depth; k++) {
    const x = b[beside + k]!;
    const y = b[beside + depth + k]!;
    const first = a[from + k]!;
    const second = a[from + depth + k]!;
    const third = a[from + 2 * depth + k]!;
    const fourth = a[from + 3 * depth + k]!;
    sum00 += first * x;
    sum01 += first * y;
    sum10 += second * x;
    sum11 += second * y;
    sum20 += third * x;
    sum21 += third * y;
    sum30 += fourth * x;
    sum31 += fourth * y;
  }
  const left = at + columns[column]!;
  const right = at + columns[column + 1]!;
  out[left + rows[row]!] = sum00;
  out[right + rows[row]!] = sum01;
  out[left + rows[row + 1]!] = sum10;
  out[right + rows[row + 1]!] = sum11;
  out[left + rows[row + 2]!] = sum20;
  out[right + rows[row + 2]!] = sum21;
  out[left + rows[row + 3]!] = sum30;
  out[right + rows[row + 3]!] = sum31;
}
