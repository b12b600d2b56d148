// The checked model: a proof that `check` found no mistake, with everything that the graph is assembled from.
import type { Body, BodyCall } from '../ir/graph.ts';
import type { MappedWeight, WeightRequest } from './weight-request.ts';

declare const checked: unique symbol;

export interface Model {
  /** Only `check` makes a model. */
  readonly [checked]: true;
  readonly name: string;
  readonly vocab: number;
  readonly width: number;
  readonly context?: number;
  /** Learned positions in front of every sequence. */
  readonly prefix?: number;
  /** One for the embedding, one for each letter, one for the head. */
  readonly bodies: Readonly<Record<string, Body>>;
  readonly calls: readonly BodyCall[];
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
