// Takes the inputs of a node by number, so that records can speak of them by name.
import type { ValueType } from '../graph.ts';
import { internal } from '../internal.ts';

export function onlyInput(inputs: readonly ValueType[]): ValueType {
  return inputsOf(inputs, 1)[0] ?? internal('an op lacks its input');
}

export function twoInputs(inputs: readonly ValueType[]): readonly [ValueType, ValueType] {
  const [a, b] = inputsOf(inputs, 2);
  return a && b ? [a, b] : internal('an op lacks an input');
}

export function threeInputs(inputs: readonly ValueType[]): readonly [ValueType, ValueType, ValueType] {
  const [a, b, c] = inputsOf(inputs, 3);
  return a && b && c ? [a, b, c] : internal('an op lacks an input');
}

function inputsOf(inputs: readonly ValueType[], count: number): readonly ValueType[] {
  return inputs.length === count ? inputs : internal(`an op of ${count} inputs was given ${inputs.length}`);
}

/** Throws unless the value is f32 or i32. */
export function requireNumber(type: ValueType, what: string): ValueType {
  return type.dtype === 'f32' || type.dtype === 'i32' ? type : internal(`${what} is ${type.dtype}`);
}

/** Throws unless the value has one instance per position. */
export function requireTemporal(type: ValueType, what: string): ValueType {
  return type.temporal ? type : internal(`${what} does not change with time`);
}
