// A recurrence in words: its normal form in the source's names, its class, and why it is of that class.
import { valueName } from '../fuse/facts.ts';
import type { AnyNode, Axis, Body, NodeId } from '../ir/graph.ts';
import { nodeAt } from '../ir/ops/index.ts';
import type { ScanAttrs } from '../ir/ops/scan.ts';
import { isRefused, type StateTerm } from './affine.ts';
import { axesAlong, constantOf } from './ask.ts';
import { formula, sourceText } from './formula.ts';
import { type NormalForm, normalForm } from './normal-form.ts';

export interface RecurrenceDescription {
  /** `S ← decay ⊙ S + b (aᵀ S) + k vᵀ` and what each letter stands for; what prevents a normal form if there is none. */
  readonly form: readonly string[];
  /** `D`, `S`, `V` or `Δ`; null where the recurrence is not affine. */
  readonly class: string | null;
  readonly reason: string;
}

/** `names` says what the scan's operands are called. */
export function describeRecurrence(attrs: ScanAttrs, names: readonly string[]): RecurrenceDescription {
  const form = normalForm(attrs);
  if (isRefused(form)) return { form: [], class: null, reason: `no normal form: ${form.refused}` };
  return { form: [equation(form), ...legend(form, names)], class: form.class, reason: reasonOf(form) };
}

/** What the operands of a scan are called: their names, the text that they are computed by, or that of what they are made from. */
export function operandNames(body: Body, scan: AnyNode): readonly string[] {
  return scan.inputs.map((input) => {
    const node = nodeAt(body.nodes, input);
    return node.name ?? sourceText(node) ?? valueName(body, input);
  });
}

/** The equation, with indices where a letter stands for several things. */
function equation({ state, coefficients, decay, corrections, writes, readings }: NormalForm): string {
  const { name } = state;
  const terms = [
    ...(constantOf(coefficients, decay) === 0
      ? []
      : [constantOf(coefficients, decay) === 1 ? name : `decay ⊙ ${name}`]),
    ...corrections.map((_, i) => `${letter('b', i, corrections)} (${letter('a', i, corrections)}ᵀ ${name})`),
    ...writes.map((_, i) => `${letter('k', i, writes)} ${letter('v', i, writes)}ᵀ`),
  ];
  const times = new Set(readings.flatMap((reading) => reading.terms.map(({ of }) => of)));
  const read = times.size === 0 ? 'not read' : `read ${[...times].toSorted().join(' and ')} the update`;
  return `${name} ← ${terms.length === 0 ? '0' : terms.join(' + ')}, ${read}`;
}

function letter(name: string, index: number, all: readonly unknown[]): string {
  return all.length === 1 ? name : `${name}${index + 1}`;
}

function legend(
  { coefficients, decay, corrections, writes, readings }: NormalForm,
  names: readonly string[],
): readonly string[] {
  const say = (name: string, id: NodeId): string => `${name} = ${formula(coefficients, id, names)}`;
  const plain = constantOf(coefficients, decay) === 0 || constantOf(coefficients, decay) === 1;
  const terms: readonly StateTerm[] = readings.flatMap((reading) => reading.terms);
  const queries = terms.flatMap(({ vector }) => vector ?? []);
  return [
    ...(plain ? [] : [say('decay', decay)]),
    ...corrections.flatMap(({ a, b }, i) => [
      say(letter('a', i, corrections), a),
      say(letter('b', i, corrections), b),
    ]),
    ...writes.flatMap(({ k, v }, i) => [say(letter('k', i, writes), k), say(letter('v', i, writes), v)]),
    ...queries.map((id, i) => say(letter('q', i, queries), id)),
  ];
}

function reasonOf(form: NormalForm): string {
  const { key, head, value, corrections, coefficients, decay } = form;
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
      return `${corrections.length === 1 ? 'a correction' : `${corrections.length} corrections`} of what the state holds, ${which} (${roles})`;
  }
}

function role(name: string, axes: readonly Axis[]): string {
  return `${name}: ${axes.length === 0 ? 'none' : axes.map((axis) => axis.name).join(' × ')}`;
}
