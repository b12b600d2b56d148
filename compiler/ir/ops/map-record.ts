// Makes the records of maps: scalar functions applied at every element, broadcast by axis name.
import { unionAxes } from '../axes.ts';
import { elementCount, type ValueDtype, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { MapOp } from '../op.ts';

/** What differs between maps. */
export interface MapParts {
  readonly evaluate: (a: number, b: number, c: number) => number;
  readonly wgsl: (args: readonly string[]) => string;
  readonly helpers?: readonly string[];
  readonly samples: readonly (readonly number[])[];
  /** Floating-point operations for one element; 1 unless said. */
  readonly cost?: number;
  /** Whether each input is a bool; all are numbers unless said. */
  readonly bools?: readonly boolean[];
  readonly result?: ValueDtype;
}

/** The record of a map of `arity` inputs; its value has the union of their axes, the first input's first. */
export function mapOp(arity: 1 | 2 | 3, parts: MapParts): MapOp {
  const { evaluate, wgsl, samples, helpers = [], cost = 1, bools = [], result = 'f32' } = parts;
  return {
    kind: 'map',
    arity,
    evaluate,
    wgsl,
    helpers,
    samples,
    infer: (inputs) => inferMap(arity, bools, result, inputs),
    flops: ({ type }) => cost * elementCount(type.axes),
  };
}

function inferMap(
  arity: number,
  bools: readonly boolean[],
  dtype: ValueDtype,
  inputs: readonly ValueType[],
): ValueType {
  if (inputs.length !== arity) internal(`a map of ${arity} inputs was given ${inputs.length}`);
  inputs.forEach((input, i) => {
    if (input.dtype === 'complex') internal('maps of complex values are not carried out');
    if ((input.dtype === 'bool') !== (bools[i] ?? false)) internal(`input ${i} of a map is ${input.dtype}`);
  });
  return {
    dtype,
    axes: unionAxes(...inputs.map((input) => input.axes)),
    temporal: inputs.some((input) => input.temporal),
  };
}

/** Sample points over the whole range that activations meet, with the places where formulas break. */
export const wideSamples: readonly (readonly number[])[] = [
  -100, -88, -30, -12.5, -8, -4.2, -2, -1, -0.6, -0.1, -1e-3, -1e-6, 0, 1e-6, 1e-3, 0.1, 0.4, 0.5, 0.9, 1,
  1.7, 2, 3.3, 5, 8.25, 12, 30, 88, 100,
].map((x) => [x]);

/** The WGSL expression as an operand: in brackets unless it is a name, a number, a call or in brackets already. */
export function atom(expression: string | undefined): string {
  const text = expression ?? internal('a map lacks an argument');
  const opening = /^[A-Za-z0-9_.]*/.exec(text)?.[0].length ?? 0;
  return opening === text.length || closesAtEnd(text, opening) ? text : `(${text})`;
}

/** Whether the bracket at `opening` is closed by the last character. */
function closesAtEnd(text: string, opening: number): boolean {
  let depth = 0;
  for (let i = opening; i < text.length; i++) {
    if (text[i] === '(' || text[i] === '[') depth++;
    else if (text[i] === ')' || text[i] === ']') depth--;
    if (depth === 0) return i === text.length - 1 && i > opening;
  }
  return false;
}
