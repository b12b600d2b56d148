// The typed graph: immutable dataflow over named-axis values, with time left implicit.
import type { Span } from '../../grammar/source.ts';

/** A named axis with its size. Two axes are the same axis when their names are; one body never holds one name with two sizes. */
export interface Axis {
  readonly name: string;
  readonly size: number;
}

export type ValueDtype = 'f32' | 'i32' | 'bool' | 'complex';

/**
 * What a value is: its axes, and whether it has one instance per position (`temporal`) or one for all.
 * The order of `axes` is the order in which the reference executor stores it (last fastest) and means nothing else.
 */
export interface ValueType {
  readonly dtype: ValueDtype;
  readonly axes: readonly Axis[];
  readonly temporal: boolean;
}

/** Index of a node in its body's `nodes`. */
export type NodeId = number;

/** What every node has; the ops' own attributes are typed in their records (compiler/ir/ops). */
export interface AnyNode {
  readonly id: NodeId;
  readonly op: string;
  readonly inputs: readonly NodeId[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly type: ValueType;
  /** The word the source uses for it, for kernels and reports: `dt`, `in_proj`. */
  readonly name?: string;
  /** The source text that caused it. */
  readonly span?: Span;
}

/**
 * One body: a letter's layer (its block applied to its mixers), or the embedding, or the head. Nodes are in topological order
 * and refer only to earlier ones. A body's parameters are its source nodes: `input` (stream and exposed values), `weight`,
 * `parameter` (per-layer constants). So every occurrence of a letter shares one body.
 */
export interface Body {
  readonly name: string;
  readonly nodes: readonly AnyNode[];
  /** `stream` (or `logits` for the head), and every exposed value that somebody reads. */
  readonly outputs: Readonly<Record<string, NodeId>>;
}

/** A value that another call produced: the call's index and the output's name. */
export interface ValueReference {
  readonly call: number;
  readonly output: string;
}

/** One occurrence of a body in the model. */
export interface BodyCall {
  readonly body: string;
  /** What a person calls it: `SSM`, `embed`, `head`. */
  readonly label: string;
  /** The layer's index, from 0; absent for embedding and head. */
  readonly layer?: number;
  /** The how-many-eth occurrence of its letter, from 0. */
  readonly site: number;
  /** For every `input` node, by its attrs.name. The node named `token` (i32, temporal) is the token ids and is not listed. */
  readonly inputs: Readonly<Record<string, ValueReference>>;
  /** For every `weight` node, by its attrs.name: the key in `Graph.weights`. */
  readonly weights: Readonly<Record<string, string>>;
  /** For every `parameter` node, by its attrs.name: its value in f64, row-major over the node's axes. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/**
 * Where a weight lies in the checkpoint: one strided view of one tensor. Every stored shape of the language (transposed, fused,
 * interleaved, permuted) is such a view.
 */
export interface TensorView {
  /** Names to look for, the first that is there wins; `a + b` is two tensors, one after the other along their first dimension. */
  readonly tensors: readonly string[];
  /** The stored shape the tensor must have. */
  readonly shape: readonly number[];
  /** Elements before the first one of this weight. */
  readonly offset: number;
  /** For each axis of the weight, in its order: elements from one index to the next. */
  readonly strides: readonly number[];
}

/** How a weight lies in a checkpoint. */
export interface WeightLayout {
  /** One view; or one for each index of the axis `each`, which is then absent from the views' strides. */
  readonly views: readonly TensorView[];
  readonly each?: string;
  /** What is done to each element when it is loaded: the names of unary map ops, applied in order (`-exp(it)` is ['exp', 'neg']). */
  readonly fold: readonly string[];
}

export interface GraphWeight extends WeightLayout {
  /** Unique in the model and stable: `layers.0.SSM.in_proj`. */
  readonly id: string;
  readonly axes: readonly Axis[];
  /** `f32` where the source pins it (`in f32`); otherwise it follows the compile option. */
  readonly pinned: boolean;
  /** Taken where the file has the tensors of this layout and not those of the first. */
  readonly otherwise?: WeightLayout;
  readonly optional: boolean;
  readonly span?: Span;
}

/** What a model is given at each position instead of a token: f32 values. */
export interface GraphFeatures {
  /** The source's word for them. */
  readonly name: string;
  readonly axes: readonly Axis[];
}

/** A value that the model gives. */
export interface GraphOutput {
  readonly name: string;
  readonly from: ValueReference;
  /** One for each position; or one for the sequence, which is the value at its last position. */
  readonly per: 'position' | 'sequence';
}

/** A whole model: bodies, the calls that run them in order, and the weights. Made only by `lower` and `fuse`. */
export interface Graph {
  readonly name: string;
  /** 0 where the model is given features. */
  readonly vocab: number;
  readonly features?: GraphFeatures;
  readonly width: number;
  /** Positions a sequence may have, where the source or the config says so. */
  readonly context?: number;
  /** Learned positions in front of every sequence, which run before its first token; 0 unless said. */
  readonly prefix?: number;
  readonly bodies: Readonly<Record<string, Body>>;
  /** In order: the embedding, the layers, outputs, the head. */
  readonly calls: readonly BodyCall[];
  /** What it gives, where that is not just the `logits` of the last call. */
  readonly outputs?: readonly GraphOutput[];
  readonly weights: Readonly<Record<string, GraphWeight>>;
  /** Tensor names (patterns with * for any run of characters) that the file may hold and the model does not read. */
  readonly ignored: readonly string[];
}

/** What the model gives, logits included. */
export function outputsOf({ outputs, calls }: Pick<Graph, 'outputs' | 'calls'>): readonly GraphOutput[] {
  return outputs ?? [{ name: 'logits', from: { call: calls.length - 1, output: 'logits' }, per: 'position' }];
}

/** Whether sequences of the graph go on by tokens that are drawn from its logits. */
export function hasLogits(graph: Pick<Graph, 'outputs' | 'vocab'>): boolean {
  return (
    graph.vocab > 0 && (graph.outputs === undefined || graph.outputs.some(({ name }) => name === 'logits'))
  );
}

/** The number of elements one position of the value has. */
export function elementCount(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => product * axis.size, 1);
}

/** The weight as files with its other layout have it, if it has one. */
export function inOtherLayout({
  id,
  axes,
  pinned,
  optional,
  otherwise,
}: GraphWeight): GraphWeight | undefined {
  return otherwise === undefined ? undefined : { id, axes, pinned, optional, ...otherwise };
}
