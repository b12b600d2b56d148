// The form of a recurrence over one complex state, which is two real ones that a rotation and a decay couple: h ← decay ⊙ h + x.
import type { NodeId } from '../ir/graph.ts';
import type { CoupledForm } from './coupled-form.ts';

/** A part that is absent is zero. */
export interface ComplexCoefficient {
  readonly re: NodeId | undefined;
  readonly im: NodeId | undefined;
}

export interface ComplexForm extends CoupledForm {
  /** The state's name; of two that were written apart, `a + i·b`. */
  readonly name: string;
  readonly decay: ComplexCoefficient;
  readonly input: ComplexCoefficient;
}

/** The form, where the two states of a recurrence change as the parts of one complex number do. */
export function complexForm(form: CoupledForm): ComplexForm | undefined {
  const [re, im] = form.states;
  if (!form.turns || re === undefined || im === undefined) return undefined;
  const [first] = form.matrix;
  const [turn] = form.matrix[1] ?? [];
  const whole = /^(.*)\.re$/.exec(re.name)?.[1];
  const name = whole !== undefined && im.name === `${whole}.im` ? whole : `${re.name} + i·${im.name}`;
  const [x, y] = form.added;
  return { ...form, name, decay: { re: first?.[0], im: turn }, input: { re: x, im: y } };
}
