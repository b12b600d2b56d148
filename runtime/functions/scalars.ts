// What every scalar function means, in f64: for the reference executor, for values derived at load, and for folds of weights.
import { erf, floorMod, geluTanh, sigmoid, softplus } from './special.ts';

/** Truths are 0 and 1. Arguments that a function does not have are ignored. */
export type Scalar = (a: number, b: number, c: number) => number;

export const UNARY = {
  neg: (a) => -a,
  abs: (a) => Math.abs(a),
  exp: (a) => Math.exp(a),
  log: (a) => Math.log(a),
  sqrt: (a) => Math.sqrt(a),
  rsqrt: (a) => 1 / Math.sqrt(a),
  sin: (a) => Math.sin(a),
  cos: (a) => Math.cos(a),
  tanh: (a) => Math.tanh(a),
  sigmoid,
  silu: (a) => a * sigmoid(a),
  gelu: (a) => 0.5 * a * (1 + erf(a / Math.SQRT2)),
  gelu_tanh: geluTanh,
  relu: (a) => Math.max(a, 0),
  softplus,
  log_sigmoid: (a) => -softplus(-a),
  square: (a) => a * a,
  recip: (a) => 1 / a,
  erf,
  not: (a) => (a === 0 ? 1 : 0),
} as const satisfies Readonly<Record<string, (a: number) => number>>;

export const BINARY = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  mod: floorMod,
  atan2: (a, b) => Math.atan2(a, b),
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  gt: (a, b) => (a > b ? 1 : 0),
  ge: (a, b) => (a >= b ? 1 : 0),
  and: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
} as const satisfies Readonly<Record<string, (a: number, b: number) => number>>;

export const TERNARY = {
  where: (condition, a, b) => (condition === 0 ? b : a),
} as const satisfies Readonly<Record<string, Scalar>>;

/** How many arguments the function of a name takes; undefined where there is none. */
export function arityOf(name: string): 1 | 2 | 3 | undefined {
  if (Object.hasOwn(UNARY, name)) return 1;
  if (Object.hasOwn(BINARY, name)) return 2;
  return Object.hasOwn(TERNARY, name) ? 3 : undefined;
}

const ALL: Readonly<Record<string, Scalar>> = { ...UNARY, ...BINARY, ...TERNARY };

/** The function of a name, if there is one. */
export function scalarOf(name: string): Scalar | undefined {
  return Object.hasOwn(ALL, name) ? ALL[name] : undefined;
}
