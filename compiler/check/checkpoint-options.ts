// What the checkpoint mapping is given beside the requests, and what it returns.
import type { ConstantScope } from './constant.ts';
import type { DeclaredWeight, MappedWeight } from './weight-request.ts';

export interface CheckpointOptions {
  /** Constants that patterns may use in braces: the model's params and settings. */
  readonly scope: ConstantScope;
  /** Every letter that is bound, whether the stripe uses it or not. */
  readonly letters: readonly string[];
  /** Every weight that is declared anywhere, also those that are not part of the model: naming one is no mistake. */
  readonly declared: readonly DeclaredWeight[];
}

export interface CheckpointMap {
  /** By the request's id. */
  readonly weights: ReadonlyMap<string, MappedWeight>;
  /** Tensor names (`*` for any run of characters) that the file may hold and the model does not read. */
  readonly ignored: readonly string[];
}
