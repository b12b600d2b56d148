// The statements of mixers, blocks and functions.
import type { Expression } from './ast-expressions.ts';
import type { Name, Node, Text } from './ast-node.ts';
import type { Shape } from './ast-shapes.ts';

export type Statement =
  | AxisStatement
  | InputStatement
  | WeightStatement
  | PartStatement
  | ConstStatement
  | ExposeStatement
  | NormInstances
  | Assignment
  | Scan
  | For
  | If
  | RequireStatement
  | Return;

export type Dtype = 'f32' | 'f16' | 'bf16' | 'complex';

/** `axis channel = inner, n = state`: a number, a product of axes, or a filter axis. */
export interface AxisStatement extends Node {
  readonly kind: 'axis';
  readonly axes: readonly AxisBinding[];
}
export interface AxisBinding extends Node {
  readonly kind: 'axisBinding';
  readonly name: Name;
  readonly value: Expression;
}

/** `input memory : channel = none, keys : kv * key`. */
export interface InputStatement extends Node {
  readonly kind: 'input';
  readonly inputs: readonly InputBinding[];
}
export interface InputBinding extends Node {
  readonly kind: 'inputBinding';
  readonly name: Name;
  readonly shape: Shape;
  /** Only `none` has a meaning: the input may be absent. */
  readonly default?: Expression;
}

/** `weight q, k : per head, width -> heads * key, bias, per site in f32`. */
export interface WeightStatement extends Node {
  readonly kind: 'weight';
  readonly names: readonly Name[];
  /** The axes after a leading `per`. */
  readonly per: readonly Name[];
  /** The left of the arrow; absent for a weight that is no map. */
  readonly from?: Shape;
  readonly to: Shape;
  /** `bias`, or `bias: if qkv_bias` … the condition must be constant. */
  readonly bias?: Expression | true;
  readonly perSite: boolean;
  readonly dtype?: Dtype;
}

/** `part ssm = mamba_core(state: 16), f = of per expert`. */
export interface PartStatement extends Node {
  readonly kind: 'part';
  readonly parts: readonly PartBinding[];
}
export interface PartBinding extends Node {
  readonly kind: 'partBinding';
  readonly name: Name;
  readonly value: Expression;
  readonly per?: Name;
}

export interface ConstStatement extends Node {
  readonly kind: 'const';
  readonly names: readonly Name[];
  readonly value: Expression;
  readonly dtype?: Dtype;
}

/** `expose memory = y + D * x, k` (without a value: the local name). */
export interface ExposeStatement extends Node {
  readonly kind: 'expose';
  readonly exposed: readonly ExposeBinding[];
}
export interface ExposeBinding extends Node {
  readonly kind: 'exposeBinding';
  readonly name: Name;
  readonly value?: Expression;
}

/** `norm both : width + width, mid, before`: instances of the model's norm, each with its own weight. */
export interface NormInstances extends Node {
  readonly kind: 'norms';
  readonly norms: readonly NormInstance[];
}
export interface NormInstance extends Node {
  readonly kind: 'normInstance';
  readonly name: Name;
  readonly shape?: Shape;
}

/** `x, z = in_proj(u) in f32`. */
export interface Assignment extends Node {
  readonly kind: 'assignment';
  readonly names: readonly Name[];
  readonly value: Expression;
  readonly dtype?: Dtype;
}

/** `scan C[head, k, v] = 0, n[head, k] scaled by m[head] { … }`. */
export interface Scan extends Node {
  readonly kind: 'scan';
  readonly states: readonly ScanState[];
  readonly scaledBy?: ScanState;
  readonly dtype?: Dtype;
  readonly body: readonly Statement[];
}
export interface ScanState extends Node {
  readonly kind: 'scanState';
  readonly name: Name;
  readonly axes: readonly Name[];
  readonly initial?: Expression;
}

/** `for j in 0..n { … }`: unrolled; `to` is excluded. */
export interface For extends Node {
  readonly kind: 'for';
  readonly name: Name;
  readonly from: Expression;
  readonly to: Expression;
  readonly body: readonly Statement[];
}

/** `if rope != none { … } else { … }`: chosen at compile time. */
export interface If extends Node {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: readonly Statement[];
  readonly else?: readonly Statement[];
}

export interface Return extends Node {
  readonly kind: 'return';
  readonly value: Expression;
}

/**
 * `require config.hidden_act == "silu", "no activation but silu"`: what must be so, and what is said where it is not. What a model
 * only expects (`expect …`) is said as a warning.
 */
export interface RequireStatement extends Node {
  readonly kind: 'require';
  readonly isExpected: boolean;
  readonly condition: Expression;
  readonly message: Text;
}
