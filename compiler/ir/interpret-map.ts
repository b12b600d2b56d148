// Evaluates maps: a scalar function over named axes, by offset tables made once.
import { offsetTable } from './axes.ts';
import { elementCount } from './graph.ts';
import type { AnyAttrs, Evaluate, MapOp, Signature } from './op.ts';

type Scalar = MapOp['evaluate'];

/** The evaluation of a map of one, two or three inputs. */
export function prepareMap(record: MapOp<AnyAttrs>, signature: Signature<AnyAttrs>): Evaluate {
  const { evaluate, arity } = record;
  if (arity === 1) return ([a], out) => overAll(evaluate, a!, out);
  const [a, b, c] = signature.inputs.map((input) => placeOf(signature, input));
  if (arity === 2 && a!.inOrder && b!.inOrder)
    return ([left, right], out) => overPairs(evaluate, left!, right!, out);
  const size = elementCount(signature.type.axes);
  return arity === 2
    ? (inputs, out) => overTables(evaluate, inputs, [a!, b!, NOWHERE], size, out)
    : (inputs, out) => overTables(evaluate, inputs, [a!, b!, c!], size, out);
}

/** Where an input's elements lie relative to the result's. */
interface Place {
  readonly table: Int32Array;
  /** Elements from one position to the next; 0 if it does not change with time. */
  readonly step: number;
  /** Whether input and result are laid out alike, time included. */
  readonly inOrder: boolean;
}

const NOWHERE: Place = { table: new Int32Array(0), step: 0, inOrder: false };

function placeOf({ type }: Signature<AnyAttrs>, input: Signature<AnyAttrs>['type']): Place {
  const table = offsetTable(type.axes, input.axes);
  const inOrder = input.temporal === type.temporal && table.every((offset, i) => offset === i);
  return { table, step: input.temporal ? elementCount(input.axes) : 0, inOrder };
}

function overAll(evaluate: Scalar, a: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = evaluate(a[i]!, 0, 0);
}

function overPairs(evaluate: Scalar, a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = evaluate(a[i]!, b[i]!, 0);
}

const NOTHING = Float64Array.of(0);

function overTables(
  evaluate: Scalar,
  inputs: readonly Float64Array[],
  [a, b, c]: readonly [Place, Place, Place],
  size: number,
  out: Float64Array,
): void {
  const [first, second, third = NOTHING] = inputs;
  const [tableA, tableB, tableC] = [a.table, b.table, c.table];
  for (let at = 0, position = 0; at < out.length; position++) {
    const [fromA, fromB, fromC] = [position * a.step, position * b.step, position * c.step];
    if (tableC.length === 0)
      for (let i = 0; i < size; i++)
        out[at++] = evaluate(first![fromA + tableA[i]!]!, second![fromB + tableB[i]!]!, 0);
    else
      for (let i = 0; i < size; i++)
        out[at++] = evaluate(
          first![fromA + tableA[i]!]!,
          second![fromB + tableB[i]!]!,
          third[fromC + tableC[i]!]!,
        );
  }
}
