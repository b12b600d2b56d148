// The form of a recurrence over one complex state, which is two real ones that a rotation and a decay couple: h ← decay ⊙ h + x.
import { hasAxis } from '../ir/axes.ts';
import { BodyBuilder } from '../ir/build.ts';
import type { Axis, Body, NodeId } from '../ir/graph.ts';
import type { ScanAttrs } from '../ir/ops/scan.ts';
import { type Affine, isRefused } from './affine.ts';
import { type AffineBody, affineOf, isSum } from './affine-body.ts';
import { axesAlong } from './ask.ts';
import { negated } from './coefficients.ts';
import type { RecurrenceClass } from './normal-form.ts';

/** A part that is absent is zero. */
export interface ComplexCoefficient {
  readonly re: NodeId | undefined;
  readonly im: NodeId | undefined;
}

export interface ComplexForm {
  readonly name: string;
  readonly class: Exclude<RecurrenceClass, 'Δ'>;
  readonly key: readonly Axis[];
  readonly head: readonly Axis[];
  readonly value: readonly Axis[];
  readonly coefficients: Body;
  readonly decay: ComplexCoefficient;
  readonly input: ComplexCoefficient;
}

/** The form, where the two states of a recurrence are the parts of a complex one and change as one number does. */
export function complexForm({ states, body }: ScanAttrs): ComplexForm | undefined {
  const [re, im, ...others] = states;
  if (re === undefined || im === undefined || others.length > 0) return undefined;
  const name = /^(.*)\.re$/.exec(re.name)?.[1];
  if (name === undefined || im.name !== `${name}.im`) return undefined;
  const builder = new BodyBuilder('coefficients');
  const share = (of: string, by?: string): Affine | undefined =>
    shareOf({ body, builder, state: re.axes, known: new Map() }, of, by);
  const [reByRe, reByIm] = [share(re.name, re.name), share(re.name, im.name)];
  const [imByRe, imByIm] = [share(im.name, re.name), share(im.name, im.name)];
  if (reByRe === undefined || reByIm === undefined || imByRe === undefined || imByIm === undefined)
    return undefined;
  const [turn, back] = [factorOf(imByRe), factorOf(reByIm)];
  const opposite = turn === undefined ? undefined : negated(builder, turn);
  if (factorOf(reByRe) !== factorOf(imByIm) || opposite !== back) return undefined;
  const decay = { re: factorOf(reByRe), im: turn };
  // What is added does not depend on which state counts; where all do, nothing is multiplied by zero.
  const input = { re: share(re.name)?.free, im: share(im.name)?.free };
  return { name, coefficients: builder.finish({}), decay, input, ...rolesOf(body, builder, re.axes, decay) };
}

/** What of one state's new value comes from one state's old one, the others being zero, or from all; nothing where that looks at other elements. */
function shareOf(reading: AffineBody, of: string, by: string | undefined): Affine | undefined {
  const zero: Affine = { terms: [] };
  const whole: Affine = { terms: [{ of: 'before', factor: reading.builder.constant(1), over: [] }] };
  for (const { id, op, attrs } of reading.body.nodes) {
    const source = String(attrs['name']);
    if (op === 'input' && source.startsWith('state:'))
      reading.known.set(id, by === undefined || source === `state:${by}` ? whole : zero);
  }
  const output = reading.body.outputs[`state:${of}`];
  const share = output === undefined ? { refused: '' } : affineOf(reading, output);
  return isRefused(share) || share.terms.some(({ vector }) => vector !== undefined) ? undefined : share;
}

function factorOf({ terms }: Affine): NodeId | undefined {
  return terms[0]?.factor;
}

function rolesOf(
  body: Body,
  builder: BodyBuilder,
  state: readonly Axis[],
  { re, im }: ComplexCoefficient,
): Pick<ComplexForm, 'class' | 'key' | 'head' | 'value'> {
  const summed = body.nodes.filter(isSum).flatMap(({ attrs }) => attrs['over'] as readonly string[]); // Sums name their axes so.
  const decay = [re, im].flatMap((id) => (id === undefined ? [] : axesAlong(builder, id, state)));
  const key = state.filter(({ name }) => summed.includes(name));
  const head = state.filter(({ name }) => !hasAxis(key, name) && hasAxis(decay, name));
  const value = state.filter(({ name }) => !hasAxis(key, name) && !hasAxis(head, name));
  const alone = key.length === 0 || value.length === 0;
  const along = key.some(({ name }) => hasAxis(decay, name));
  return { class: alone ? 'D' : along ? 'V' : 'S', key, head, value };
}
