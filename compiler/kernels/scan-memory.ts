// Where a workgroup keeps the values that its invocations exchange: in workgroup memory, and in the device's where that is too small.
import { type Axis, elementCount } from '../ir/graph.ts';
import { ENCODINGS } from './encodings.ts';
import { rowMajor } from './place.ts';
import type { Storage } from './storage.ts';
import { sharedFloats } from './text.ts';
import type { Code, SharedVariable } from './wgsl.ts';

/** Something to keep: its axes within the workgroup, and how many moments of it. */
export interface Kept {
  readonly key: string;
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly moments: number;
}

/** Axes that no user can name: which of a value's moments, and which workgroup's part of the device's memory. */
export const MOMENT = 'the moment';
export const WORKGROUP = 'the workgroup';

export interface ScanMemory {
  readonly places: ReadonlyMap<string, Storage>;
  readonly shared: readonly SharedVariable[];
  /** Whether some of it lies in the device's memory, so that barriers are for that too. */
  readonly spilled: boolean;
}

/** The largest go to the device's memory until the rest fits; `scratch` gives room there for all workgroups. */
export function scanMemory(
  code: Code,
  values: readonly Kept[],
  limits: { readonly bytes: number; readonly workgroups: number },
  scratch: (elements: number) => string,
): ScanMemory {
  const inside = new Set(values);
  const bytes = (): number => 4 * [...inside].reduce((sum, value) => sum + floatsOf(value), 0);
  for (const value of values.toSorted((a, b) => floatsOf(b) - floatsOf(a)))
    if (bytes() > limits.bytes) inside.delete(value);
  const outside = values.filter((value) => !inside.has(value));
  const total = outside.reduce((sum, value) => sum + floatsOf(value), 0);
  const binding = total === 0 ? '' : scratch(total * limits.workgroups);
  const places = new Map<string, Storage>();
  const shared: SharedVariable[] = [];
  let offset = 0;
  for (const value of values) {
    if (inside.has(value)) {
      const name = code.fresh(`${value.name}_shared`);
      shared.push(sharedFloats(name, floatsOf(value)));
      places.set(value.key, storageOf(value, name, 0));
    } else {
      const within = storageOf(value, binding, offset);
      const own = { axis: { name: WORKGROUP, size: limits.workgroups }, stride: total };
      places.set(value.key, { ...within, strides: [own, ...within.strides] });
      offset += floatsOf(value);
    }
  }
  return { places, shared, spilled: total > 0 };
}

function floatsOf({ axes, moments }: Kept): number {
  return moments * elementCount(axes);
}

function storageOf({ axes, moments }: Kept, binding: string, offset: number): Storage {
  const moment = { axis: { name: MOMENT, size: moments }, stride: elementCount(axes) };
  return {
    binding,
    writable: true,
    reader: ENCODINGS.f32,
    dtype: 'f32',
    strides: [...(moments > 1 ? [moment] : []), ...rowMajor(axes)],
    tokenStride: 0,
    offset,
  };
}
