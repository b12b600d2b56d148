// The form of a recurrence over several states of the same axes that read each other element by element: h ← A h + x, for each element.
import { hasAxis } from '../ir/axes.ts';
import { BodyBuilder } from '../ir/build.ts';
import { type Axis, type Body, elementCount, type NodeId } from '../ir/graph.ts';
import { type ScanAttrs, resultTypes } from '../ir/ops/scan.ts';
import { type Affine, isRefused, type Refused } from './affine.ts';
import { type AffineBody, affineOf, isSum } from './affine-body.ts';
import { axesAlong } from './ask.ts';
import { negated } from './coefficients.ts';
import { type NormalForm, normalForm, type RecurrenceClass } from './normal-form.ts';

export interface CoupledForm {
  readonly states: ScanAttrs['states'];
  readonly class: Exclude<RecurrenceClass, 'Δ'>;
  readonly key: readonly Axis[];
  readonly head: readonly Axis[];
  readonly value: readonly Axis[];
  /** The coefficients. Its sources are the scan's operands. */
  readonly coefficients: Body;
  /** By rows: what multiplies each old state in each new one. Absent where it is zero. */
  readonly matrix: readonly (readonly (NodeId | undefined)[])[];
  /** What is added to each state, if anything is. */
  readonly added: readonly (NodeId | undefined)[];
  /** Whether the matrix is a complex number's, (a, −b; b, a). */
  readonly turns: boolean;
  /** Elements of the results of one position. */
  readonly results: number;
}

/** The form of a recurrence of one state, or of several. */
export type RecurrenceForm = NormalForm | CoupledForm;

export function isCoupled(form: RecurrenceForm): form is CoupledForm {
  return 'matrix' in form;
}

export function recurrenceForm(attrs: ScanAttrs): RecurrenceForm | Refused {
  return attrs.states.length > 1 ? coupledForm(attrs) : normalForm(attrs);
}

/** The form, or what in the body prevents one. */
export function coupledForm(attrs: ScanAttrs): CoupledForm | Refused {
  const { states, body } = attrs;
  const names = states.map(({ name }) => name).join(' and ');
  const axes = states[0]?.axes ?? [];
  if (states.some((state) => !areSame(state.axes, axes)))
    return { refused: `it has ${states.length} states of different axes, ${names}` };
  const builder = new BodyBuilder('coefficients');
  const rows: (readonly (NodeId | undefined)[])[] = [];
  const added: (NodeId | undefined)[] = [];
  for (const { name } of states) {
    // What is added does not depend on which state counts; where all do, nothing is multiplied by zero.
    const whole = shareOf(body, builder, axes, name);
    if (isRefused(whole)) return whole;
    const shares = states.map((by) => shareOf(body, builder, axes, name, by.name));
    const refused = shares.find(isRefused);
    if (refused !== undefined) return refused;
    rows.push(shares.map((share) => (isRefused(share) ? undefined : share.terms[0]?.factor)));
    added.push(whole.free);
  }
  const turns = isComplex(builder, rows);
  const results = resultTypes(attrs).reduce((sum, type) => sum + elementCount(type.axes), 0);
  const roles = rolesOf(body, builder, axes, rows.flat());
  return { states, coefficients: builder.finish({}), matrix: rows, added, turns, results, ...roles };
}

function areSame(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every(({ name }) => hasAxis(b, name));
}

/** What of one state's new value comes from one state's old one, the others being zero, or from all. */
function shareOf(
  body: Body,
  builder: BodyBuilder,
  axes: readonly Axis[],
  of: string,
  by?: string,
): Affine | Refused {
  const reading: AffineBody = { body, builder, state: axes, known: new Map() };
  const zero: Affine = { terms: [] };
  const whole: Affine = { terms: [{ of: 'before', factor: builder.constant(1), over: [] }] };
  for (const { id, op, attrs } of body.nodes) {
    const source = String(attrs['name']);
    if (op === 'input' && source.startsWith('state:'))
      reading.known.set(id, by === undefined || source === `state:${by}` ? whole : zero);
  }
  const output = body.outputs[`state:${of}`];
  const share = output === undefined ? { refused: `${of} has no update` } : affineOf(reading, output);
  if (isRefused(share) || share.terms.every(({ vector }) => vector === undefined)) return share;
  return { refused: `${of} looks at sums over several states` };
}

function isComplex(builder: BodyBuilder, rows: readonly (readonly (NodeId | undefined)[])[]): boolean {
  const [[a, back] = [], [turn, d] = [], ...others] = rows;
  const opposite = turn === undefined ? undefined : negated(builder, turn);
  return others.length === 0 && rows.length === 2 && a === d && opposite === back;
}

function rolesOf(
  body: Body,
  builder: BodyBuilder,
  state: readonly Axis[],
  factors: readonly (NodeId | undefined)[],
): Pick<CoupledForm, 'class' | 'key' | 'head' | 'value'> {
  const summed = body.nodes.filter(isSum).flatMap(({ attrs }) => attrs['over'] as readonly string[]); // Sums name their axes so.
  const decay = factors.flatMap((id) => (id === undefined ? [] : axesAlong(builder, id, state)));
  const key = state.filter(({ name }) => summed.includes(name));
  const rest = state.filter(({ name }) => !hasAxis(key, name));
  // Values of one element are no matrix: such axes are heads, though the decay is the same along them.
  const isMatrix = rest.some(({ name, size }) => size > 1 && !hasAxis(decay, name));
  const head = isMatrix ? rest.filter(({ name }) => hasAxis(decay, name)) : rest;
  const value = rest.filter(({ name }) => !hasAxis(head, name));
  const alone = key.length === 0 || value.length === 0;
  const along = key.some(({ name }) => hasAxis(decay, name));
  return { class: alone ? 'D' : along ? 'V' : 'S', key, head, value };
}
