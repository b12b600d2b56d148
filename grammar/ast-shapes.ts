// Shapes: sums of products of axes, as weights and stored tensors have them.
import type { Expression } from './ast-expressions.ts';
import type { Name, Node } from './ast-node.ts';

/** A sum of products of axes: `q: heads * part + k: kv * part`. One term without a label is a plain product. */
export interface Shape extends Node {
  readonly kind: 'shape';
  readonly terms: readonly ShapeTerm[];
}
export interface ShapeTerm extends Node {
  readonly kind: 'shapeTerm';
  readonly label?: Name;
  readonly factors: readonly ShapeFactor[];
}
export type ShapeFactor = AxisFactor | SizeFactor | FilterFactor | GroupFactor;
export interface AxisFactor extends Node {
  readonly kind: 'axisFactor';
  readonly name: Name;
}
/** A bare number, only in stored shapes. */
export interface SizeFactor extends Node {
  readonly kind: 'sizeFactor';
  readonly size: number;
}
/** `taps(conv)`, `lag(n)`: a filter axis, with its orientation. Without a size in stored shapes: `taps`. */
export interface FilterFactor extends Node {
  readonly kind: 'filterFactor';
  readonly orientation: 'taps' | 'lag';
  readonly size?: Expression;
}
/** `(x + z)` inside a product, only in stored shapes. */
export interface GroupFactor extends Node {
  readonly kind: 'groupFactor';
  readonly shape: Shape;
}
