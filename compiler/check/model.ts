// The checked model: a proof that `check` found no mistake, with everything that the graph is assembled from.
import type { Body, BodyCall, GraphFeatures, GraphOutput } from '../ir/graph.ts';
import type { MappedWeight, WeightRequest } from './weight-request.ts';

declare const checked: unique symbol;

export interface Model {
  /** Only `check` makes a model. */
  readonly [checked]: true;
  readonly name: string;
  /** 0 where the model is given features. */
  readonly vocab: number;
  readonly features?: GraphFeatures;
  readonly width: number;
  readonly context?: number;
  /** Learned positions in front of every sequence. */
  readonly prefix?: number;
  /** One for the embedding, one for each letter, for each output and for the head. */
  readonly bodies: Readonly<Record<string, Body>>;
  readonly calls: readonly BodyCall[];
  /** Where the model gives more than logits, or none. */
  readonly outputs?: readonly GraphOutput[];
  readonly weights: readonly ModelWeight[];
  readonly ignored: readonly string[];
  /** The letters of each layer, in order. */
  readonly layers: readonly (readonly string[])[];
}

export interface ModelWeight {
  readonly request: WeightRequest;
  readonly mapped: MappedWeight;
  readonly pinned: boolean;
}

/** Brands a model; called once, at the end of a check without errors. */
export function checkedModel(model: Omit<Model, typeof checked>): Model {
  // The brand exists for the type system alone.
  return model as Model;
}
