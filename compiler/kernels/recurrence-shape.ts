// What the sizes of a recurrence's kernels follow from: how many heads, keys and values it has, and how many vectors look and write.
import { type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { nodeAt } from '../ir/ops/index.ts';
import { axesAlong, constantOf } from '../recurrence/ask.ts';
import type { NormalForm } from '../recurrence/normal-form.ts';

export interface RecurrenceShape {
  readonly heads: number;
  readonly keys: number;
  readonly values: number;
  /** Vectors along the keys that look at the state before the token, those of the corrections first, and after it. */
  readonly before: number;
  readonly after: number;
  readonly corrections: number;
  readonly writes: number;
  /** What the decay varies along, besides heads and tokens; `value` where every element has its own. */
  readonly decay: 'none' | 'head' | 'key' | 'value';
  /** f32 values of one token: of the coefficients, each with the axes that it has, and of the result. */
  readonly operands: number;
  readonly results: number;
}

export function recurrenceShape(form: NormalForm): RecurrenceShape {
  const { coefficients, corrections, writes, decay, result } = form;
  const queries = queriesOf(form);
  const vectors = [
    ...corrections.flatMap(({ a, b }) => [a, b]),
    ...writes.flatMap(({ k, v }) => [k, v]),
    ...queries.map(({ vector }) => vector),
    decay,
  ];
  const size = (id: NodeId): number => sizeOf(coefficients, id);
  return {
    heads: elementCount(form.head),
    keys: elementCount(form.key),
    values: elementCount(form.value),
    before: corrections.length + queries.filter(({ of }) => of === 'before').length,
    after: queries.filter(({ of }) => of === 'after').length,
    corrections: corrections.length,
    writes: writes.length,
    decay: decayOf(form),
    operands: [...new Set(vectors)].reduce((sum, id) => sum + size(id), 0),
    results: size(result),
  };
}

/** Numbers are no operands. */
function sizeOf(body: Body, id: NodeId): number {
  return constantOf(body, id) === undefined ? elementCount(nodeAt(body.nodes, id).type.axes) : 0;
}

function decayOf({ coefficients, decay, key, value }: NormalForm): RecurrenceShape['decay'] {
  if (constantOf(coefficients, decay) === 1) return 'none';
  if (axesAlong(coefficients, decay, value).length > 0) return 'value';
  return axesAlong(coefficients, decay, key).length > 0 ? 'key' : 'head';
}

export interface Query {
  readonly of: 'before' | 'after';
  readonly vector: NodeId;
}

/** The vectors that the readings look at the state with, each once, those before the update first. */
export function queriesOf({ readings }: NormalForm): readonly Query[] {
  const queries: Query[] = [];
  for (const time of ['before', 'after'] as const)
    for (const { of, vector } of readings.flatMap(({ terms }) => terms))
      if (of === time && vector !== undefined && !queries.some((query) => isQuery(query, of, vector)))
        queries.push({ of, vector });
  return queries;
}

export function isQuery(query: Query, of: Query['of'], vector: NodeId | undefined): boolean {
  return query.of === of && query.vector === vector;
}
