// Reads a recurrence's body as affine functions of its state, statement after statement.
import { axisNamed } from '../ir/axes.ts';
import type { BodyBuilder } from '../ir/build.ts';
import type { AnyNode, Axis, Body, NodeId } from '../ir/graph.ts';
import { internal } from '../ir/internal.ts';
import { isOp, nodeAt, recordOf } from '../ir/ops/index.ts';
import {
  addAffine,
  type Affine,
  isRefused,
  mapFactors,
  negateAffine,
  type Refused,
  sumAffine,
} from './affine.ts';
import { times } from './coefficients.ts';
import { sourceText } from './formula.ts';

export interface AffineBody {
  readonly body: Body;
  /** Where the coefficients are made. */
  readonly builder: BodyBuilder;
  readonly state: readonly Axis[];
  /** What is known of the body's nodes; whoever starts may say what a node is. */
  readonly known: Map<NodeId, Affine | Refused>;
}

/** What a node of the body is. */
export function affineOf(reading: AffineBody, id: NodeId): Affine | Refused {
  const known = reading.known.get(id);
  if (known !== undefined) return known;
  const node = nodeAt(reading.body.nodes, id);
  const found = node.op === 'input' ? sourceOf(reading, node) : computed(reading, node);
  reading.known.set(id, found);
  return found;
}

/** Whether a node reads the state, at either time. */
export function dependsOnState(reading: AffineBody, id: NodeId): boolean {
  const known = affineOf(reading, id);
  return isRefused(known) || known.terms.length > 0;
}

function sourceOf({ builder }: AffineBody, node: AnyNode): Affine {
  if (!String(node.attrs['name']).startsWith('state:'))
    return { terms: [], free: builder.addAny('input', [], node.attrs, node) };
  return { terms: [{ of: 'before', factor: builder.constant(1), over: [] }] };
}

function computed(reading: AffineBody, node: AnyNode): Affine | Refused {
  const inputs: Affine[] = [];
  for (const input of node.inputs) {
    const value = affineOf(reading, input);
    if (isRefused(value)) return value;
    inputs.push(value);
  }
  if (inputs.every(({ terms }) => terms.length === 0)) {
    const ids = inputs.map((input) => freeOf(reading, input));
    return { terms: [], free: reading.builder.addAny(node.op, ids, node.attrs, node) };
  }
  const rule = RULES[node.op];
  return rule === undefined
    ? {
        refused: `${quoted(node)} ${recordOf(node.op).kind === 'move' ? 'reads other elements of the state than its own' : 'is not affine in the state'}`,
      }
    : rule(reading, node, inputs);
}

/** What does not depend on the state, zero included. */
function freeOf({ builder }: AffineBody, { free }: Affine): NodeId {
  return free ?? builder.constant(0);
}

type Rule = (reading: AffineBody, node: AnyNode, inputs: readonly Affine[]) => Affine | Refused;

const RULES: Readonly<Record<string, Rule>> = {
  add: ({ builder }, _, inputs) => addAffine(builder, given(inputs, 0), given(inputs, 1)),
  sub: ({ builder }, _, inputs) =>
    addAffine(builder, given(inputs, 0), negateAffine(builder, given(inputs, 1))),
  neg: ({ builder }, _, inputs) => negateAffine(builder, given(inputs, 0)),
  mul: multiply,
  div: (reading, node, inputs) => {
    const [value, by] = [given(inputs, 0), given(inputs, 1)];
    if (by.terms.length > 0) return { refused: `${quoted(node)} divides by the state` };
    return mapFactors(value, (factor) => reading.builder.map('div', [factor, freeOf(reading, by)]));
  },
  where: choose,
  broadcast: (_reading, _node, inputs) => given(inputs, 0),
  sum: (reading, node, inputs) =>
    sumAffine(
      reading.builder,
      given(inputs, 0),
      reading.builder.constant(1),
      summed(reading, node),
      reading.state,
    ),
  contract: (reading, node, inputs) => {
    const [value, by] = ordered(inputs);
    if (by.terms.length > 0) return { refused: `${quoted(node)} multiplies the state with itself` };
    return sumAffine(reading.builder, value, freeOf(reading, by), summed(reading, node), reading.state);
  },
};

function given(inputs: readonly Affine[], index: number): Affine {
  return inputs[index] ?? internal(`an op without its input ${index}`);
}

/** The input that depends on the state first. */
function ordered(inputs: readonly Affine[]): readonly [Affine, Affine] {
  const [a, b] = [given(inputs, 0), given(inputs, 1)];
  return a.terms.length > 0 ? [a, b] : [b, a];
}

function multiply(reading: AffineBody, node: AnyNode, inputs: readonly Affine[]): Affine | Refused {
  const [value, by] = ordered(inputs);
  if (by.terms.length > 0) return { refused: `${quoted(node)} multiplies the state with itself` };
  return mapFactors(value, (factor) => times(reading.builder, freeOf(reading, by), factor));
}

/** A choice per position, as a reset is one: each side counts where it is chosen. */
function choose(reading: AffineBody, node: AnyNode, inputs: readonly Affine[]): Affine | Refused {
  const { builder } = reading;
  const condition = given(inputs, 0);
  if (condition.terms.length > 0) return { refused: `${quoted(node)} chooses by the state` };
  const [chosen, zero] = [freeOf(reading, condition), builder.constant(0)];
  const yes = mapFactors(given(inputs, 1), (factor) => builder.map('where', [chosen, factor, zero]));
  const no = mapFactors(given(inputs, 2), (factor) => builder.map('where', [chosen, zero, factor]));
  return addAffine(builder, yes, no);
}

/** The axes that a sum or contraction runs over, with their sizes. */
function summed({ body, state }: AffineBody, node: AnyNode): readonly Axis[] {
  const over = isOp(node, 'sum') || isOp(node, 'contract') ? node.attrs.over : [];
  const [input] = node.inputs;
  const axes = input === undefined ? state : nodeAt(body.nodes, input).type.axes;
  return over.map((name) => axisNamed(axes, name) ?? internal(`no axis ${name} to sum over`));
}

function quoted(node: AnyNode): string {
  return `'${sourceText(node) ?? node.op}'`;
}

/** Whether a node adds elements up, so that what it yields must be at hand before what follows can be computed. */
export function isSum(node: AnyNode): boolean {
  return ['reduce', 'contract'].includes(recordOf(node.op).kind);
}
