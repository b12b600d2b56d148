// The normal form of a recurrence, S ← decay ⊙ S + Σ b (aᵀ S) + Σ k vᵀ, with the roles of its axes and its class.
import { hasAxis } from '../ir/axes.ts';
import { BodyBuilder } from '../ir/build.ts';
import type { Axis, Body, NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import type { ScanAttrs } from '../ir/ops/scan.ts';
import { type Affine, isRefused, type Refused, type StateTerm } from './affine.ts';
import { type AffineBody, affineOf } from './affine-body.ts';
import { axesAlong } from './ask.ts';
import { type MicroStep, microStep, microSteps } from './micro-steps.ts';
import { readResults, type Reading } from './readings.ts';

/** D: every element by itself. S: one decay per head. V: a decay per key. Δ: with corrections. */
export type RecurrenceClass = 'D' | 'S' | 'V' | 'Δ';

/** Its decay, corrections and writes are those of all steps of a position together; they see the state before the position. */
export interface NormalForm extends MicroStep {
  readonly state: { readonly name: string; readonly axes: readonly Axis[]; readonly initial: number };
  readonly class: RecurrenceClass;
  /** Summed over by the reads. */
  readonly key: readonly Axis[];
  /** Others along which the decay, a key or a query varies. */
  readonly head: readonly Axis[];
  readonly value: readonly Axis[];
  /** The coefficients. Its sources are the scan's operands, and `reading:K` in `result`. */
  readonly coefficients: Body;
  /** The steps of a position, each of which sees the state that the one before it leaves: one, unless that spares sums. */
  readonly steps: readonly MicroStep[];
  readonly readings: readonly Reading[];
  /** The recurrence's results, computed from the readings. */
  readonly results: readonly NodeId[];
}

/** The normal form of a recurrence of one state, or what in the body prevents one. */
export function normalForm({ states, body, results }: ScanAttrs): NormalForm | Refused {
  const [state, ...others] = states;
  if (state === undefined || results.length === 0) internal('a scan without states or results');
  const axes = state.axes;
  const reading: AffineBody = {
    body,
    builder: new BodyBuilder('coefficients'),
    state: axes,
    known: new Map(),
  };
  for (const { name } of states) {
    const update = affineOf(reading, outputOf(body, `state:${name}`));
    if (isRefused(update)) return update;
  }
  if (others.length > 0) return { refused: `it has ${states.length} states, ${namesOf(states)}` };
  const update = outputOf(body, `state:${state.name}`);
  const after = affineOf(reading, update);
  if (isRefused(after)) return after;
  const read = readResults(
    reading,
    update,
    results.map((name) => outputOf(body, name)),
  );
  return isRefused(read) ? read : assemble(reading, state, after, update, read);
}

function namesOf(states: ScanAttrs['states']): string {
  return states.map(({ name }) => name).join(' and ');
}

function outputOf(body: Body, name: string): NodeId {
  return body.outputs[name] ?? internal(`a scan's body has no output '${name}'`);
}

function assemble(
  reading: AffineBody,
  state: NormalForm['state'],
  after: Affine,
  update: NodeId,
  read: Pick<NormalForm, 'readings' | 'results'>,
): NormalForm | Refused {
  const { builder } = reading;
  const key = keyAxes([...after.terms, ...read.readings.flatMap(({ terms }) => terms)]);
  if (isRefused(key)) return key;
  const whole = microStep(reading, after, key);
  const steps = microSteps(reading, update, key);
  const queries = read.readings.flatMap(({ terms }) => terms.flatMap(({ vector }) => vector ?? []));
  const decays = steps.map(({ decay }) => decay);
  const keys = [
    ...steps.flatMap(({ writes, corrections }) => [
      ...writes.map(({ k }) => k),
      ...corrections.map(({ a }) => a),
    ]),
    ...queries,
    ...decays,
  ];
  const rest = state.axes.filter(({ name }) => !hasAxis(key, name));
  const varies = (axis: Axis): boolean => keys.some((id) => axesAlong(builder, id, [axis]).length > 0);
  // Values of one element are no matrix: such axes are heads, however little goes along them.
  const isMatrix = rest.some((axis) => axis.size > 1 && !varies(axis));
  const head = isMatrix ? rest.filter(varies) : rest;
  const value = rest.filter(({ name }) => !hasAxis(head, name));
  const { readings, results } = read;
  const parts = { state, key, head, value, ...whole, steps, readings, results };
  const vector = decays.some((decay) => axesAlong(builder, decay, key).length > 0);
  return { ...parts, class: classOf(parts, vector), coefficients: builder.finish(outputsOf(results)) };
}

function outputsOf(results: readonly NodeId[]): Body['outputs'] {
  return Object.fromEntries(results.map((id, i) => [`result:${i}`, id]));
}

/** The axes that every sum over the state runs over; none if there is no such sum. */
function keyAxes(terms: readonly StateTerm[]): readonly Axis[] | Refused {
  const sums = terms.filter(({ vector }) => vector !== undefined).map(({ over }) => over);
  const [key = []] = sums;
  const other = sums.find(
    (over) => over.length !== key.length || over.some(({ name }) => !hasAxis(key, name)),
  );
  if (other === undefined) return key;
  const names = [key, other].map((axes) => axes.map(({ name }) => name).join(' and '));
  return { refused: `the state is summed over ${names.join(', and elsewhere over ')}` };
}

function classOf(
  { key, value, corrections }: Pick<NormalForm, 'key' | 'value' | 'corrections'>,
  vector: boolean,
): RecurrenceClass {
  if (corrections.length > 0) return 'Δ';
  if (key.length === 0 || value.length === 0) return 'D';
  return vector ? 'V' : 'S';
}
