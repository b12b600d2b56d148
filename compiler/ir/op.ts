// What an op's record says. The table of records is ops/index.ts; attributes mention no op, so the node union can be derived from it.
import type { Axis, Body, ValueType } from './graph.ts';
import type { History } from './history.ts';

/** Attributes of any op, as a node holds them. */
export type AnyAttrs = Readonly<Record<string, unknown>>;

/** Attributes of an op that has none. */
export type NoAttrs = Readonly<Record<string, never>>;

/** A node without its surroundings: all that its meaning depends on. */
export interface Signature<Attrs> {
  readonly inputs: readonly ValueType[];
  readonly attrs: Attrs;
  readonly type: ValueType;
}

interface RecordOf<Attrs> {
  /** The value's type, or a throw with "internal:" (users' mistakes are reported before, by the checker). */
  infer(inputs: readonly ValueType[], attrs: Attrs): ValueType;
  /** Floating-point operations for one position; `visible` positions are in sight (see `attend`). */
  flops(signature: Signature<Attrs>, visible: number): number;
  /** Small graphs that the attributes hold. */
  bodies?(attrs: Attrs): readonly Body[];
}

/** Values of `count` positions, position outermost, then the type's axes; not temporal values have one instance. */
export type Evaluate = (inputs: readonly Float64Array[], out: Float64Array, count: number) => void;

/** Where source nodes get their values. */
export interface Sources {
  readonly count: number;
  /** The index of the first position of this run. */
  readonly position: number;
  readonly tokens: Float64Array;
  /** [position, elements]; empty where the model is given tokens. */
  readonly features: Float64Array;
  input(name: string): Float64Array;
  weight(name: string): Float64Array;
  parameter(name: string): Float64Array;
}

export interface SourceOp<Attrs> extends RecordOf<Attrs> {
  readonly kind: 'source';
  read(attrs: Attrs, sources: Sources): Float64Array;
}

/** The same scalar function at every element. i32 inputs are converted to f32; bool inputs stay bool. */
export interface MapOp<Attrs = NoAttrs> extends RecordOf<Attrs> {
  readonly kind: 'map';
  readonly arity: 1 | 2 | 3;
  /** The reference meaning in f64; bools are 0 and 1. */
  readonly evaluate: (a: number, b: number, c: number) => number;
  /** A WGSL expression of the arguments, which are f32 (or bool) expressions that may be repeated only where they are names. */
  readonly wgsl: (args: readonly string[]) => string;
  /** Whole WGSL functions that the expression calls, to be printed once per kernel. */
  readonly helpers: readonly string[];
  /** Argument tuples at which a kernel test compares WGSL with `evaluate`. */
  readonly samples: readonly (readonly number[])[];
}

/** Ops that combine all elements along some axes. */
export interface ReduceOp<Attrs> extends RecordOf<Attrs> {
  readonly kind: 'reduce';
  prepare(signature: Signature<Attrs>): Evaluate;
  /** What an empty reduction is, and an expression of two results combined, in f32. */
  readonly wgsl: { readonly start: string; readonly combine: (a: string, b: string) => string };
}

/** Ops that look at one position only. */
export interface PlainOp<Attrs> extends RecordOf<Attrs> {
  readonly kind: 'contract' | 'move' | 'gather' | 'choose' | 'rotate';
  /** Plans the indices once; the result evaluates any number of positions. */
  prepare(signature: Signature<Attrs>): Evaluate;
}

/** Functions of whole arrays, of values that do not change with time. */
export interface ArrayOp<Attrs> extends RecordOf<Attrs> {
  readonly kind: 'array';
  /** How its arrays lie. */
  callOf(signature: Pick<Signature<Attrs>, 'inputs' | 'attrs'>): {
    readonly rows: readonly Axis[];
    readonly inner: readonly Axis[];
    readonly sizes: Readonly<Record<string, number>>;
  };
  prepare(signature: Signature<Attrs>): Evaluate;
}

/** A temporal op remembers earlier positions of this input. */
export interface Remembered {
  readonly input: number;
  /** How many positions before the current one it reads; Infinity for all. */
  readonly positions: number;
  /** And always the first so many of the sequence. */
  readonly pinned: number;
}

/** Memory that belongs to the node itself, like a scan's states. */
export interface OwnState {
  readonly name: string;
  readonly count: number;
  readonly initial: number;
}

export interface TemporalRun {
  readonly count: number;
  readonly position: number;
  /** For each input that `remembers` names, by its index, every remembered position up to the end of this run. */
  readonly histories: readonly (History | undefined)[];
  /** The node's own states; the evaluation leaves them as they are after the run. */
  readonly states: readonly Float64Array[];
}

export type EvaluateTemporal = (inputs: readonly Float64Array[], out: Float64Array, run: TemporalRun) => void;

/**
 * Evaluates a body of a scan: given the `input` nodes' values by name, the outputs' values by name. The arrays returned are
 * overwritten by the next call.
 */
export type PrepareBody = (body: Body) => (inputs: ReadonlyMap<string, Float64Array>) => BodyValues;
export type BodyValues = Readonly<Record<string, Float64Array>>;

export interface TemporalOp<Attrs> extends RecordOf<Attrs> {
  readonly kind: 'temporal';
  remembers(signature: Signature<Attrs>): readonly Remembered[];
  states(attrs: Attrs): readonly OwnState[];
  /** Whether no position reads a later one. */
  causal(attrs: Attrs): boolean;
  prepare(signature: Signature<Attrs>, prepareBody: PrepareBody): EvaluateTemporal;
}

/** A record whose attributes' type is not known here; the node that names it has fitting ones by construction. */
export type AnyOp =
  | SourceOp<AnyAttrs>
  | MapOp<AnyAttrs>
  | ReduceOp<AnyAttrs>
  | PlainOp<AnyAttrs>
  | ArrayOp<AnyAttrs>
  | TemporalOp<AnyAttrs>;
