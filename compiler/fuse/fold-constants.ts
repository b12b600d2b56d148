// A rewriting rule: arithmetic on constants is done by the compiler, in f64.
import type { Body } from '../ir/graph.ts';
import { recordOf } from '../ir/ops/index.ts';
import { mapBody } from '../ir/rewrite.ts';

/** Replaces every map whose inputs are all constants, and products and sums with a neutral constant. */
export function foldConstants(body: Body): Body {
  return mapBody(body, (node, inputs, builder) => {
    const record = recordOf(node.op);
    if (record.kind !== 'map' || node.type.dtype !== 'f32') return undefined;
    const values = inputs.map((input) => {
      const given = builder.nodes[input];
      return given?.op === 'constant' ? (given.attrs['value'] as number) : undefined; // A constant's attribute is its value.
    });
    if (values.some((value) => value === undefined)) return undefined;
    const [a = 0, b = 0, c = 0] = values;
    const value = record.evaluate(a, b, c);
    return Number.isFinite(value) ? builder.constant(value, node) : undefined;
  });
}
