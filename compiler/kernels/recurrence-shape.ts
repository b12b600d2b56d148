// What the sizes of a recurrence's kernels follow from: how many heads, keys and values it has, and how many vectors look and write.
import { type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { nodeAt, recordOf } from '../ir/ops/index.ts';
import { reachable } from '../ir/rewrite.ts';
import { axesAlong, constantOf } from '../recurrence/ask.ts';
import type { MicroStep } from '../recurrence/micro-steps.ts';
import { type CoupledForm, isCoupled, type RecurrenceForm } from '../recurrence/coupled-form.ts';
import type { NormalForm } from '../recurrence/normal-form.ts';

/** A recurrence with several steps for each token is one of as many virtual tokens. */
export interface RecurrenceShape {
  /** Steps of one token. */
  readonly steps: number;
  /** States of each element, all of which look at each other. */
  readonly states: number;
  readonly heads: number;
  readonly keys: number;
  readonly values: number;
  /** Of one step: vectors along the keys that look at the state before it, those of the corrections first, and after it. Results are read at the first and the last step only. */
  readonly before: number;
  readonly after: number;
  readonly corrections: number;
  readonly writes: number;
  /** Sums over the keys that coefficients are made from. */
  readonly sums: number;
  /** What the decay varies along, besides heads and tokens; `value` where every element has its own. */
  readonly decay: 'none' | 'head' | 'key' | 'value';
  /** f32 values of one token: of the coefficients, each with the axes that it has, and of the result. */
  readonly operands: number;
  readonly results: number;
}

export function recurrenceShape(form: RecurrenceForm): RecurrenceShape {
  return isCoupled(form) ? coupledShape(form) : normalShape(form);
}

/** What is read is not known to the form: one sum over all states. */
function coupledShape(form: CoupledForm): RecurrenceShape {
  const { coefficients, matrix, added, states } = form;
  const operands = new Set([...matrix.flat(), ...added].flatMap((id) => id ?? []));
  return {
    steps: 1,
    states: states.length,
    heads: elementCount(form.head),
    keys: elementCount(form.key),
    values: elementCount(form.value),
    before: 0,
    after: 1,
    corrections: 0,
    writes: 1,
    sums: 0,
    decay: 'value',
    operands: [...operands].reduce((sum, id) => sum + sizeOf(coefficients, id), 0),
    results: form.results,
  };
}

function normalShape(form: NormalForm): RecurrenceShape {
  const { coefficients, results } = form;
  const steps = stepsOf(form);
  const [corrections, writes] = [mostOf(steps, 'corrections'), mostOf(steps, 'writes')];
  const queries = queriesOf(form);
  const vectors = [
    ...steps.flatMap((step) => [
      step.decay,
      ...step.corrections.flatMap(({ a, b }) => [a, b]),
      ...step.writes.flatMap(({ k, v }) => [k, v]),
    ]),
    ...queries.map(({ vector }) => vector),
  ];
  const size = (id: NodeId): number => sizeOf(coefficients, id);
  return {
    steps: steps.length,
    states: 1,
    heads: elementCount(form.head),
    keys: elementCount(form.key),
    values: elementCount(form.value),
    before: corrections + queries.filter(({ of }) => of === 'before').length,
    after: queries.filter(({ of }) => of === 'after').length,
    corrections,
    writes,
    sums: sumsOf(form).length,
    decay: decayOf(form),
    operands: [...new Set(vectors)].reduce((sum, id) => sum + size(id), 0),
    results: results.reduce((sum, id) => sum + size(id), 0),
  };
}

/** Numbers are no operands. */
function sizeOf(body: Body, id: NodeId): number {
  return constantOf(body, id) === undefined ? elementCount(nodeAt(body.nodes, id).type.axes) : 0;
}

function mostOf(steps: readonly MicroStep[], part: 'corrections' | 'writes'): number {
  return Math.max(...steps.map((step) => step[part].length));
}

function decayOf(form: NormalForm): RecurrenceShape['decay'] {
  const { coefficients, key, value } = form;
  const decays = stepsOf(form).map(({ decay }) => decay);
  const varies = (axes: readonly Axis[]): boolean =>
    decays.some((decay) => axesAlong(coefficients, decay, axes).length > 0);
  if (decays.every((decay) => constantOf(coefficients, decay) === 1)) return 'none';
  if (varies(value)) return 'value';
  return varies(key) ? 'key' : 'head';
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

/** All coefficients, but for what the result makes of what is read. */
function rootsOf(form: NormalForm): readonly NodeId[] {
  return [
    ...stepsOf(form).flatMap(({ decay, corrections, writes }) => [
      decay,
      ...corrections.flatMap(({ a, b }) => [a, b]),
      ...writes.flatMap(({ k, v }) => [k, v]),
    ]),
    ...form.readings.flatMap(({ terms, free }) => [
      ...terms.flatMap(({ vector, factor }) => (vector === undefined ? [factor] : [vector, factor])),
      ...(free === undefined ? [] : [free]),
    ]),
  ];
}

/** Sums in the coefficients that are one number for each token and head, in an order in which each comes after those that it needs. */
export function sumsOf(form: NormalForm): readonly NodeId[] {
  const { coefficients, key, value } = form;
  const needed = reachable(coefficients, rootsOf(form));
  const found = coefficients.nodes.filter(
    ({ id, op }) =>
      needed.has(id) &&
      ['reduce', 'contract'].includes(recordOf(op).kind) &&
      axesAlong(coefficients, id, [...key, ...value]).length === 0,
  );
  return found.map(({ id }) => id);
}

/** The steps that kernels take a token in: one where the state is read before the update, since such a read needs the first and others the last. */
export function stepsOf(form: NormalForm): readonly MicroStep[] {
  const before = form.readings.some(({ terms }) => terms.some(({ of }) => of === 'before'));
  return before ? [form] : form.steps;
}
