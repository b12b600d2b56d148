// The values that elaboration computes with: constants, axes, tensors, weights, and what can be called.
import type { Block, FunctionDeclaration, Mixer } from '../../../grammar/ast.ts';
import type { Span } from '../../../grammar/source.ts';
import type { Axis, NodeId, ValueType } from '../../ir/graph.ts';
import type { Constant } from '../constant.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { WeightDeclaration } from './weight.ts';

/** An axis as the checker knows it. `name` is unique in the body for its size; `label` is the user's word for it. */
export interface CheckedAxis extends Axis {
  readonly label: string;
  readonly kind: 'plain' | LagAxisKind;
}
/** Which way an axis of lags runs: `taps` from the oldest to the current position, `lag` from the current one back. */
export type LagAxisKind = 'taps' | 'lag';

export type Value =
  | Failed
  | ConstantValue
  | PerCallValue
  | TensorValue
  | ComplexValue
  | TupleValue
  | WeightValue
  | ModalValue
  | AxesValue
  | CallableValue;

/** Something was wrong and has been said: whatever is made from it is silent. */
export interface Failed {
  readonly kind: 'failed';
}
export const failed: Failed = { kind: 'failed' };

/** A constant, with what a message about it needs to know. */
export interface ConstantValue {
  readonly kind: 'constant';
  readonly value: Constant;
  /** Where the user wrote it, and the name that it was given. */
  readonly origin?: Origin;
  /** The name it was last read by: a number used where an axis is expected is an axis of this name. */
  readonly axisName?: string;
  /** The division that it came from, if that is how it was made. */
  readonly quotient?: Quotient;
}
export interface Origin {
  readonly span: Span;
  readonly name?: string;
}
export interface Quotient {
  readonly left: ConstantValue;
  readonly right: ConstantValue;
  readonly span: Span;
}

/** A constant that differs between the layers that share a body: one value for each of the body's calls. */
export interface PerCallValue {
  readonly kind: 'perCall';
  readonly values: readonly Constant[];
}

/** A node of a graph under construction. */
export interface TensorValue {
  readonly kind: 'tensor';
  readonly graph: GraphBuilder;
  readonly node: NodeId;
}

/** Two real values; either may lack axes along which it does not vary. */
export interface ComplexValue {
  readonly kind: 'complex';
  readonly re: TensorValue;
  readonly im: TensorValue;
}

/** The values of a sum of axes before they are unpacked. */
export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly TupleItem[];
}
export interface TupleItem {
  readonly value: TensorValue;
  /** The axes that the sum lays one after the other; the value's other axes are common to all items. */
  readonly axes: readonly CheckedAxis[];
}

/** A weight that is no map, as a value; `part` says which of its two tensors. */
export interface WeightValue {
  readonly kind: 'weight';
  readonly weight: WeightDeclaration;
}

/** A filter by its modes: its tap at lag i is Re Σ residue · pole^i, summed over some axes. */
export interface ModalValue {
  readonly kind: 'modal';
  readonly residues: TensorValue | ComplexValue;
  readonly poles: TensorValue | ComplexValue;
  /** The axes to sum over, where they were named. */
  readonly over?: readonly CheckedAxis[];
  readonly span: Span;
}

export interface AxesValue {
  readonly kind: 'axes';
  readonly axes: readonly CheckedAxis[];
}

export interface CallableValue {
  readonly kind: 'callable';
  readonly callable: Callable;
}

export type Callable =
  MapCallable | FunctionCallable | RecipeCallable | InstanceCallable | NormCallable | FailedCallable;

export interface FailedCallable {
  readonly kind: 'failed';
}
export interface MapCallable {
  readonly kind: 'map';
  readonly weight: WeightDeclaration;
}
export interface FunctionCallable {
  readonly kind: 'function';
  readonly declaration: FunctionDeclaration;
}
/** A mixer or a block with its arguments, not yet placed: every place that runs it has its own weights. */
export interface RecipeCallable {
  readonly kind: 'recipe';
  readonly declaration: Mixer | Block;
  readonly arguments: readonly BoundArgument[];
  /** Where it was written, for messages. */
  readonly span: Span;
  /** Set where the recipe is a letter's: its weights then belong to the letter. */
  readonly letter?: { readonly name: string; readonly shared: boolean };
}
/** A mixer in its place: calling it twice uses the same weights. */
export interface InstanceCallable {
  readonly kind: 'instance';
  readonly recipe: RecipeCallable;
  readonly segment: string;
  readonly per: readonly CheckedAxis[];
}
/** One instance of the model's norm. */
export interface NormCallable {
  readonly kind: 'norm';
  readonly weight: WeightDeclaration;
}

/** An argument, evaluated where it was written. */
export interface BoundArgument {
  readonly name?: string;
  readonly nameSpan?: Span;
  readonly span: Span;
  readonly bound: Bound;
}

/** What a name or an expression means in each of the three name spaces. */
export interface Bound {
  readonly value?: Value;
  readonly axes?: readonly CheckedAxis[];
  readonly callable?: Callable;
}

export function typeOf(value: TensorValue): ValueType {
  const node = value.graph.nodes[value.node];
  if (node === undefined) throw new Error('internal: a value refers to a node that is not there');
  return node.type;
}

export function constant(value: Constant, extra: Omit<ConstantValue, 'kind' | 'value'> = {}): ConstantValue {
  return { kind: 'constant', value, ...extra };
}
