// Recurrences of several states in words: each state for itself where they do not depend on each other, and what scales them.
import { BodyBuilder } from '../ir/build.ts';
import type { Body, ValueType } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import type { ScanAttrs } from '../ir/ops/scan.ts';
import { isRefused } from './affine.ts';
import { coupledForm } from './coupled-form.ts';
import { describeOne, operandNames, type RecurrenceDescription } from './describe.ts';
import { formula } from './formula.ts';
import { splitStates } from './split-states.ts';

/** `names` says what the scan's operands are called. */
export function describeRecurrence(attrs: ScanAttrs, names: readonly string[]): RecurrenceDescription {
  const coupled = attrs.states.length > 1 ? coupledForm(attrs) : undefined;
  const isComplex = coupled !== undefined && !isRefused(coupled) && coupled.turns;
  const parts = isComplex ? undefined : partsOf(attrs, names);
  if (parts === undefined) return describePart(attrs, names);
  const told = parts.map(({ attrs: part, names: own }) => describePart(part, own));
  const classes = new Set(
    told.filter((_, i) => !isStabiliser(parts[i]?.attrs ?? attrs)).map((each) => each.class),
  );
  const [only = null] = classes;
  const reasons = told.map(({ reason }, i) => `${statesOf(parts[i]?.attrs ?? attrs)}: ${reason}`);
  return {
    form: told.flatMap(({ form }) => form),
    class: classes.size === 1 ? only : null,
    reason: [...new Set(reasons)].join('; '),
  };
}

function statesOf({ states }: ScanAttrs): string {
  return states.map(({ name }) => name).join(', ');
}

/** The recurrences that one of several states consists of, each once. */
function partsOf(
  attrs: ScanAttrs,
  names: readonly string[],
): readonly { readonly attrs: ScanAttrs; readonly names: readonly string[] }[] | undefined {
  const builder = new BodyBuilder('states');
  const inputs = names.map((name, index) =>
    builder.input(`operand:${index}`, { ...operandType(attrs.body, index), temporal: true }, { name }),
  );
  const split = splitStates(attrs, inputs, builder);
  if (split === undefined) return undefined;
  const body: Body = { name: 'states', nodes: builder.nodes, outputs: {} };
  const found = new Map<string, { readonly attrs: ScanAttrs; readonly names: readonly string[] }>();
  for (const { node, attrs: part } of split.parts) {
    const scan = builder.nodes[node] ?? internal('a part that is nowhere');
    if (!found.has(statesOf(part)))
      found.set(statesOf(part), { attrs: part, names: operandNames(body, scan) });
  }
  return [...found.values()];
}

function operandType({ nodes }: Body, index: number): ValueType {
  const node = nodes.find((each) => each.op === 'input' && each.attrs['name'] === `operand:${index}`);
  return node?.type ?? { dtype: 'f32', axes: [], temporal: false };
}

function isStabiliser({ states, stabiliser }: ScanAttrs): boolean {
  return stabiliser !== undefined && states.length === 1 && states[0]?.name === stabiliser;
}

function describePart(attrs: ScanAttrs, names: readonly string[]): RecurrenceDescription {
  const { stabiliser, body } = attrs;
  if (stabiliser === undefined) return describeOne(attrs, names);
  if (isStabiliser(attrs)) {
    const update = body.outputs[`state:${stabiliser}`] ?? internal('a stabiliser without an update');
    return {
      form: [`${stabiliser} ← ${formula(body, update, names)}`],
      class: null,
      reason: `the stabiliser, the greatest exponent of all terms; position by position`,
    };
  }
  const { reason, ...rest } = describeOne(attrs, names);
  return { ...rest, reason: `${reason}, kept divided by exp(${stabiliser})` };
}
