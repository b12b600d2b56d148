// Source ops: what a body is given.
import { checkAxes } from '../axes.ts';
import { elementCount, type Axis, type ValueType } from '../graph.ts';
import { internal } from '../internal.ts';
import type { NoAttrs, SourceOp } from '../op.ts';

export type InputAttrs = { readonly name: string; readonly type: ValueType };
export type WeightAttrs = { readonly name: string; readonly axes: readonly Axis[] };
export type ParameterAttrs = { readonly name: string; readonly axes: readonly Axis[] };
export type FeaturesAttrs = { readonly name: string; readonly axes: readonly Axis[] };
export type ConstantAttrs = { readonly value: number };
export type PlacesAttrs = { readonly axes: readonly Axis[] };

function fixed(axes: readonly Axis[]): ValueType {
  return { dtype: 'f32', axes: checkAxes(axes), temporal: false };
}

const perPosition: ValueType = { dtype: 'i32', axes: [], temporal: true };

/** The token id at each position. */
const token: SourceOp<NoAttrs> = {
  kind: 'source',
  infer: () => perPosition,
  flops: () => 0,
  read: (_attrs, sources) => sources.tokens,
};

/** The values that the model is given at each position, where it is given no tokens. */
const features: SourceOp<FeaturesAttrs> = {
  kind: 'source',
  infer: (_inputs, attrs) => ({ dtype: 'f32', axes: checkAxes(attrs.axes), temporal: true }),
  flops: () => 0,
  read: (_attrs, sources) => sources.features,
};

/** The stream or an exposed value of another call, or a scan body's operand or state. */
const input: SourceOp<InputAttrs> = {
  kind: 'source',
  infer: (_inputs, attrs) => (checkAxes(attrs.type.axes), attrs.type),
  flops: () => 0,
  read: (attrs, sources) => sources.input(attrs.name),
};

/** A weight of the layer, which the call names. */
const weight: SourceOp<WeightAttrs> = {
  kind: 'source',
  infer: (_inputs, attrs) => fixed(attrs.axes),
  flops: () => 0,
  read: (attrs, sources) => sources.weight(attrs.name),
};

/** A constant of the layer, which the call gives. */
const parameter: SourceOp<ParameterAttrs> = {
  kind: 'source',
  infer: (_inputs, attrs) => fixed(attrs.axes),
  flops: () => 0,
  read: (attrs, sources) => sources.parameter(attrs.name),
};

const constant: SourceOp<ConstantAttrs> = {
  kind: 'source',
  infer: (_inputs, attrs) => (Number.isNaN(attrs.value) ? internal('a constant is not a number') : fixed([])),
  flops: () => 0,
  read: (attrs) => Float64Array.of(attrs.value),
};

/** The place of each element on the axes, from 0; the last axis runs fastest. */
const places: SourceOp<PlacesAttrs> = {
  kind: 'source',
  infer: (_inputs, attrs) => fixed(attrs.axes),
  flops: () => 0,
  read: (attrs) => Float64Array.from({ length: elementCount(attrs.axes) }, (_, i) => i),
};

/** The index of the position in its sequence, from 0. */
const position: SourceOp<NoAttrs> = {
  kind: 'source',
  infer: () => perPosition,
  flops: () => 0,
  read: (_attrs, sources) => Float64Array.from({ length: sources.count }, (_, i) => sources.position + i),
};

export const sourceOps = { token, features, input, weight, parameter, constant, places, position };
