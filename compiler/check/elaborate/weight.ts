// A weight as a body declares it, before it is known which layers use it.
import type { Span } from '../../../grammar/source.ts';
import type { WeightRole } from '../weight-request.ts';
import type { Scope } from './scope.ts';
import type { CheckedAxis } from './value.ts';

/** Whose a weight is: which declaration, under which path, shared by which occurrences. */
export interface Owner {
  readonly scope: 'mixer' | 'block' | 'model';
  readonly letter?: string;
  readonly shared: boolean;
  readonly path: readonly string[];
  /** The axes that a part was multiplied by. */
  readonly per: readonly CheckedAxis[];
  /** Put before the names of weight nodes, so that letters used inside others keep theirs apart. */
  readonly prefix: string;
  /** Set where another weight of the body has the same path, so that the model's name for it has the owner's kind too. */
  readonly apart?: boolean;
}

export interface WeightDeclaration {
  readonly name: string;
  readonly owner: Owner;
  readonly role: WeightRole;
  readonly per: readonly CheckedAxis[];
  readonly inputs: readonly CheckedAxis[];
  /** The terms of the right side; one without a label where it is a plain product. */
  readonly terms: readonly Term[];
  /** Whether the weight is a map, and so something to be called. */
  readonly map: boolean;
  readonly bias: boolean;
  readonly perSite: boolean;
  readonly pinned: boolean;
  /** Whether it is two tensors, of its real and of its imaginary parts. */
  readonly complex: boolean;
  readonly span: Span;
  /** Where the weight was declared: what may be said in a stored shape. */
  readonly scope: Scope;
  /** The words that the axes were written with, where a word stands for a product. */
  readonly written: ReadonlyMap<string, string>;
}

export interface Term {
  readonly label?: string;
  readonly axes: readonly CheckedAxis[];
}
