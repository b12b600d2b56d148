// Solves normal equations that may be nearly singular.
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** x of (G + damping·diag G) x = right, with unknowns scaled to the same size first; null where G is too near to singular for that. */
export function solveDamped(
  gram: readonly Float64Array[],
  right: Float64Array,
  damping: number,
): readonly number[] | null {
  const scale = gram.map((row, i) => 1 / Math.sqrt(row[i]! || 1));
  const matrix = new Matrix(
    gram.map((row, i) =>
      Array.from(row, (value, j) => value * (scale[i]! * scale[j]!) + (i === j ? damping : 0)),
    ),
  );
  const factors = new CholeskyDecomposition(matrix);
  if (!factors.isPositiveDefinite()) return null;
  const solution = factors.solve(Matrix.columnVector([...right].map((value, i) => value * scale[i]!)));
  return solution.to1DArray().map((value, i) => value * scale[i]!);
}
