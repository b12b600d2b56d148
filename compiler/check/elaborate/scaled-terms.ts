// Takes the update of a state apart into terms with the exponents of their exp(…) factors, and builds it again with others.
import type { Span } from '../../../grammar/source.ts';
import { hasAxis } from '../../ir/axes.ts';
import type { AnyNode, Axis } from '../../ir/graph.ts';
import type { Frame, ScanContext } from './context.ts';
import { emit } from './emit.ts';
import { failed, typeOf, type Failed, type TensorValue } from './value.ts';

export type Tensor = TensorValue | Failed;

/** What a term's place is taken by. `exponent` is the sum of its exp(…) factors' arguments; absent where it has none. */
export type Scale = (exponent: TensorValue | undefined, ofState: boolean, span: Span) => Tensor;

/** An update while it is walked over. */
export interface Update {
  readonly frame: Frame;
  /** The scan's body as it was written. */
  readonly written: ScanContext;
  /** What the states assigned so far are, by the number of the assignment. */
  readonly assigned: readonly TensorValue[];
  /** The axes of the stabiliser. */
  readonly axes: readonly Axis[];
  readonly scale: Scale;
  /** A state as the new body reads it. */
  readonly state: (node: AnyNode) => Tensor;
  readonly refuse: (span: Span, why: string) => Failed;
}

/** A product: exp(exponents) · plain · carrier, where only the carrier depends on a state. */
interface Product {
  readonly exponents: readonly TensorValue[];
  readonly plain: readonly Tensor[];
  readonly carrier?: TensorValue;
}

/** The value times exp(`exponent`), with every term's exp(…) factors and its state replaced as `scale` says. */
export function scaled(update: Update, given: TensorValue, exponent?: TensorValue): Tensor {
  const value = outermost(update, given);
  const node = nodeOf(value);
  const [a, b] = node.inputs.map((input): TensorValue => ({ ...value, node: input }));
  if (!isOfState(update, value)) return scaledProduct(update, value, exponent);
  if (node.op === 'input') return scaledSource(update, node, exponent);
  switch (node.op) {
    case 'add':
    case 'sub':
      return map(update, node, [scaledInput(update, a, exponent), scaledInput(update, b, exponent)]);
    case 'mul':
    case 'div':
    case 'neg':
      return scaledProduct(update, value, exponent);
    case 'where':
      return scaledChoice(update, value, exponent);
    case 'sum':
    case 'contract':
      return scaledSum(update, value, exponent);
    default:
      return update.refuse(spanOf(node), `here a state does not only enter in sums of products`);
  }
}

function scaledInput(update: Update, value: TensorValue | undefined, exponent?: TensorValue): Tensor {
  return value === undefined ? failed : scaled(update, value, exponent);
}

/** A state, or what one was assigned before; the stabiliser has no place in an update. */
function scaledSource(update: Update, node: AnyNode, exponent?: TensorValue): Tensor {
  const [kind, name] = String(node.attrs['name']).split(':');
  if (kind === 'assigned') return scaledInput(update, update.assigned[Number(name)], exponent);
  const state = update.state(node);
  if (state.kind === 'failed') return update.refuse(spanOf(node), `the update of a state reads it`);
  return map(update, node, [update.scale(exponent, true, spanOf(node)), state], 'mul');
}

function scaledProduct(update: Update, value: TensorValue, exponent?: TensorValue): Tensor {
  const product = productOf(update, value);
  if (product === undefined) return failed;
  const node = nodeOf(value);
  const { exponents, plain, carrier } = product;
  if (carrier === undefined && plain.length === 1 && plain.every(isZero)) return value;
  const all = exponent === undefined ? exponents : [exponent, ...exponents];
  const total = all.reduce<Tensor | undefined>(
    (sum, each) => (sum === undefined ? each : map(update, node, [sum, each], 'add')),
    undefined,
  );
  if (total?.kind === 'failed') return failed;
  const inner =
    carrier === undefined ? update.scale(total, false, spanOf(node)) : scaled(update, carrier, total);
  return plain.reduce<Tensor>((whole, factor, i) => {
    const made = map(update, node, [whole, factor], 'mul');
    if (i < plain.length - 1) nameProduct(made, whole, factor);
    return made;
  }, inner);
}

/** What a part of a term is called, for people: `take_k`. */
function nameProduct(made: Tensor, ...factors: readonly Tensor[]): void {
  const names = factors.map((each) => (each.kind === 'failed' ? undefined : nodeOf(each).name));
  if (made.kind === 'tensor' && names.every((name) => name !== undefined))
    made.graph.name(made.node, names.join('_'));
}

function isZero(value: Tensor): boolean {
  if (value.kind === 'failed') return false;
  const { op, attrs } = nodeOf(value);
  return op === 'constant' && attrs['value'] === 0;
}

function productOf(update: Update, given: TensorValue): Product | undefined {
  const value = outermost(update, given);
  const node = nodeOf(value);
  const inputs = node.inputs.map((input): TensorValue => ({ ...value, node: input }));
  const [a] = inputs;
  if (a !== undefined && node.op === 'exp') {
    const exponent = outermost(update, a);
    if (!isOfState(update, exponent)) return { exponents: [exponent], plain: [] };
    update.refuse(spanOf(node), 'here an exponent is made from it or from a state');
    return undefined;
  }
  if (a === undefined || !['mul', 'div', 'neg'].includes(node.op))
    return isOfState(update, value)
      ? { exponents: [], plain: [], carrier: value }
      : { exponents: [], plain: [value] };
  const [first, second = { exponents: [], plain: [] }] = inputs.map((input) => productOf(update, input));
  if (first === undefined || second === undefined) return undefined;
  return joined(update, node, first, second);
}

function joined(update: Update, node: AnyNode, first: Product, second: Product): Product | undefined {
  const span = spanOf(node);
  if (second.carrier !== undefined && (node.op === 'div' || first.carrier !== undefined)) {
    update.refuse(span, node.op === 'div' ? 'here is a division by a state' : 'here states are multiplied');
    return undefined;
  }
  const exponents =
    node.op === 'div' ? second.exponents.map((each) => map(update, node, [each], 'neg')) : second.exponents;
  const plain =
    node.op === 'div' ? second.plain.map((each) => map(update, node, [each], 'recip')) : second.plain;
  const sign = node.op === 'neg' ? [minusOne(update, node)] : [];
  const carrier = first.carrier ?? second.carrier;
  return {
    exponents: [...first.exponents, ...exponents.filter((each) => each.kind !== 'failed')],
    plain: [...first.plain, ...plain, ...sign],
    ...(carrier === undefined ? {} : { carrier }),
  };
}

function minusOne({ frame }: Update, node: AnyNode): Tensor {
  return emit(frame, { op: 'constant', inputs: [], attrs: { value: -1 }, span: spanOf(node) });
}

/** A choice per position: each side is scaled by itself. */
function scaledChoice(update: Update, value: TensorValue, exponent?: TensorValue): Tensor {
  const node = nodeOf(value);
  const [condition, yes, no] = node.inputs.map((input): TensorValue =>
    outermost(update, { ...value, node: input }),
  );
  if (condition === undefined || isOfState(update, condition))
    return update.refuse(spanOf(node), 'here is a choice by a state');
  return map(update, node, [
    condition,
    scaledInput(update, yes, exponent),
    scaledInput(update, no, exponent),
  ]);
}

/** A sum over axes that neither the stabiliser nor what the sum is multiplied by has. */
function scaledSum(update: Update, value: TensorValue, exponent?: TensorValue): Tensor {
  const node = nodeOf(value);
  const over = node.attrs['over'] as readonly string[]; // Sums and contractions name their axes so.
  const span = spanOf(node);
  if (over.some((name) => hasAxis(update.axes, name)))
    return update.refuse(span, 'here is a sum over one of its axes');
  if (exponent !== undefined && over.some((name) => hasAxis(typeOf(exponent).axes, name)))
    return update.refuse(span, 'what this sum is multiplied by varies along its axes');
  const inputs = node.inputs.map((input): TensorValue => outermost(update, { ...value, node: input }));
  const [data, ...others] = inputs.toSorted(
    (a, b) => Number(isOfState(update, b)) - Number(isOfState(update, a)),
  );
  if (others.some((other) => isOfState(update, other)))
    return update.refuse(span, 'here states are multiplied');
  return map(update, node, [scaledInput(update, data, exponent), ...others]);
}

/** Another node of the same op, or of `op` where that is said. */
function map({ frame }: Update, node: AnyNode, values: readonly Tensor[], op?: string): Tensor {
  const inputs = values.flatMap((value) => (value.kind === 'failed' ? [] : [value]));
  if (inputs.length < values.length) return failed;
  return emit(frame, {
    op: op ?? node.op,
    inputs,
    attrs: op === undefined ? node.attrs : {},
    span: spanOf(node),
  });
}

/** The value outside of the scan, where it is an operand of it. */
export function outermost({ written }: Pick<Update, 'written'>, value: TensorValue): TensorValue {
  const node = nodeOf(value);
  const operand =
    value.graph === written.graph && node.op === 'input'
      ? /^operand:(\d+)$/.exec(String(node.attrs['name']))
      : null;
  return operand === null ? value : (written.operands[Number(operand[1])] ?? value);
}

/** Whether a value of the written body is made from a state or the stabiliser. */
function isOfState({ written }: Update, value: TensorValue): boolean {
  return value.graph === written.graph && nodeOf(value).op !== 'constant';
}

export function nodeOf(value: TensorValue): AnyNode {
  const node = value.graph.nodes[value.node];
  if (node === undefined) throw new Error('internal: a value refers to a node that is not there');
  return node;
}

function spanOf(node: AnyNode): Span {
  if (node.span === undefined) throw new Error('internal: a value of a scan without its place');
  return node.span;
}
