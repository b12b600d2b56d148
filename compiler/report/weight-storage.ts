// How many bytes the weights take: by encoding, and by the weight they belong to.
import type { Plan, WeightPlan } from '../../runtime/plan.ts';
import type { WeightStorage } from './explanation.ts';

/** Bytes of every weight of the graph by its id; one that is laid out twice counts twice. */
export function bytesByWeight(plan: Plan): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const weight of plan.weights) {
    const id = weight.name.replace(/\[\d+\]$/, ''); // A weight in several tensors is loaded piece by piece: `name[0]`.
    bytes.set(id, (bytes.get(id) ?? 0) + weightBytes(weight));
  }
  return bytes;
}

export function weightStorage(plan: Plan): WeightStorage {
  const encodings = [...new Set(plan.weights.map(({ encoding }) => encoding))].toSorted();
  const rows = encodings.map((encoding) => {
    const stored = plan.weights.filter((weight) => weight.encoding === encoding);
    return { encoding, elements: sum(stored.map(elements)), bytes: sum(stored.map(weightBytes)) };
  });
  const buffers = plan.buffers.filter(({ use }) => use === 'weights' || use === 'constants');
  return {
    bytes: sum(rows.map(({ bytes }) => bytes)),
    encodings: rows,
    allocated: sum(buffers.map(({ bytes }) => bytes)),
  };
}

function elements({ dimensions }: WeightPlan): number {
  return dimensions.reduce((product, { size }) => product * size, 1);
}

function weightBytes(weight: WeightPlan): number {
  return elements(weight) * (weight.encoding === 'f32' ? 4 : 2);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
