// A recurrence of one state in words: its normal form in the source's names, its class, and why it is of that class.
import { valueName } from '../fuse/facts.ts';
import type { AnyNode, Axis, Body, NodeId } from '../ir/graph.ts';
import { nodeAt } from '../ir/ops/index.ts';
import type { ScanAttrs } from '../ir/ops/scan.ts';
import { isRefused, type StateTerm } from './affine.ts';
import { axesAlong, constantOf } from './ask.ts';
import { type ComplexCoefficient, type ComplexForm, complexForm } from './complex-form.ts';
import { type CoupledForm, isCoupled, recurrenceForm } from './coupled-form.ts';
import { formula, sourceText } from './formula.ts';
import type { MicroStep } from './micro-steps.ts';
import type { NormalForm } from './normal-form.ts';

export interface RecurrenceDescription {
  /** `S ← decay ⊙ S + b (aᵀ S) + k vᵀ` and what each letter stands for; what prevents a normal form if there is none. */
  readonly form: readonly string[];
  /** `D`, `S`, `V` or `Δ`; null where the recurrence is not affine. */
  readonly class: string | null;
  readonly reason: string;
}

/** `names` says what the scan's operands are called. */
export function describeOne(attrs: ScanAttrs, names: readonly string[]): RecurrenceDescription {
  const form = recurrenceForm(attrs);
  if (isRefused(form)) return { form: [], class: null, reason: `no normal form: ${form.refused}` };
  if (isCoupled(form)) return describeCoupled(form, names);
  return { form: [equation(form), ...legend(form, names)], class: form.class, reason: reasonOf(form) };
}

function describeCoupled(form: CoupledForm, names: readonly string[]): RecurrenceDescription {
  const complex = complexForm(form);
  if (complex !== undefined) return describeComplex(complex, names);
  const { states, coefficients, matrix, added } = form;
  const say = (id: NodeId): string => formula(coefficients, id, names);
  const rows = states.map(({ name }, i) => {
    const terms = (matrix[i] ?? []).flatMap((factor, j) => {
      const other = states[j]?.name ?? '';
      if (factor === undefined) return [];
      const number = constantOf(coefficients, factor);
      if (number === 1) return [other];
      return [number === undefined ? `(${say(factor)}) ⊙ ${other}` : `${say(factor)}·${other}`];
    });
    const rest = added[i];
    return `${name} ← ${[...terms, ...(rest === undefined ? [] : [say(rest)])].join(' + ') || '0'}`;
  });
  const what = `the ${states.length} states of every element`;
  return { form: rows, class: form.class, reason: reasonOfStates(form, `${what} go by themselves`) };
}

/** The reason for the class of several states; `alone` says it of those whose elements go by themselves. */
function reasonOfStates({ class: name, key, head, value }: CoupledForm, alone: string): string {
  const roles = [role('head', head), role('key', key), role('value', value)].join(', ');
  const along = name === 'V' ? 'each key' : 'each head';
  return name === 'D' ? `${alone} (${roles})` : `a decay for ${along} and no correction (${roles})`;
}

function describeComplex(form: ComplexForm, names: readonly string[]): RecurrenceDescription {
  const { name, coefficients, decay, input } = form;
  const say = ({ re, im }: ComplexCoefficient): string => {
    const real = re === undefined ? [] : [formula(coefficients, re, names)];
    const imaginary = im === undefined ? [] : [`i·(${formula(coefficients, im, names)})`];
    return [...real, ...imaginary].join(' + ') || '0';
  };
  const whole = name.includes(' ') ? `(${name})` : name;
  return {
    form: [`${name} ← decay ⊙ ${whole} + x, complex`, `decay = ${say(decay)}`, `x = ${say(input)}`],
    class: form.class,
    reason: reasonOfStates(form, 'every complex element goes by itself'),
  };
}

/** What the operands of a scan are called: their names, the text that they are computed by, or that of what they are made from. */
export function operandNames(body: Body, scan: AnyNode): readonly string[] {
  return scan.inputs.map((input) => {
    const node = nodeAt(body.nodes, input);
    return node.name ?? sourceText(node) ?? valueName(body, input);
  });
}

/** The equation of each step, with indices where a letter stands for several things. */
function equation(form: NormalForm): string {
  const letters = lettersOf(form);
  const steps = form.steps.map((step) => equationOf(form, step, letters));
  const times = new Set(form.readings.flatMap((reading) => reading.terms.map(({ of }) => of)));
  const read = times.size === 0 ? 'not read' : `read ${[...times].toSorted().join(' and ')} the update`;
  return `${steps.join(', then ')}, ${read}`;
}

type Letters = Readonly<Record<'decay' | 'a' | 'b' | 'k' | 'v', (each: object) => string>>;

function equationOf(
  { state: { name }, coefficients }: NormalForm,
  step: MicroStep,
  { decay, a, b, k, v }: Letters,
): string {
  const number = constantOf(coefficients, step.decay);
  const terms = [
    ...(number === 0 ? [] : [number === 1 ? name : `${decay(step)} ⊙ ${name}`]),
    ...step.corrections.map((correction) => `${b(correction)} (${a(correction)}ᵀ ${name})`),
    ...step.writes.map((write) => `${k(write)} ${v(write)}ᵀ`),
  ];
  return `${name} ← ${terms.length === 0 ? '0' : terms.join(' + ')}`;
}

/** Says what each of several things is called by one letter. */
function numbered(name: string, all: readonly object[]): (each: object) => string {
  return (each) => letter(name, all.indexOf(each), all);
}

/** What the letters of all steps are called. */
function lettersOf(form: NormalForm): Letters {
  const decays = form.steps.filter((step) => isTold(form, step));
  const corrections = form.steps.flatMap((step) => step.corrections);
  const writes = form.steps.flatMap((step) => step.writes);
  return {
    decay: numbered('decay', decays),
    a: numbered('a', corrections),
    b: numbered('b', corrections),
    k: numbered('k', writes),
    v: numbered('v', writes),
  };
}

/** Whether a step's decay is a letter of its equation. */
function isTold({ coefficients }: NormalForm, { decay }: MicroStep): boolean {
  return ![0, 1].includes(constantOf(coefficients, decay) ?? NaN);
}

function letter(name: string, index: number, all: readonly unknown[]): string {
  return all.length === 1 ? name : `${name}${index + 1}`;
}

function legend(form: NormalForm, names: readonly string[]): readonly string[] {
  const { coefficients, readings, steps } = form;
  const letters = lettersOf(form);
  const say = (name: string, id: NodeId): string => `${name} = ${formula(coefficients, id, names)}`;
  const terms: readonly StateTerm[] = readings.flatMap((reading) => reading.terms);
  const queries = terms.flatMap(({ vector }) => vector ?? []);
  const told = steps.map((step) => [
    ...(isTold(form, step) ? [say(letters.decay(step), step.decay)] : []),
    ...step.corrections.flatMap((each) => [say(letters.a(each), each.a), say(letters.b(each), each.b)]),
    ...step.writes.flatMap((each) => [say(letters.k(each), each.k), say(letters.v(each), each.v)]),
  ]);
  return [...told.flat(), ...queries.map((id, i) => say(letter('q', i, queries), id))];
}

function reasonOf(form: NormalForm): string {
  const { key, head, value, coefficients, decay } = form;
  const roles = [role('head', head), role('key', key), role('value', value)].join(', ');
  const along = axesAlong(coefficients, decay, key).length > 0 ? 'each key' : 'each head';
  const which = constantOf(coefficients, decay) !== undefined ? 'a constant decay' : `a decay for ${along}`;
  switch (form.class) {
    case 'D':
      return `every element goes by itself (${roles})`;
    case 'S':
    case 'V':
      return `${which} and no correction (${roles})`;
    case 'Δ':
      return `${several(form)} of what the state holds, ${which} (${roles})`;
  }
}

function several({ steps }: NormalForm): string {
  const { length } = steps.flatMap(({ corrections }) => corrections);
  const corrections = length === 1 ? 'a correction' : `${length} corrections`;
  return steps.length === 1 ? corrections : `${steps.length} steps with ${corrections}`;
}

function role(name: string, axes: readonly Axis[]): string {
  return `${name}: ${axes.length === 0 ? 'none' : axes.map((axis) => axis.name).join(' × ')}`;
}
