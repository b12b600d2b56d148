// What elaboration asks of the checkpoint mapping: one record for each weight of the model, and where it was found.
import type { Span } from '../../grammar/source.ts';
import type { TensorView, WeightLayout } from '../ir/graph.ts';

export type WeightRole = 'map' | 'filter' | 'norm' | 'plain';

export interface WeightAxis {
  readonly name: string;
  readonly size: number;
  readonly kind: 'plain' | 'taps' | 'lag';
  /** The name it was written as where one name stands for a product of axes (`axis channel = heads * part`). */
  readonly of?: string;
}

/** One term of a sum on the right of a weight's arrow: the output axes of that term alone, and their product. */
export interface WeightTerm {
  readonly label?: string;
  readonly axes: readonly string[];
  readonly size: number;
}

/** A weight of the model, as the source declares it. */
export interface WeightRequest {
  /** Unique in the model and stable: `layers.0.SSM.in_proj`; with terms and biases one for each. */
  readonly id: string;
  /** Absent at model level. For a shared letter: the layer of the first occurrence with these weights. */
  readonly layer?: number;
  /** Of a weight for one site of a shared letter: the layer where the letter's shared weights are. */
  readonly sharedLayer?: number;
  readonly letter?: string;
  /** The how-many-eth occurrence of the letter, from 0. */
  readonly site: number;
  readonly shared: boolean;
  readonly scope: 'mixer' | 'block' | 'model';
  /** Part names from the outside in, then the weight's own: `['ssm', 'in_proj']`. In a letter bound to a block, a mixer's weights begin with the block's parameter name. */
  readonly path: readonly string[];
  /** A weight whose right side is a sum is one request for each term. */
  readonly term?: { readonly label?: string; readonly index: number; readonly all: readonly WeightTerm[] };
  /** Which part of a complex weight this is; its term is then that part. */
  readonly part?: 're' | 'im';
  readonly role: WeightRole;
  /** Whether this is the bias of the weight of that path; its axes then lack the inputs (and a filter's taps or lag). */
  readonly bias: boolean;
  /** First the axes after `per`, then the inputs, then the outputs (of this term). A weight without an arrow has outputs only. */
  readonly axes: readonly WeightAxis[];
  /** How many of the axes are inputs. */
  readonly inputs: number;
  /** How many of the axes are outputs. */
  readonly outputs: number;
  /** Every axis name that could be said where the weight was declared, with the axes it stands for; for stored shapes. */
  readonly known?: ReadonlyMap<string, readonly { readonly name: string; readonly size: number }[]>;
  readonly span: Span;
}

/** Where a weight lies in the file; the fields mean what they mean in `GraphWeight`. */
export interface MappedWeight {
  readonly views: readonly TensorView[];
  readonly each?: string;
  readonly fold: readonly string[];
  readonly optional: boolean;
  readonly otherwise?: WeightLayout;
}

/** Every weight and part that the source declares, also those that no live expression uses: they may be named, and take no rows. */
export interface DeclaredWeight {
  readonly letter?: string;
  readonly scope: 'mixer' | 'block' | 'model';
  readonly path: readonly string[];
  /** Set where it is a part: a mixer inside, whose weights are declared once it is called. */
  readonly part?: true;
}
