// The numbers that a bench runs on: the same for every runtime, and of the sizes that trained models have.
import { type Axis, elementCount } from '../../compiler/ir/graph.ts';
import { ROWS, type ScanModel } from './model.ts';

export interface BenchTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Every table, weight and the head, by name. */
export function benchTensors({ graph }: ScanModel): ReadonlyMap<string, BenchTensor> {
  return new Map(
    Object.values(graph.weights).map(({ id, axes }, index) => {
      const shape = axes.map(({ size }) => size);
      return [id, { name: id, shape, data: valuesOf(id, axes, index + 1) }] as const;
    }),
  );
}

function valuesOf(name: string, axes: readonly Axis[], seed: number): Float32Array<ArrayBuffer> {
  const next = uniform(seed);
  const values = Float32Array.from({ length: elementCount(axes) }, () => 2 * next() - 1);
  const last = axes.at(-1)?.size ?? 1;
  switch (name) {
    case 'g': // Logarithms of decays near 1, as gates give them.
      return values.map((value) => -0.05 * (value + 1.02));
    case 'b': // Strengths of a correction.
      return values.map((value) => 0.5 + 0.45 * value);
    case 'A':
      return values.map((value) => 1 + 0.5 * value);
    case 'k':
    case 'q':
      return unitRows(values, last);
    case 'head':
      return values.map((value) => value / Math.sqrt(values.length / ROWS));
    default:
      return values;
  }
}

function unitRows(values: Float32Array<ArrayBuffer>, size: number): Float32Array<ArrayBuffer> {
  const result = values.slice();
  for (let at = 0; at < values.length; at += size) {
    const row = result.subarray(at, at + size);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    row.forEach((value, i) => (row[i] = value / norm));
  }
  return result;
}

/** Numbers of [0, 1) from a linear congruence. */
function uniform(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
